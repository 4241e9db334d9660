"""Reproduce figures of the MPN's paper by this project's layer: `python -m benchmarks.validation`.

Writes results/validation.csv, a row per initialisation, and results/validation.md. Rows that are
there are kept, so that it goes on where it was cut off; one row takes 10 to 80 s of one core.
"""

import argparse
import csv
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray
from torch import nn

from benchmarks.integration import WORDS, IntegrationTask, Phrases, evidence
from mpn_rl.analysis.pca import participation_ratio, principal_components
from mpn_rl.artifacts.files import atomic_write_text
from mpn_rl.networks import make_core
from mpn_rl.networks.initialisation import uniform_linear

HIDDEN, BATCH, LEARNING_RATE, L1, CLIP = 100, 64, 1e-3, 1e-4, 10.0
FEWEST_BATCHES, MOST_BATCHES, PERIOD, VALIDATED = 2_000, 10_000, 50, 500
PASSED, LAST, TESTED = 0.98, 10, 2_000
ROWS = Path("results") / "validation.csv"


class Variant(NamedTuple):
    """A core with its parameters, how many initialisations, and what the paper has of it."""

    core: str
    inits: int
    accuracy: str = ""
    dimension: str = ""
    input_share: str = ""
    evidence_share: str = ""
    parameters: dict[str, Any] = {}


VARIANTS = {
    "associative": Variant("mpn", 10, "0.997 ± 0.006", "2.07 ± 0.12", "0.87", "0.21"),
    "bound 1": Variant("mpn", 5, "0.997 ± 0.009", parameters={"M_bound": 1.0}),
    "bound 0.1": Variant("mpn", 5, "0.967 ± 0.021", parameters={"M_bound": 0.1}),
    "presynaptic": Variant(
        "mpn", 5, "0.980 ± 0.013", "", "0.80", "0.16", {"hebbian_rule": "presynaptic"}
    ),
    "postsynaptic": Variant("mpn", 5, "0.988 ± 0.012", parameters={"hebbian_rule": "postsynaptic"}),
    "rnn": Variant("rnn", 5, "", "", "0.19", "0.53"),
    "gru": Variant("gru", 5, "", "", "0.29", "0.88"),
}


