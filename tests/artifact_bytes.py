"""Artifacts with their bytes, to compare one run of the pipeline with another."""

from pathlib import Path

LEFT_OUT = {"records", "logs", "benchmarks", ".work", ".set_aside", "summary_partial.pdf"}
LEFT_OUT |= {"provenance.csv"}  # when and where jobs ran, and for how long


def artifacts(folder: Path) -> dict[str, bytes]:
    """Path in `folder` -> bytes, of all but records, reports and resumable states."""
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file() and not LEFT_OUT & set(path.relative_to(folder).parts)
    }
