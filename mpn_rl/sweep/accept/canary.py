"""A tiny run of all stages by the old code and by the new: it refutes an equality in seconds.

It proves none: code that it does not reach, or reaches in another state, may still differ.
"""

import os
import subprocess
import sys
import tarfile
from collections.abc import Sequence
from io import BytesIO
from pathlib import Path
from typing import Any

from mpn_rl.artifacts.errors import ArtifactError
from mpn_rl.parameters.errors import ConfigError
from mpn_rl.parameters.hyperparameters import Hyperparameters
from mpn_rl.parameters.points import applicable, read_point, resolved, run_id
from mpn_rl.sweep.accept.compare import difference
from mpn_rl.sweep.cluster.submit_files import flags_of
from mpn_rl.sweep.layout import RULES, rule_of
from mpn_rl.tree import ROOT

SECONDS = 600
# Small, and yet every loop goes round twice: the replay's ring, rounds of validation and of
# evaluation, epochs, episodes; and training is cut off and goes on.
TINY: dict[str, Any] = {
    "hidden_dim": 8,
    "encoder_dim": 8,
    "num_steps": 1200,
    "num_episodes": None,
    "num_envs": 4,
    "batch_size": 8,
    "buffer_size": 600,
    "learning_starts": 100,
    "update_period": 16,
    "rollout_length": 16,
    "rollout_minibatches": 2,
    "validation_period": 400,
    "validation_episodes": 40,
}
FIRST_STEPS = 600
# `python -m mpn_rl` for each line, whichever module the commands of that version lie in.
PROGRAM = """
import runpy, sys
for line in sys.stdin.read().splitlines():
    sys.argv = ["mpn-rl", *line.split()]
    try:
        runpy.run_module("mpn_rl", run_name="__main__")
    except SystemExit as end:
        if end.code:
            print("canary:", line, "ended with", end.code, file=sys.stderr)
            raise
"""


def canary(
    points: Sequence[Hyperparameters], commits: set[str | None], folder: Path
) -> dict[int, str]:
    """Run the canaries of these runs with the code of the one commit and with that here.

    Index of a run -> where its files, which are written in `folder`, differ first. ArtifactError
    says why nothing could be compared.
    """
    if len(commits) > 1:
        raise ArtifactError("the records name several commits")
    (commit,), old_root = commits, folder / "old_code"
    _unpack(commit, old_root)
    lines = [line for number, point in enumerate(points) for line in _commands(number, point)]
    old, new = folder / "old", folder / "new"
    for place, root in ((old, old_root), (new, ROOT)):
        place.mkdir()
        problem = _run(lines, root, place)
        if problem is not None and place == old:
            raise ArtifactError(f"the code of {commit} could not run it: {problem}")
        if problem is not None:
            return dict.fromkeys(range(len(points)), f"the new code fails: {problem}")
    return all_differences(points, old, new)


def tiny(point: Hyperparameters) -> Hyperparameters:
    """A run that takes the same way through the code, in a second or two; it names everything."""
    from mpn_rl.tasks.build import filled_in  # imports gymnasium, which few need who import this

    point = filled_in(point)
    values = {name: value for name, value in vars(point).items() if name in applicable(vars(point))}
    small = {name: value for name, value in TINY.items() if name in values}
    if point.epsilon_schedule == "linear":
        small["epsilon_decay"] = 400
    if values.get("sequence_length") is not None:
        small["sequence_length"] = min(point.sequence_length or 8, 8)
        small["burn_in_length"] = min(point.burn_in_length, 4)
    if point.learning_rate_decay is not None:
        small["learning_rate_decay"] = 1200
    try:
        return read_point({**values, **small})
    except ConfigError:
        return point.model_copy(update={"num_steps": TINY["num_steps"], "num_episodes": None})


def _commands(number: int, point: Hyperparameters) -> list[str]:
    small = tiny(point)
    name = f"--experiment-name canary-{number}"
    first = small.model_copy(update={"num_steps": FIRST_STEPS})
    return [
        f"train {name} --seed 0 {' '.join(flags_of(first, resolved(first)))}",
        f"resume {name} --num-steps {small.num_steps}",
        f"eval {name} --num-eval-episodes 60",
        f"render {name}",
        f"analyze collect {name} --num-episodes 20",
        f"analyze plot {name}",
    ]


def _unpack(commit: str | None, target: Path) -> None:
    """Put the code of a commit into `target`; ArtifactError says why that cannot be done."""
    if commit is None:
        raise ArtifactError("the records name no commit")
    if commit.endswith("-dirty"):
        short = commit.removesuffix("-dirty")[:12]
        raise ArtifactError(f"the code was that of {short} with changes")
    command = ["git", "-C", str(ROOT), "archive", commit, "mpn_rl"]
    try:
        packed = subprocess.run(command, capture_output=True, timeout=60, check=True).stdout
    except (OSError, subprocess.SubprocessError):
        raise ArtifactError(f"commit {commit[:12]} is not at hand") from None
    target.mkdir()
    with tarfile.open(fileobj=BytesIO(packed)) as archive:
        archive.extractall(target, filter="data")


def _run(lines: Sequence[str], root: Path, folder: Path) -> str | None:
    """Run commands one after another in one process; the last line of what went wrong, or None."""
    # the rest of the path may hold a task of the user's own
    path = [str(root), *filter(None, [os.environ.get("PYTHONPATH")])]
    variables = {"OMP_NUM_THREADS": "1", "PYTHONSAFEPATH": "1", "PYTHONPATH": os.pathsep.join(path)}
    kept = {name: value for name, value in os.environ.items() if name != "MPN_RL_ASKED"}
    try:
        done = subprocess.run(
            [sys.executable, "-c", PROGRAM],
            input="\n".join(lines),
            text=True,
            cwd=folder,
            env={**kept, **variables},
            capture_output=True,
            timeout=SECONDS,
            check=False,
        )
    except subprocess.TimeoutExpired:
        return f"not done after {SECONDS} s"
    if done.returncode == 0:
        return None
    said = done.stderr.strip().splitlines() or [f"exit code {done.returncode}"]
    return said[-1]


def all_differences(points: Sequence[Hyperparameters], old: Path, new: Path) -> dict[int, str]:
    """Index of a run -> run, stage and field in which its canaries in two folders differ first.

    In the order of the stages, so that what differs is named and not what follows from it.
    """
    found = {}
    for number, point in enumerate(points):
        homes = [folder / "experiments" / f"canary-{number}" for folder in (old, new)]
        if (told := _first_difference(*homes)) is not None:
            found[number] = f"a run like {run_id(point)}: {told}"
    return found


def _first_difference(old: Path, new: Path) -> str | None:
    found = {path.relative_to(home) for home in (old, new) for path in home.rglob("*.*")}
    made = [(rule, file) for file in found if (rule := rule_of(file.as_posix())) is not None]
    for rule, file in sorted(made, key=lambda each: ([*RULES].index(each[0]), each[1])):
        makers = [name for name, home in (("old", old), ("new", new)) if (home / file).is_file()]
        # what is made beside a run's own files is not made by all versions
        if len(makers) == 1 and RULES[rule].per != "task setting":
            return f"{rule}: {file.name}: is made by the {makers[0]} code alone"
        if len(makers) == 2 and (told := difference(old / file, new / file)) is not None:
            return f"{rule}: {told}"
    return None