class Reader(nn.Module):
    """A core and a linear read-out of two classes."""

    def __init__(self, variant: Variant, task: IntegrationTask, seed: int) -> None:
        """Draw the weights. eta comes from U(±√6), as in the paper's code.

        The paper's postsynaptic rule has no 1/√d: there this layer's eta is √d times as large.
        """
        super().__init__()
        generator = torch.Generator().manual_seed(seed)
        given = dict(variant.parameters)
        if variant.core == "mpn":
            drawn = np.random.default_rng([seed, 1]).uniform(-(6**0.5), 6**0.5)
            scale = task.dim**0.5 if given.get("hebbian_rule") == "postsynaptic" else 1.0
            rates = {"eta": drawn * scale, "lambda_decay": 0.949, "lambda_max": 0.95}
            given |= rates | {"eta_shape": "scalar", "lambda_shape": "scalar"}
        sizes = {"input_dim": task.dim, "hidden_dim": HIDDEN}
        bias = {} if variant.core == "gru" else {"bias": False}
        self.core = make_core(variant.core, **sizes, generator=generator, **given, **bias)
        self.read = uniform_linear(HIDDEN, 2, generator)

    def forward(self, inputs: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        """h (T, phrase, hidden) and the classes' scores after the last word (phrase, 2)."""
        start = torch.zeros(inputs.shape[:2], dtype=torch.bool)
        start[0] = True
        h, _ = self.core.unroll(inputs, self.core.init_state(inputs.shape[1]), start)
        return h, self.read(h[-1])


class Trained(NamedTuple):
    """A reader after `batches` of training."""

    reader: Reader
    batches: int


def train(variant: Variant, task: IntegrationTask, seed: int) -> Trained:
    """Backpropagation through time until the mean of the last LAST validations passes PASSED."""
    reader, generator = Reader(variant, task, seed), np.random.default_rng([seed, 2])
    optimizer = torch.optim.Adam(reader.parameters(), LEARNING_RATE)
    shrunk = [weight for weight in reader.parameters() if weight.numel() > 1]
    validations: list[float] = []
    for batch in range(1, MOST_BATCHES + 1):
        phrases = task.draw(generator, BATCH)
        _, scores = reader(torch.from_numpy(phrases.inputs))
        loss = nn.functional.cross_entropy(scores, torch.from_numpy(phrases.classes))
        loss = loss + L1 * torch.stack([weight.abs().sum() for weight in shrunk]).sum()
        optimizer.zero_grad()
        loss.backward()
        nn.utils.clip_grad_norm_(reader.parameters(), CLIP)
        optimizer.step()
        if batch % PERIOD == 0:
            validations.append(accuracy(reader, task.draw(generator, VALIDATED))[0])
            if batch >= FEWEST_BATCHES and np.mean(validations[-LAST:]) > PASSED:
                break
    return Trained(reader, batch)


@torch.no_grad()
def accuracy(reader: Reader, phrases: Phrases) -> tuple[float, NDArray[np.float32]]:
    """The share of right answers, and h (T, phrase, hidden)."""
    h, scores = reader(torch.from_numpy(phrases.inputs))
    right = scores.argmax(1).numpy() == phrases.classes
    return float(right.mean()), h.numpy()


def explained(h: NDArray[np.floating], by: NDArray[np.floating]) -> float:
    """The share of the total variance of h (sample, hidden) that is linear in `by` (sample, ·)."""
    known = np.concatenate([by, np.ones((len(by), 1))], axis=1)
    left = h - known @ np.linalg.lstsq(known, h, rcond=None)[0]
    return 1.0 - float(left.var(axis=0).sum() / h.var(axis=0).sum())


def measured(variant: Variant, seed: int) -> dict[str, float]:
    """Train one initialisation and measure it on TESTED fresh phrases.

    The dimension is the participation ratio of h over all words; shares are those of its variance
    over the words of evidence, by the present word (one-hot) and by the evidence so far.
    """
    began = time.process_time()
    task = IntegrationTask(np.random.default_rng([seed, 0]))
    reader, batches = train(variant, task, seed)
    phrases = task.draw(np.random.default_rng([seed, 3]), TESTED)
    right, h = accuracy(reader, phrases)
    of_evidence = h[:-1].reshape(-1, HIDDEN)
    words = np.eye(WORDS)[phrases.words.T[:-1].ravel()]
    so_far = evidence(phrases.words).T[:-1].reshape(-1, 1).astype(np.float64)
    return {
        "accuracy": right,
        "dimension": participation_ratio(principal_components(h.reshape(-1, HIDDEN))[0]),
        "input_share": explained(of_evidence, words),
        "evidence_share": explained(of_evidence, so_far),
        "batches": batches,
        "seconds": round(time.process_time() - began, 1),
    }


FIELDS = (
    "variant",
    "seed",
    "accuracy",
    "dimension",
    "input_share",
    "evidence_share",
    "batches",
    "seconds",
)


def read_rows(path: Path) -> list[dict[str, str]]:
    """The rows that are there, in their order."""
    if not path.exists():
        return []
    with path.open(newline="") as file:
        return list(csv.DictReader(file))


def page(rows: list[dict[str, str]]) -> str:
    """The table of means and standard deviations beside the paper's figures, in markdown."""
    names = {"accuracy": 3, "dimension": 2, "input_share": 2, "evidence_share": 2}
    head = ["variant", "n", *(f"{name.replace('_', ' ')} | paper" for name in names), "batches"]
    lines = ["| " + " | ".join(head) + " |", "|" + "---|" * (len(head) + len(names))]
    for name, variant in VARIANTS.items():
        own = [row for row in rows if row["variant"] == name]
        if not own:
            continue
        cells = [name, str(len(own))]
        for column, digits in names.items():
            values = np.array([float(row[column]) for row in own])
            spread = values.std(ddof=1) if len(values) > 1 else 0.0
            cells += [f"{values.mean():.{digits}f} ± {spread:.{digits}f}", getattr(variant, column)]
        cells.append(f"{np.median([float(row['batches']) for row in own]):,.0f}")
        lines.append("| " + " | ".join(cells) + " |")
    return "\n".join(lines) + "\n"


def missing(rows: list[dict[str, str]]) -> Iterator[tuple[str, int]]:
    """(variant, seed) of each initialisation that is not there yet."""
    there = {(row["variant"], int(row["seed"])) for row in rows}
    for name, variant in VARIANTS.items():
        yield from ((name, seed) for seed in range(variant.inits) if (name, seed) not in there)


def main() -> None:
    """Train what is missing, and write the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=Path, default=ROWS)
    path = parser.parse_args().rows
    path.parent.mkdir(parents=True, exist_ok=True)
    torch.set_num_threads(1)
    rows = read_rows(path)
    for name, seed in missing(rows):
        found = {"variant": name, "seed": seed, **measured(VARIANTS[name], seed)}
        print(
            *(
                f"{key} {value:.4g}" if isinstance(value, float) else value
                for key, value in found.items()
            ),
            flush=True,
        )
        rows.append({key: str(value) for key, value in found.items()})
        lines = [",".join(FIELDS), *(",".join(row[key] for key in FIELDS) for row in rows)]
        atomic_write_text(path, "\n".join(lines) + "\n")
    atomic_write_text(path.with_suffix(".md"), page(rows))
    print(page(rows))


if __name__ == "__main__":
    main()
