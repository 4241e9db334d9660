"""The 2-class integration task of Aitken & Mihalas (eLife 2023;12:e83035), for supervised training.

A phrase has T words: all but the last are evidence for class 0, evidence for class 1, or null, each
equally likely; the last says that the answer is wanted, which is the class with more evidence.
Phrases with as much of both are drawn again. A word is a random binary vector of d entries.
"""

import math
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

FOR_0, FOR_1, NULL, GO = range(4)
WORDS = 4


class Phrases(NamedTuple):
    """words (phrase, T), inputs (T, phrase, d) float32 with noise, and classes (phrase,)."""

    words: NDArray[np.int64]
    inputs: NDArray[np.float32]
    classes: NDArray[np.int64]


class IntegrationTask:
    """Draws phrases of `length` words; `generator` draws the words' vectors (WORDS, dim) first.

    An entry is 0 or √(2/d), so that a vector's expected squared length is 1; noise is N(0, 1/d) an
    entry, times `noise`: its expected length.
    """

    def __init__(
        self, generator: np.random.Generator, dim: int = 50, length: int = 20, noise: float = 0.1
    ) -> None:
        self.dim, self.length, self.noise = dim, length, noise
        self.vectors = generator.integers(0, 2, (WORDS, dim)) * math.sqrt(2 / dim)

    def draw(self, generator: np.random.Generator, count: int) -> Phrases:
        """Draw `count` phrases."""
        words = np.full((count, self.length), GO)
        left = np.arange(count)
        while left.size:
            words[left, :-1] = generator.integers(0, 3, (left.size, self.length - 1))
            left = left[evidence(words[left])[:, -1] == 0]
        shape = (self.length, count, self.dim)
        noise = self.noise / math.sqrt(self.dim) * generator.standard_normal(shape)
        inputs = (self.vectors[words.T] + noise).astype(np.float32)
        return Phrases(words, inputs, (evidence(words)[:, -1] > 0).astype(np.int64))


def evidence(words: NDArray[np.int64]) -> NDArray[np.int64]:
    """How much more there has been for class 1 than for class 0, after each word (phrase, T)."""
    return np.cumsum((words == FOR_1).astype(np.int64) - (words == FOR_0), axis=1)
