"""The digest of the code that this process runs."""

import re
import sys
from collections.abc import Container
from importlib import import_module
from importlib.util import find_spec

from mpn_rl.artifacts.errors import ArtifactError
from mpn_rl.parameters.hyperparameters import Hyperparameters
from mpn_rl.sweep.ledger.asked import asked_for
from mpn_rl.sweep.ledger.code.digests import EDITED, code_digest, named_by, own_parts, package_parts
from mpn_rl.sweep.ledger.listing import code_stage
from mpn_rl.tree import BEGUN_WITH, ROOT, tree_hash

_MODULE = re.compile(r"(own \w|mpn_rl\b)[\w.]*")


def code_in_force(
    rule: str,
    hyperparameters: Hyperparameters | None = None,
    run: str | None = None,
    ahead: bool = True,
) -> str:
    """Load all code that a rule's stage runs, and give its digest: later edits change neither.

    Not `ahead`, only the user's own modules are loaded here, as much of the rest may not be needed;
    what is loaded later is for `check_loaded` to look at. The run's task, core and learner are
    those of its hyper-parameters, or for a job of a sweep those that the driver names for `run`.
    Raises ArtifactError where the code has been edited since the process began, or is not what the
    driver of the sweep asked for.
    """
    stage, asked = code_stage(rule), asked_for()
    named = named_by(hyperparameters)
    if asked is not None and run is not None:
        named = asked.runs.get(run, named)
    parts = package_parts(stage, named)
    own = own_parts(parts, named)
    for part in (*parts, *own) if ahead else own:
        name = part.removeprefix("own ")
        if _MODULE.fullmatch(part) and find_spec(name) is not None:
            import_module(name)
    edited = ahead and tree_hash(ROOT) != BEGUN_WITH
    if edited or own_parts(parts, named) != own:
        raise ArtifactError(EDITED)
    code = code_digest({**parts, **own})
    wanted = None if asked is None else asked.digest(stage, run)
    if wanted is not None and wanted != code:
        raise ArtifactError(
            f"the code of {stage} here ({ROOT}, digest {code}) is not the code that the sweep "
            f"began with ({wanted}): nothing is computed; install the same version, or start "
            "the sweep again"
        )
    return code


def check_loaded(before: Container[str]) -> None:
    """Look at modules of the package that are loaded and were not `before`: names of modules.

    Raises ArtifactError where the code has been edited since the process began.
    """
    late = [name for name in sys.modules if name not in before and name.startswith("mpn_rl.")]
    if late and tree_hash(ROOT) != BEGUN_WITH:
        raise ArtifactError(EDITED)
