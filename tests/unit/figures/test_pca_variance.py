"""Spectra, whatever the table."""

import numpy as np
import pytest
from numpy.typing import NDArray

from mpn_rl.artifacts.pca import SPECTRUM
from mpn_rl.figures.pca_variance import pca_variance
from mpn_rl.figures.style import (
    figure_to_png_bytes,
)
from tests.fixtures.drawn import decoded, texts


def spectrum(variable: str, seed: int, ratios: list[float]) -> NDArray[np.void]:
    table = np.zeros(len(ratios), SPECTRUM)
    table["seed"], table["variable"] = seed, variable
    table["component"] = np.arange(1, len(ratios) + 1)
    table["variance"], table["variance_ratio"] = ratios, ratios
    table["cumulative_ratio"] = np.cumsum(ratios)
    table["participation_ratio"] = 1.0 / np.sum(np.square(ratios)) if sum(ratios) else np.nan
    return table


def test_pca_variance_shows_a_participation_ratio_per_seed() -> None:
    table = np.concatenate(
        [spectrum("hidden", 0, [0.5, 0.5]), spectrum("hidden", 7, [1.0]), spectrum("M", 0, [1.0])]
    )
    figure = pca_variance(table, "mpn", "run")
    words = texts(figure)
    assert "seed 0: PR = 2.00" in words
    assert "seed 7: PR = 1.00" in words
    assert len(figure.axes) == 2


@pytest.mark.parametrize(
    "table",
    [
        spectrum("hidden", 0, [1.0]),  # one hidden unit
        spectrum("hidden", 0, [0.0, 0.0]),  # no activity at all
        spectrum("hidden", 0, [np.nan]),  # a failed seed
        np.concatenate([spectrum("hidden", seed, [0.6, 0.4]) for seed in range(14)]),
        spectrum("hidden", 0, [1.0])[:0],
    ],
)
def test_pca_variance_survives(table: NDArray[np.void]) -> None:
    assert decoded(figure_to_png_bytes(pca_variance(table, "gru"))).std() > 0
