"""One reader under atheris, which follows the branches: `python -m … READER SEEDS -runs=N`.

Not a test itself; `test_fuzzing` starts it, as atheris ends the process.
"""

import sys
import tempfile
from contextlib import suppress
from pathlib import Path

import atheris

with atheris.instrument_imports(include=["mpn_rl.artifacts", "zipfile", "numpy.lib", "pickle"]):
    from mpn_rl.artifacts.errors import ArtifactError
    from tests.unit.artifacts.test_fuzzing import READERS


def main() -> None:
    """Fuzz until the number of runs or seconds that the flags give; any other error ends it."""
    read = READERS[sys.argv.pop(1)][1]
    path = Path(tempfile.mkdtemp()) / "file"

    def once(data: bytes) -> None:
        path.write_bytes(data)
        with suppress(ArtifactError):
            read(path)

    atheris.Setup(sys.argv, once)
    atheris.Fuzz()


if __name__ == "__main__":
    main()
