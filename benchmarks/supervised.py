"""A core trained on the integration task by supervised backpropagation through time, and measured.

Settings are those of Aitken & Mihalas (eLife 2023;12:e83035) and of their code.
"""

from collections.abc import Iterator
from typing import Any, NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray
from torch import nn

from benchmarks.integration import WORDS, IntegrationTask, Phrases, evidence
from mpn_rl.analysis.pca import participation_ratio, principal_components
from mpn_rl.interruption import check
from mpn_rl.networks import make_core
from mpn_rl.networks.initialisation import input_weights

HIDDEN, CLASSES = 100, 2
LAMBDA, LAMBDA_MAX = 0.949, 0.95
BATCH, LEARNING_RATE, L1, CLIP = 64, 1e-3, 1e-4, 10.0
PHRASES, PASSES = 3_200, 10  # drawn together, and how often each is learned from
PERIOD, VALIDATED, PASSED, LAST = 50, 500, 0.98, 10
TESTED = 2_000


class Lengths(NamedTuple):
    """Training ends between these numbers of batches."""

    fewest: int = 2_000
    most: int = 10_000


class Reader(nn.Module):
    """A core and two linear read-outs of its last h, without biases."""

    def __init__(self, core: str, given: dict[str, Any], dim: int, seed: int) -> None:
        """Draw the weights; eta from U(±√6), as in the paper's code.

        The paper's postsynaptic rule has no 1/√d: there this layer's eta is √d times as large.
        """
        super().__init__()
        generator = torch.Generator().manual_seed(seed)
        given = dict(given)
        if core == "mpn":
            drawn = np.random.default_rng([seed, 1]).uniform(-(6**0.5), 6**0.5)
            scale = dim**0.5 if given.get("hebbian_rule") == "postsynaptic" else 1.0
            given |= {"eta": drawn * scale, "lambda_decay": LAMBDA, "lambda_max": LAMBDA_MAX}
            given |= {"eta_shape": "scalar", "lambda_shape": "scalar"}
        if core != "gru":
            given["bias"] = False
        self.core = make_core(core, input_dim=dim, hidden_dim=HIDDEN, generator=generator, **given)
        self.read = input_weights(CLASSES, HIDDEN, generator)

    def forward(self, inputs: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        """h (T, phrase, hidden) and the classes' scores after the last word (phrase, 2)."""
        start = torch.zeros(inputs.shape[:2], dtype=torch.bool)
        start[0] = True
        h, _ = self.core.unroll(inputs, self.core.init_state(inputs.shape[1]), start)
        return h, h[-1] @ self.read.T

    def eta(self) -> float:
        """The core's η, nan without."""
        rates = self.core.rates()
        return float(rates[0][0].detach()) if rates else float("nan")


def batches(
    task: IntegrationTask, generator: np.random.Generator
) -> Iterator[tuple[NDArray[np.float32], NDArray[np.int64]]]:
    """Inputs (T, BATCH, d) and classes (BATCH,), without end."""
    while True:
        phrases = task.draw(generator, PHRASES)
        for _ in range(PASSES):
            for rows in generator.permutation(PHRASES).reshape(-1, BATCH):
                yield task.inputs(generator, phrases.words[rows]), phrases.classes[rows]


def train(
    reader: Reader, task: IntegrationTask, generator: np.random.Generator, lengths: Lengths
) -> int:
    """Train until the mean of the last LAST validations passes PASSED; the number of batches.

    Cross-entropy, and L1 of all parameters but the scalars eta and lambda.
    """
    optimizer = torch.optim.Adam(reader.parameters(), LEARNING_RATE)
    shrunk = [weight for weight in reader.parameters() if weight.numel() > 1]
    validation = task.draw(generator, VALIDATED)
    validations: list[float] = []
    batch = 0
    for inputs, classes in batches(task, generator):
        batch += 1
        check()
        _, found = reader(torch.from_numpy(inputs))
        loss = nn.functional.cross_entropy(found, torch.from_numpy(classes))
        loss = loss + L1 * torch.stack([weight.abs().sum() for weight in shrunk]).sum()
        optimizer.zero_grad()
        loss.backward()
        nn.utils.clip_grad_norm_(reader.parameters(), CLIP)
        optimizer.step()
        if batch % PERIOD == 0:
            validations.append(answers(reader, task, validation, generator)[0])
            if batch >= lengths.fewest and np.mean(validations[-LAST:]) > PASSED:
                break
        if batch >= lengths.most:
            break
    return batch


@torch.no_grad()
def answers(
    reader: Reader, task: IntegrationTask, phrases: Phrases, generator: np.random.Generator
) -> tuple[float, NDArray[np.float32]]:
    """The share of right answers, and h (T, phrase, hidden)."""
    h, found = reader(torch.from_numpy(task.inputs(generator, phrases.words)))
    right = found.argmax(1).numpy() == phrases.classes
    return float(right.mean()), h.numpy()


class Explained(NamedTuple):
    """How much of h is linear in something: of its total variance, and of a unit's on average."""

    share: float
    per_unit: float


def explained(h: NDArray[np.floating], by: NDArray[np.floating]) -> Explained:
    """How much of h (sample, hidden) is linear in `by` (sample, ·).

    1 − Σᵢ var(hᵢ − ĥᵢ) / Σᵢ var(hᵢ), ĥ being the least-squares fit with an intercept; and the mean
    over units of 1 − var(hᵢ − ĥᵢ) / var(hᵢ), those left out that do not vary.
    """
    known = np.concatenate([by, np.ones((len(by), 1))], axis=1)
    left = (h - known @ np.linalg.lstsq(known, h, rcond=None)[0]).var(axis=0)
    whole = h.var(axis=0)
    varies = whole > 0
    per_unit = 1.0 - float((left[varies] / whole[varies]).mean())
    return Explained(1.0 - float(left.sum() / whole.sum()), per_unit)


def measured(
    core: str, given: dict[str, Any], seed: int, lengths: Lengths | None = None
) -> dict[str, float]:
    """Train one initialisation and measure it on TESTED fresh phrases.

    The dimension is the participation ratio of h over all words of all phrases; `explained` are h
    at the words of evidence by the present word (one-hot), and by the evidence so far.
    """
    task = IntegrationTask(np.random.default_rng([seed, 0]))
    reader = Reader(core, given, task.dim, seed)
    count = train(reader, task, np.random.default_rng([seed, 2]), lengths or Lengths())
    generator = np.random.default_rng([seed, 3])
    phrases = task.draw(generator, TESTED)
    right, h = answers(reader, task, phrases, generator)
    during = h[:-1].reshape(-1, HIDDEN).astype(np.float64)
    words = np.eye(WORDS)[phrases.words.T[:-1].ravel()]
    so_far = evidence(phrases.words).T[:-1].reshape(-1, 1).astype(np.float64)
    by_input, by_evidence = explained(during, words), explained(during, so_far)
    return {
        "accuracy": right,
        "dimension": participation_ratio(principal_components(h.reshape(-1, HIDDEN))[0]),
        "input_share": by_input.share,
        "evidence_share": by_evidence.share,
        "input_r2": by_input.per_unit,
        "evidence_r2": by_evidence.per_unit,
        "eta": reader.eta(),
        "batches": count,
    }
