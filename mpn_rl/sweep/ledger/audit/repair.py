"""Setting aside what an audit found to be false, so that it is as deleted and is made anew."""

from collections.abc import Iterable
from pathlib import Path

from mpn_rl.artifacts.errors import ArtifactError
from mpn_rl.sweep.ledger.audit.check import Finding
from mpn_rl.sweep.ledger.audit.inventory import relative

FOLDER = ".set_aside"


def set_aside(root: Path, findings: Iterable[Finding]) -> dict[Path, Path]:
    """Move each false artefact to `.set_aside/` of `root`, under a name that says why.

    Returns old path -> new path. Raises ArtifactError where the system refuses.
    """
    moved = {}
    for finding in findings:
        if finding.is_false:
            target = _free_name(root, finding)
            try:
                target.parent.mkdir(parents=True, exist_ok=True)
                finding.path.rename(target)
            except OSError as error:
                reason = error.strerror or error
                raise ArtifactError(f"{finding.path}: cannot be set aside: {reason}") from error
            moved[finding.path] = target
    return moved


def _free_name(root: Path, finding: Finding) -> Path:
    place = root / FOLDER / relative(finding.path, root)
    reason = finding.kind.replace(" ", "-")
    number = 0
    while (target := place.with_name(f"{place.name}.{reason}-{number}")).exists():
        number += 1
    return target
