"""The copy of its code that the driver of an mpn-rl sweep made for the jobs.

Other workflows name none. Read without importing mpn_rl, which is not this plugin's.
"""

import json
import os
from pathlib import Path

# names the file that says what jobs are asked for; all paths are relative to the working directory
VARIABLE = "MPN_RL_ASKED"


def copied_folders() -> list[str]:
    """Folders that jobs import from, the code's first."""
    try:
        return list(json.loads(Path(os.environ[VARIABLE]).read_bytes())["search"])
    except (OSError, ValueError, KeyError, TypeError):
        return []


def copied_snakefile() -> str | None:
    """The copy of the main Snakefile."""
    found = [Path(folder, "Snakefile") for folder in copied_folders()[:1]]
    return str(found[0]) if found and found[0].is_file() else None


def copied_files() -> list[str]:
    """All that has to travel with a job where no files are shared."""
    folders = copied_folders()
    files = [
        str(path)
        for folder in folders
        for path in sorted(Path(folder).rglob("*"))
        if path.is_file() and not path.is_symlink() and "__pycache__" not in path.parts
    ]
    return [os.environ[VARIABLE], *files] if folders else []
