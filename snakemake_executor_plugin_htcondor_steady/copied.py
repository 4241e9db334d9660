"""The copy of its code that the driver of an mpn-rl sweep made for the jobs.

Other workflows name none. Read without importing mpn_rl, which is not this plugin's.
"""

import json
import os
from pathlib import Path

VARIABLE = "MPN_RL_ASKED"


def asked_file() -> str | None:
    """The file that says what jobs are asked for, relative to the working directory."""
    return os.environ.get(VARIABLE) or None


def copied_folders() -> list[str]:
    """Folders that jobs import from, the code's first, relative to the working directory."""
    path = asked_file()
    if path is None:
        return []
    try:
        return [str(folder) for folder in json.loads(Path(path).read_bytes())["search"]]
    except (OSError, ValueError, KeyError, TypeError):
        return []


def copied_snakefile() -> str | None:
    """The copy of the main Snakefile."""
    folders = copied_folders()
    snakefile = Path(folders[0], "Snakefile") if folders else None
    return str(snakefile) if snakefile is not None and snakefile.is_file() else None


def copied_files() -> list[str]:
    """All that has to travel with a job where no files are shared."""
    files = [
        str(path)
        for folder in copied_folders()
        for path in sorted(Path(folder).rglob("*"))
        if path.is_file() and not path.is_symlink() and "__pycache__" not in path.parts
    ]
    return [path for path in [asked_file()] if path is not None] + files
