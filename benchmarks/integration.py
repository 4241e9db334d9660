"""The 2-class integration task of Aitken & Mihalas (eLife 2023;12:e83035), for supervised training.

A phrase has T words: all but the last are evidence for class 0, evidence for class 1, or null; the
last says that the answer is wanted, which is the class with more evidence. A word is a random
binary vector of d entries. As in the paper's code, the score of a phrase (how often there is
evidence for 0, and for 1) is drawn uniformly from those without a tie, and its order after that:
phrases with a close score are not the most frequent, as they would be among words drawn one by one.
"""

import math
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

FOR_0, FOR_1, NULL, GO = range(4)
WORDS = 4


class Phrases(NamedTuple):
    """words (phrase, T) and the classes they ask for (phrase,)."""

    words: NDArray[np.int64]
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
        self.scores = scores(length - 1)

    def draw(self, generator: np.random.Generator, count: int) -> Phrases:
        """Draw `count` phrases."""
        score = self.scores[generator.integers(len(self.scores), size=count)]
        place = np.arange(self.length - 1)
        spoken = np.full((count, self.length - 1), NULL)
        spoken[place < score.sum(axis=1, keepdims=True)] = FOR_1
        spoken[place < score[:, :1]] = FOR_0
        words = np.full((count, self.length), GO)
        words[:, :-1] = generator.permuted(spoken, axis=1)
        return Phrases(words, (score[:, 1] > score[:, 0]).astype(np.int64))

    def inputs(
        self, generator: np.random.Generator, words: NDArray[np.int64]
    ) -> NDArray[np.float32]:
        """The words' vectors with fresh noise (T, phrase, d)."""
        noise = generator.standard_normal((*words.T.shape, self.dim))
        shown = self.vectors[words.T] + self.noise / math.sqrt(self.dim) * noise
        return shown.astype(np.float32)


def scores(count: int) -> NDArray[np.int64]:
    """(score, 2): how often there can be evidence for 0 and for 1 in `count` words, ties left out.

    For 2 words: (0, 1), (0, 2), (1, 0), (2, 0).
    """
    pairs = np.argwhere(np.ones((count + 1, count + 1), bool))
    return pairs[(pairs.sum(axis=1) <= count) & (pairs[:, 0] != pairs[:, 1])]


def evidence(words: NDArray[np.int64]) -> NDArray[np.int64]:
    """How much more there has been for class 1 than for class 0, after each word (phrase, T)."""
    return np.cumsum((words == FOR_1).astype(np.int64) - (words == FOR_0), axis=1)
