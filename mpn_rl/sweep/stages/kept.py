"""What other blocks and shorter runs of a sweep have kept, for a training that can begin with it.

A seed's result does not depend on its block, and a longer training passes through the state in
which a shorter one has ended, unless its schedules depend on the length. Files are copied, and then
read as those of an interrupted training are: what does not fit is not taken.
"""

import logging
import shutil
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from mpn_rl.artifacts.files import atomic_path
from mpn_rl.artifacts.training_state import key_in

log = logging.getLogger(__name__)

_LENGTHS = ("num_steps", "num_episodes")


def adopt_result(path: Path, key: Mapping[str, Any]) -> None:
    """Copy to `path` the result of a seed that another block of its run has trained, if one has.

    `path` is in the work folder of a block; `key` is what the result must have been written for.
    """
    if path.exists() or not _of_sweep(path):
        return
    for other in sorted(path.parents[1].glob(f"seeds_*/{path.name}")):
        if key_in(other) == key:
            _copy(other, path)
            return


def adopt_state(path: Path, key: Mapping[str, Any], wanted: Mapping[str, Any]) -> None:
    """Copy to `path` the kept state of the longest of the complete trainings that lead to this one.

    `key` is what the state must have been saved for, without the length; `wanted` are the run's
    hyper-parameters, with it.
    """
    if path.exists() or not _of_sweep(path):
        return
    found = [
        (length, other)
        for other in sorted(_states_of_seed(path))
        if (length := _length_of(other)) is not None
        and _leads_to(length, wanted)
        and key_in(other) == key
    ]
    if found:
        _, state = max(found, key=lambda each: [value or 0 for value in each[0]])
        _copy(state, path)
        log.info("begins where %s of %s ended", state.stem, state.parents[1].name)


def _of_sweep(path: Path) -> bool:
    return path.parent.name.startswith("seeds_") and path.parents[2].name == ".work"


def _states_of_seed(path: Path) -> Iterator[Path]:
    """States of this seed, in runs of the same task and core."""
    kind = path.parents[1].name.rpartition("_")[0]
    return path.parents[2].glob(f"{kind}_*/seeds_*/{path.name}")


def _length_of(state: Path) -> list[int | None] | None:
    """How long the training was that has ended in this state; None where it has not ended."""
    key = key_in(state.with_suffix(".result")) or {}
    hyperparameters = key.get("hyperparameters")
    if not isinstance(hyperparameters, dict):
        return None
    return [hyperparameters.get(name) for name in _LENGTHS]


def _leads_to(length: list[int | None], wanted: Mapping[str, Any]) -> bool:
    """Whether a training of this length is a beginning of the wanted one."""
    whole = [wanted[name] for name in _LENGTHS]
    return length != whole and all(
        (had is None) == (want is None) and (had or 0) <= (want or 0)
        for had, want in zip(length, whole, strict=True)
    )


def _copy(source: Path, target: Path) -> None:
    with atomic_path(target) as temporary:
        shutil.copyfile(source, temporary)
