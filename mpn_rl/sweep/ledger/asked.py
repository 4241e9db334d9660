"""What the driver of a sweep asked for when it began: code, config and digests.

A sweep goes on for hours while people go on editing. So its driver keeps a copy of the code and of
the config in `.snakemake/mpn-rl/`, and its jobs run these: on this machine and on a pool alike.
Where the copy cannot be seen, a job compares the code that it has with the digest that was asked.
"""

import json
import os
from collections.abc import Collection, Mapping, Sequence
from dataclasses import asdict, dataclass
from itertools import product
from pathlib import Path
from typing import Any

from mpn_rl.artifacts.files import atomic_write_text
from mpn_rl.errors import UserError
from mpn_rl.sweep.ledger.code.digests import NOTHING, Named, named_by, named_digest
from mpn_rl.sweep.ledger.code.modules import hashed
from mpn_rl.sweep.ledger.frozen import copy_code, copy_own, forget_old

MEASURE = "measure"  # the stage of analyses of the user's own
VARIABLE = "MPN_RL_ASKED"  # names the file, for the processes of a sweep's jobs
FOLDER = Path(".snakemake", "mpn-rl")
FORMAT = 1


@dataclass(frozen=True)
class Asked:
    """The config, merged; the folders that jobs import from before any other, the copy of the code
    first; what runs name, by their ids; and "stage task core learner recipe analysis" -> digest.
    """

    document: dict[str, Any]
    search: tuple[str, ...]
    runs: dict[str, Named]
    digests: dict[str, str]

    def digest(self, stage: str, run: str | None, analysis: str = "") -> str | None:
        """The digest asked for; None for a stage or run that was not asked for."""
        named = self.runs.get(run or "", NOTHING)._replace(analysis=analysis)
        return self.digests.get(_key(stage, named))


def ask(
    document: Mapping[str, Any],
    runs: Mapping[str, Named],
    stages: Mapping[str, bool],
    analyses: Collection[str] = (),
) -> Path:
    """Keep the code and config as they are for the jobs to come; the file that says so.

    `stages`: name -> whether its code depends on the run; `analyses`: those of the user's own, each
    run by the stage measure. Raises UserError if the code has been edited since this process began.
    """
    targets = {named_by(None, text).analysis for text in analyses}
    named = sorted(targets | {n for names in runs.values() for n in (names.task, names.core)})
    search = [str(copy) for copy in copy_own(FOLDER, named)]
    code = copy_code(FOLDER)
    digests = {
        _key(stage, names): named_digest(stage, names)
        for stage, by_run in stages.items()
        for names in {NOTHING, *runs.values()}
        if by_run == any(names) and stage != MEASURE
    }
    for names, target in product({*runs.values()}, targets):
        whole = names._replace(analysis=target)
        digests[_key(MEASURE, whole)] = named_digest(MEASURE, whole)
    folders = (str(code), *dict.fromkeys(search))
    asked = Asked(dict(document), folders, dict(runs), dict(sorted(digests.items())))
    # as the config has its keys: the order of a grid's is that of the runs
    text = json.dumps({"format": FORMAT, **asdict(asked)})
    path = FOLDER / "asked" / f"{hashed(text)}.json"
    atomic_write_text(path, text + "\n")
    forget_old(FOLDER)
    return path


def _key(stage: str, named: Named) -> str:
    return " ".join([stage, *(named if named.analysis else named[:-1])])


def asked_for() -> Asked | None:
    """What this process is asked for; None where it is no job of a sweep."""
    path = os.environ.get(VARIABLE)
    return read_asked(Path(path)) if path else None


def last_asked(directory: Path) -> Asked | None:
    """What the last driver in a folder asked for; None where there was none, or it is forgotten."""
    paths = (directory / FOLDER / "asked").glob("*.json")
    newest = max(paths, key=lambda path: path.stat().st_mtime, default=None)
    return None if newest is None else read_asked(newest)


def read_asked(path: Path) -> Asked:
    """What is written there; UserError where it cannot be read."""
    try:
        content = json.loads(path.read_bytes())
        if content.pop("format") != FORMAT:
            raise ValueError("of another version of mpn-rl")
        runs = {run: Named(*names) for run, names in content.pop("runs").items()}
        return Asked(**{**content, "search": tuple(content["search"])}, runs=runs)
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise UserError(f"{path}: what the sweep asked for cannot be read: {error}") from None


def hand_on(path: str | None) -> Asked | None:
    """Let the processes that this one starts know what is asked for in `path`, and read it."""
    if path is not None:
        os.environ[VARIABLE] = path
    return asked_for()


def search_first(folders: Sequence[str]) -> None:
    """Have the Python processes that this one starts import from these folders first."""
    absolute = [str(Path(folder).absolute()) for folder in folders]
    before = [path for path in [os.environ.get("PYTHONPATH")] if path]
    os.environ["PYTHONPATH"] = os.pathsep.join([*absolute, *before])
