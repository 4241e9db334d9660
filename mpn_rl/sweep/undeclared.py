"""Where files lie that no rule declares: saved states, progress, curves for TensorBoard."""

from pathlib import Path


def work_folder(home: Path) -> Path:
    """Where the resumable state of an experiment directory lies."""
    results = _results_of(home)
    names = [home.name] if results is None else [home.parent.name, home.name]
    return (results or home.parent).joinpath(".work", *names)


def metrics_file(home: Path) -> Path:
    """Where training says how far it is, beside its log."""
    results = _results_of(home)
    if results is None:
        return home / "logs" / "metrics.jsonl"
    return results / "logs" / "train" / f"{home.parent.name}_{home.name}.metrics.jsonl"


def tensorboard_folder(home: Path) -> Path:
    """Where the curves of a training lie for TensorBoard, if these are asked for."""
    results = _results_of(home)
    if results is None:
        return home / "logs" / "tensorboard"
    return results / "logs" / "tensorboard" / f"{home.parent.name}_{home.name}"


def _results_of(home: Path) -> Path | None:
    """The results folder that an experiment directory is a block of; None for one of its own."""
    in_sweep = home.parent.parent.name == "runs" and home.name.startswith("seeds_")
    return home.parents[2] if in_sweep else None
