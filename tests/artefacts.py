"""Artefacts with their bytes, to compare one run of the pipeline with another."""

from pathlib import Path

LEFT_OUT = {"records", "logs", "benchmarks", ".work", ".set_aside", "summary_partial.pdf"}


def artefacts(folder: Path) -> dict[str, bytes]:
    """Path in `folder` -> bytes, of all but records, reports and resumable states.

    The summary also tells when and for how long jobs ran: of summary.csv those lines are left
    out, and of summary.pdf, whose pages show them, only its first and last bytes are given.
    """
    return {
        path.relative_to(folder).as_posix(): _content(path)
        for path in sorted(folder.rglob("*"))
        if path.is_file() and not LEFT_OUT & set(path.relative_to(folder).parts)
    }


def _content(path: Path) -> bytes:
    data = path.read_bytes()
    if path.name == "summary.pdf":
        return data[:5] + data.rstrip()[-5:]
    if path.name == "summary.csv":
        lines = data.splitlines(keepends=True)
        return b"".join(line for line in lines if not _is_volatile(line))
    return data


def _is_volatile(line: bytes) -> bool:
    timed = b"wall_seconds" in line or b"cpu_seconds" in line
    return line.startswith((b"facts,", b"stages,")) or timed
