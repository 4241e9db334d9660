"""Spectra, whatever the table."""

import numpy as np
import pandas as pd
import pytest

from mpn_rl.figures.pca_variance import pca_variance
from mpn_rl.figures.style import (
    figure_to_png_bytes,
)
from tests.fixtures.drawn import decoded, texts


def spectrum(variable: str, seed: int, ratios: list[float]) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "seed": seed,
            "variable": variable,
            "component": np.arange(1, len(ratios) + 1),
            "variance": ratios,
            "variance_ratio": ratios,
            "cumulative_ratio": np.cumsum(ratios),
            "participation_ratio": 1.0 / np.sum(np.square(ratios)) if sum(ratios) else np.nan,
        }
    )


def test_pca_variance_shows_a_participation_ratio_per_seed() -> None:
    table = pd.concat(
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
        pd.concat([spectrum("hidden", seed, [0.6, 0.4]) for seed in range(14)]),
        spectrum("hidden", 0, [1.0]).iloc[:0],
    ],
)
def test_pca_variance_survives(table: pd.DataFrame) -> None:
    assert decoded(figure_to_png_bytes(pca_variance(table, "gru"))).std() > 0
