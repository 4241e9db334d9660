"""What would stop the engine before it reads a rule, where it shows a traceback of its own."""

import os
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

from mpn_rl.artifacts.files import user_cache

ENGINE = Path(".snakemake")
# What a driver writes to, below the folder in which it is started.
_WRITTEN = (ENGINE, ENGINE / "locks", ENGINE / "metadata", Path("results"), Path("results/runs"))


def obstacles(directory: Path) -> Iterator[str]:
    """A sentence for each, with what can be done; `directory` is where the engine is started."""
    yield from _not_writable(directory)
    yield from _no_cache()
    if any((directory / ENGINE / "locks").glob("*")) and driver_in(directory) is None:
        yield (
            f"{directory / ENGINE / 'locks'}: a driver that died left its lock; if none runs on "
            "another machine, run `snakemake --unlock`, and then the same command again"
        )


def driver_in(directory: Path) -> int | None:
    """The process id of an engine that runs in a folder, on this machine; None if there is none."""
    here = directory.resolve()
    for process in Path("/proc").glob("[0-9]*"):
        with suppress(OSError):
            words = (process / "cmdline").read_bytes().split(b"\0")
            runs = any(b"snakemake" in word for word in words[:3])
            if runs and (process / "cwd").resolve() == here:
                return int(process.name)
    return None


def _not_writable(directory: Path) -> Iterator[str]:
    places = [directory / place for place in ("", *_WRITTEN)]
    for place in places:
        if place.exists() and not os.access(place, os.W_OK | os.X_OK):
            yield (
                f"{place}: cannot be written to; to go on from results of others, copy the folder "
                "(`cp -r`), and start there"
            )
            return


def _no_cache() -> Iterator[str]:
    cache = user_cache()
    nearest = next(folder for folder in (cache, *cache.parents) if folder.exists())
    if not (nearest.is_dir() and os.access(nearest, os.W_OK | os.X_OK)):
        yield (
            f"{cache}: cannot be written to, where the engine and this project keep what they make "
            "ready once; set XDG_CACHE_HOME to a folder of yours"
        )
