"""The digest of the code that this process runs."""

import re
from importlib import import_module
from importlib.util import find_spec

from mpn_rl.artifacts.errors import ArtifactError
from mpn_rl.parameters.hyperparameters import Hyperparameters
from mpn_rl.sweep.ledger.asked import asked_for
from mpn_rl.sweep.ledger.code.digests import EDITED, code_digest, named_by, own_parts, package_parts
from mpn_rl.sweep.ledger.listing import code_stage
from mpn_rl.tree import BEGUN_WITH, ROOT, tree_hash

_MODULE = re.compile(r"own \w[\w.]*")


def code_in_force(
    rule: str,
    hyperparameters: Hyperparameters | None = None,
    run: str | None = None,
    analysis: str = "",
) -> str:
    """Load what of the user's own code a rule's stage runs, and give the digest of all its code.

    Later edits change neither: the package's modules are loaded as the process began with them
    (`tree`). The run's task, core and learner are those of its hyper-parameters, or for a job of a
    sweep those that the driver names for `run`; `analysis` is the user's own that the job runs.
    Raises ArtifactError where the code has been edited since the process began, or is not what the
    driver of the sweep asked for.
    """
    stage, asked = code_stage(rule), asked_for()
    named = named_by(hyperparameters, analysis)
    if asked is not None and run is not None and run in asked.runs:
        named = asked.runs[run]._replace(analysis=named.analysis)
    parts = package_parts(stage, named)
    own = own_parts(parts, named)
    for part in own:
        name = part.removeprefix("own ")
        if _MODULE.fullmatch(part) and find_spec(name) is not None:
            import_module(name)
    if tree_hash(ROOT) != BEGUN_WITH or own_parts(parts, named) != own:
        raise ArtifactError(EDITED)
    code = code_digest({**parts, **own})
    wanted = None if asked is None else asked.digest(stage, run, named.analysis)
    if wanted is not None and wanted != code:
        raise ArtifactError(
            f"the code of {stage} here ({ROOT}, digest {code}) is not the code that the sweep "
            f"began with ({wanted}): nothing is computed; install the same version, or start "
            "the sweep again"
        )
    return code
