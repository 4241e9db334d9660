"""Whatever an environment draws is shown as it is drawn, or refused with what it is."""

from typing import Any

import numpy as np
import pytest

from mpn_rl.rendering.pictures import Pictures

GREY = np.array([[0, 51, 255], [102, 204, 153]], np.uint8)
RGB = np.stack([GREY, GREY // 3, 255 - GREY], axis=2)


def shown(*drawn: Any) -> np.ndarray:
    return Pictures([np.asarray(picture) for picture in drawn])[len(drawn) - 1]


@pytest.mark.parametrize(
    "drawn",
    [
        RGB,
        RGB.astype(np.int64),
        RGB.astype(np.float64),  # in 0…255
        RGB / 255,
        (RGB / 255).astype(np.float32),
        RGB[None],
        np.asfortranarray(RGB),
        RGB[::-1][::-1],
        RGB.tolist(),
        np.concatenate([RGB, np.full((2, 3, 1), 255, np.uint8)], axis=2),
    ],
)
def test_colours_in_every_form(drawn: Any) -> None:
    np.testing.assert_array_equal(shown(drawn), RGB)


def test_channels_first() -> None:
    tall = np.arange(3 * 5 * 7, dtype=np.uint8).reshape(5, 7, 3)
    np.testing.assert_array_equal(shown(np.moveaxis(tall, 2, 0)), tall)
    np.testing.assert_array_equal(shown(tall[None, ..., 0]), np.repeat(tall[..., :1], 3, axis=2))


@pytest.mark.parametrize(
    "drawn", [GREY, GREY[..., None], GREY[None, ..., None], GREY / 255, GREY.astype(float)]
)
def test_grey(drawn: Any) -> None:
    np.testing.assert_array_equal(shown(drawn), np.repeat(GREY[..., None], 3, axis=2))


def test_bools_are_black_and_white() -> None:
    np.testing.assert_array_equal(shown(GREY > 150)[..., 0], np.where(GREY > 150, 255, 0))


def test_what_is_transparent_is_white() -> None:
    clear = np.zeros((2, 3, 4), np.uint8)
    assert (shown(clear) == 255).all()
    clear[..., 3] = 51  # a fifth of black
    assert (shown(clear) == 204).all()
    assert (shown(clear / 255) == 204).all()


def test_the_largest_fraction_of_an_episode_says_what_white_is() -> None:
    dark = np.full((2, 2), 1.0)
    assert (shown(dark) == 255).all()
    assert (shown(np.full((2, 2), 200.0), dark) == 1).all()
    assert (shown(np.full((2, 2), 1 + 1e-9)) == 255).all()  # rounding


def test_the_smaller_stand_amid_white() -> None:
    pictures = Pictures([np.zeros((2, 6), np.uint8), np.zeros((4, 3), np.uint8)])
    assert pictures[0].shape == pictures[1].shape == (4, 6, 3)
    assert (pictures[0][1:3] == 0).all()
    assert (pictures[0][[0, 3]] == 255).all()
    assert (pictures[1][:, 1:4] == 0).all()


@pytest.mark.parametrize("shape", [(1, 1, 3), (1, 1), (3, 1), (501, 2, 1)])
def test_odd_sizes(shape: tuple[int, ...]) -> None:
    assert shown(np.zeros(shape, np.uint8)).shape == (*shape[:2], 3)


@pytest.mark.parametrize(
    ("drawn", "said"),
    [
        (np.zeros((5, 6, 7), np.uint8), r"at step 0 it draws an array of shape \(5, 6, 7\)"),
        (np.zeros(12, np.uint8), r"an array of shape \(12,\)"),
        (np.float64(3), r"an array of shape \(\)"),
        (np.zeros((2, 4, 5, 3), np.uint8), r"an array of shape \(2, 4, 5, 3\)"),
        (np.zeros((0, 5, 3), np.uint8), r"an array of shape \(0, 5, 3\)"),
        (np.full((2, 2), np.nan), "what is not finite"),
        (np.full((2, 2), -1), "values from -1 to -1"),
        (np.array([[0, 700]]), "values from 0 to 700"),
    ],
)
def test_what_is_no_picture_is_named(drawn: Any, said: str) -> None:
    with pytest.raises(ValueError, match=said):
        Pictures([np.asarray(drawn)])
