"""What the engine remembers of an output, read from its own files in `.snakemake/metadata`."""

import os
import re
from base64 import urlsafe_b64encode
from functools import cached_property
from pathlib import Path

from mpn_rl.artifacts.errors import ArtifactError
from mpn_rl.artifacts.files import read_whole
from mpn_rl.artifacts.json_files import MOST_BYTES, parsed

FOLDER = Path(".snakemake", "metadata")
# A name longer than a file's may be is cut into folders, whose names begin with "@".
_LONGEST = 254
_DIGEST = re.compile(r"'[0-9a-f]{16}'")


class Metadata:
    """The engine's metadata in a working directory (its default backend, a file per output)."""

    def __init__(self, directory: Path = Path()) -> None:
        self._folder = directory / FOLDER

    def path(self, output: str) -> Path:
        """Where the metadata of an output lies, which the engine calls by this name."""
        name = urlsafe_b64encode(output.encode()).decode()
        parts = [name[start : start + _LONGEST] for start in range(0, len(name), _LONGEST)]
        return self._folder.joinpath(*(f"@{part}" for part in parts[:-1]), parts[-1])

    def knows(self, output: str) -> bool:
        """Whether the engine remembers how an output was made."""
        path = self.path(output)
        if path.parent == self._folder:
            return path.name in self._names
        return path.is_file()

    def params(self, output: str) -> list[str]:
        """The texts of the params that an output was made with; empty where nothing is known."""
        try:
            content = parsed(read_whole(self.path(output), MOST_BYTES))
            return [text for text in content["params"] if isinstance(text, str)]
        except (ArtifactError, ValueError, KeyError, TypeError):
            return []

    def digest(self, output: str) -> str | None:
        """The code digest among the params of an output; None where there is not one."""
        digests = [text for text in self.params(output) if _DIGEST.fullmatch(text)]
        return digests[0].strip("'") if len(digests) == 1 else None

    def settings(self, output: str) -> set[str]:
        """The texts of the params of an output, without the code digest."""
        return {text for text in self.params(output) if not _DIGEST.fullmatch(text)}

    @cached_property
    def _names(self) -> frozenset[str]:
        """All names at once: asking for each of a hundred thousand files would take seconds."""
        try:
            return frozenset(entry.name for entry in os.scandir(self._folder))
        except OSError:
            return frozenset()
