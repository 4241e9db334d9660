"""A training for fault tests: counts to `steps`, a second each, and saves after every one.

train.py RUN STEPS MEGABYTES OUTPUT. `lives/RUN.txt` tells when each process was alive (a line per
second), so that a test can see whether two ever ran at the same time; `stopped/RUN.txt` that
one was asked to stop. Where a file `pause` names a step, none goes on from it while that is there.
"""

import os
import signal
import sys
import time
from pathlib import Path


def write(path: Path, text: str) -> None:
    temporary = path.with_name(f"{path.name}.{os.getpid()}")
    temporary.write_text(text)
    temporary.rename(path)


def paused(step: int) -> bool:
    try:
        return step >= int(Path("pause").read_text())
    except FileNotFoundError:
        return False


def main(run: str, steps: int, megabytes: int, output: Path) -> None:
    work = Path("results/.work") / run
    lives = Path("lives") / f"{run}.txt"
    for folder in (work, lives.parent):
        folder.mkdir(parents=True, exist_ok=True)
    state = work / "state"

    def stop(_number: int, _frame: object) -> None:
        stopped = Path("stopped") / f"{run}.txt"
        stopped.parent.mkdir(exist_ok=True)
        write(stopped, "asked to stop\n")
        sys.exit(1)

    signal.signal(signal.SIGTERM, stop)
    ballast = b"x" * (megabytes << 20)
    done = int(state.read_text()) if state.exists() else 0
    while done < steps:
        with lives.open("a") as file:
            file.write(f"{os.getpid()} {time.time():.1f} {done}\n")
        time.sleep(1)
        done += 1
        write(state, str(done))
        while paused(done):
            time.sleep(0.1)
    write(output, f"{run} {done} steps, {len(ballast) >> 20} MB\n")


main(sys.argv[1], int(sys.argv[2]), int(sys.argv[3]), Path(sys.argv[4]))
