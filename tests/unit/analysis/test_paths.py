"""Mean paths: of values that hold for an episode, over the episodes that are not over."""

import numpy as np
import pytest

from mpn_rl.analysis.paths import MOST_LEVELS, MOST_STEPS, mean_paths


def test_means_are_of_the_episodes_of_a_value_that_are_not_over() -> None:
    path = np.zeros((3, 2, 3))
    path[0, :, :2] = [[1, 2], [3, 4]]
    path[1, :, :2] = [[3, 4], [np.nan, np.nan]]  # over after a step
    path[2, :, :2] = [[-1, 0], [-2, 0]]
    sample = np.array([[0, 0], [0, np.nan], [1, 1]])
    rows = mean_paths(7, {"hidden": path}, {"sample": sample})
    assert rows.tolist() == [
        (7, "hidden", "sample", 0.0, 0, 2.0, 3.0, 2),
        (7, "hidden", "sample", 0.0, 1, 3.0, 4.0, 1),
        (7, "hidden", "sample", 1.0, 0, -1.0, 0.0, 1),
        (7, "hidden", "sample", 1.0, 1, -2.0, 0.0, 1),
    ]


@pytest.mark.parametrize(
    "values",
    [
        np.ones((9, 4)),  # never another
        np.tile([0, 1, 0, 1], (9, 1)),  # changes within episodes
        np.tile(np.arange(9)[:, None], (1, 4)),  # too many
        np.full((9, 4), np.nan),
    ],
)
def test_other_variables_are_left_out(values: np.ndarray) -> None:
    assert MOST_LEVELS < 9
    assert not len(mean_paths(0, {"M": np.zeros((9, 4, 3))}, {"cue": values.astype(float)}))


def test_long_episodes_are_cut_and_one_component_is_no_plane() -> None:
    cue = np.tile([[0.0], [1.0]], (1, MOST_STEPS + 5))
    rows = mean_paths(0, {"M": np.zeros((2, MOST_STEPS + 5, 3))}, {"cue": cue})
    assert rows["time"].max() == MOST_STEPS - 1
    assert not len(mean_paths(0, {"M": np.zeros((2, 3, 1))}, {"cue": cue[:, :3]}))
