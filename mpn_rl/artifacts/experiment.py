"""The experiment directory: where each artefact of a block lies, and its config.json."""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from mpn_rl.artifacts.errors import ArtifactError
from mpn_rl.artifacts.files import atomic_write_text

# Raised whenever equal content is written as other bytes; a part of the code digests.
FORMAT = 1


@dataclass(frozen=True)
class Experiment:
    """Paths inside one experiment directory, the same for the workflow and the command line."""

    root: Path

    @property
    def config(self) -> Path:
        """Resolved hyper-parameters and seeds."""
        return self.root / "config.json"

    @property
    def history(self) -> Path:
        """Learning curves of every seed."""
        return self.root / "training_history.json"

    @property
    def evaluation(self) -> Path:
        """Greedy episodes of the trained agents."""
        return self.root / "evaluation.csv"

    @property
    def activity(self) -> Path:
        """Hidden states, modulations and behaviour, step by step."""
        return self.root / "analysis" / "activity.npz"

    @property
    def pca(self) -> Path:
        """Spectra of hidden states and modulations."""
        return self.root / "analysis" / "pca.csv"

    @property
    def projection(self) -> Path:
        """Trajectories in the space of the first principal components."""
        return self.root / "analysis" / "pca_projection.npz"

    def checkpoint(self, name: str) -> Path:
        """A checkpoint by name: best_model or final_model."""
        return self.root / "checkpoints" / f"{name}.pt"

    def video(self, seed: int, episode: int) -> Path:
        """The GIF of one rendered episode."""
        return self.root / "videos" / f"episode_{seed}_{episode}.gif"

    def figure(self, name: str) -> Path:
        """A figure of the block by name."""
        return self.root / "analysis" / f"{name}.png"


def write_config(
    path: Path, *, run: str, hyperparameters: dict[str, Any], seeds: list[int]
) -> None:
    """Write config.json; nothing volatile goes in, so equal configs give equal bytes."""
    content = {"run": run, "hyperparameters": hyperparameters, "seeds": seeds}
    atomic_write_text(path, json.dumps(content, indent=2) + "\n")


def read_config(path: Path) -> dict[str, Any]:
    """Read config.json: `run`, `hyperparameters` and `seeds`; ArtifactError if it cannot be."""
    content = read_json(path)
    missing = {"run", "hyperparameters", "seeds"} - set(content)
    if missing:
        raise ArtifactError(f"{path}: has no {', '.join(sorted(missing))}")
    return content


def read_json(path: Path) -> dict[str, Any]:
    """Read a JSON object; ArtifactError says what is wrong with the file."""
    try:
        content = json.loads(path.read_text("utf-8"))
    except OSError as error:
        raise ArtifactError(f"{path}: cannot be read: {error.strerror or error}") from error
    except ValueError as error:
        raise ArtifactError(f"{path}: is damaged: {error}") from error
    if not isinstance(content, dict):
        raise ArtifactError(f"{path}: is damaged: holds no JSON object")
    return content
