"""What the driver costs per job: python -m tests.htcondor.scale 50 200 1000

Submits jobs that only touch their output, on a pool of its own, and prints a table. The jobs do
not start a Snakemake each, as real ones do: this is the price of driver, schedd and slots.
"""

import json
import sys
import tempfile
from datetime import datetime
from pathlib import Path

from tests.htcondor.pool import PROJECT, Pool, up

SNAKEFILE = """\
rule all:
    input:
        [f"out/{i}.txt" for i in range(int(config["count"]))],


rule trivial:
    output:
        "out/{i}.txt",
    shell:
        "touch {output}"
"""
# Stands for the Python that a job would start Snakemake with.
INSTANT_JOB = """\
#!/bin/sh
for word in "$@"; do case "$word" in trivial:i=*) touch "out/${word#trivial:i=}.txt";; esac; done
"""
DRIVER = """\
import json, resource, sys, time
from snakemake.cli import main
sys.executable = sys.argv.pop(1)
start = time.time()
try:
    main()
except SystemExit as end:
    code = end.code
used = resource.getrusage(resource.RUSAGE_SELF)
with open("cost.json", "w") as file:
    json.dump({"start": start, "wall": time.time() - start, "code": code,
               "cpu": used.ru_utime + used.ru_stime, "megabytes": used.ru_maxrss / 1024}, file)
"""
COLUMNS = ["jobs", "first submit", "all submitted", "per submit", "CPU per job", "wall", "MB"]


def measure(pool: Pool, jobs: int, limit: int) -> dict[str, float]:
    """Run a sweep of trivial jobs and return its costs in seconds (and megabytes)."""
    folder = pool.workspace(f"scale{jobs}")
    (folder / "out").mkdir(mode=0o777)
    (folder / "out").chmod(0o777)
    (folder / "Snakefile").write_text(SNAKEFILE)
    (folder / "driver.py").write_text(DRIVER)
    instant = folder / "instant.sh"
    instant.write_text(INSTANT_JOB)
    instant.chmod(0o755)
    command = ["python", "driver.py", str(instant), "--profile", str(PROJECT / "profiles/htcondor")]
    command += [
        "--retries",
        "0",
        "--quiet",
        "all",
        "--jobs",
        str(jobs),
        "--config",
        f"count={jobs}",
    ]
    result = pool.run(command, folder, seconds=limit)
    cost = json.loads((folder / "cost.json").read_text())
    if cost["code"]:
        raise RuntimeError(f"the sweep of {jobs} jobs failed:\n{result.stdout[-2000:]}")
    log = next(folder.glob(".condor_logs/*/snakemake-rules.log")).read_text()
    submits = [
        datetime.fromisoformat(" ".join(line.split()[2:4])).timestamp()
        for line in log.splitlines()
        if line.startswith("000 (")
    ]
    span = max(submits) - min(submits)
    return {
        "jobs": jobs,
        "first submit": min(submits) - cost["start"],
        "all submitted": span,
        "per submit": span / jobs,
        "CPU per job": cost["cpu"] / jobs,
        "wall": cost["wall"],
        "MB": cost["megabytes"],
    }


def main() -> None:
    """Print a table, a line per number of jobs given."""
    with tempfile.TemporaryDirectory() as folder:
        pool = up(Path(folder) / "pool", cpus=16, install=True)
        try:
            print("| " + " | ".join(COLUMNS) + " |\n|" + "---|" * len(COLUMNS))
            for jobs in map(int, sys.argv[1:]):
                cost = measure(pool, jobs, limit=60 + 2 * jobs)
                print("| " + " | ".join(f"{cost[name]:.3g}" for name in COLUMNS) + " |", flush=True)
        finally:
            pool.down()


if __name__ == "__main__":
    main()
