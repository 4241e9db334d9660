"""Digests kept by the content of all sources, as every cluster job asks for some again.

Reading the sources takes some milliseconds, parsing them most of a second.
"""

import json
import os
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

from mpn_rl.artifacts.errors import ArtifactError
from mpn_rl.artifacts.files import atomic_write_text

Parts = dict[str, str]


class DigestCache:
    """Parts of stages for sources whose hash is `tree`; a file in the user's cache folder.

    A folder that cannot be used is done without.
    """

    def __init__(self, tree: str) -> None:
        home = os.environ.get("XDG_CACHE_HOME") or Path("~/.cache").expanduser()
        self._path = Path(home) / "mpn_rl" / "digests" / f"{tree}.json"
        self._known: dict[str, Parts] | None = None

    def get(self, stage: str, named: tuple[str, ...], make: Callable[[], Parts]) -> Parts:
        """The parts of a stage for a run that names these; `make` gives unknown ones."""
        key = " ".join([stage, *named])
        known = self._read()
        if not isinstance(known.get(key), dict):
            known[key] = make()
            with suppress(ArtifactError):
                atomic_write_text(self._path, json.dumps(known, sort_keys=True))
        return known[key]

    def _read(self) -> dict[str, Parts]:
        if self._known is None:
            try:
                content = json.loads(self._path.read_bytes())
            except (OSError, ValueError):
                content = {}
            self._known = content if isinstance(content, dict) else {}
        return self._known
