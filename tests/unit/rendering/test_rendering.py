"""Frames of an episode: one per step, on one scale, the same bytes each time."""

import io
import itertools
from collections.abc import Iterable, Iterator
from typing import Any

import imageio.v3 as imageio
import numpy as np
import pytest
from PIL import Image

from mpn_rl import rendering
from mpn_rl.playing.episode import Episode
from mpn_rl.rendering import render_episode, write_gif
from mpn_rl.rendering.gif import CHUNK


def episode(steps: int = 4, **changes: Any) -> Episode:
    rng = np.random.default_rng(0)
    fields: dict[str, Any] = {
        "observations": rng.normal(size=(steps, 3)),
        "actions": np.arange(steps) % 2,
        "rewards": np.eye(1, steps, steps - 1)[0],
        "q_values": rng.normal(size=(steps, 2)),
        "phases": np.minimum(np.arange(steps), 1),
        "phase_names": ("cue", "delay"),
        "state": rng.normal(size=(steps, 5, 3)),
        "title": "run · seed 0",
    }
    return Episode(**{**fields, **changes})


def drawn(**changes: Any) -> list[np.ndarray]:
    return [*render_episode(episode(**changes))]


def gif_of(frames: Iterable[np.ndarray], fps: float) -> bytes:
    file = io.BytesIO()
    write_gif(file, frames, fps)
    return file.getvalue()


def m_panel(frame: np.ndarray) -> np.ndarray:
    """The pixels well inside the matrix M."""
    return frame[65:185, 390:580]


def test_a_frame_per_step_of_a_fixed_size() -> None:
    frames = drawn(steps=4)
    assert len(frames) == 4
    for frame in frames:
        assert frame.shape == (360, 640, 3)
        assert frame.dtype == np.uint8
    assert all((a != b).any() for a, b in itertools.pairwise(frames))


def test_frames_repeat_to_the_byte() -> None:
    first, second = drawn(), drawn()
    np.testing.assert_array_equal(first, second)
    assert gif_of(first, 30) == gif_of(second, 30)


def test_one_colour_scale_over_the_episode() -> None:
    # M grows tenfold over the episode; the first frame must be paler than the last, and a
    # symmetric scale makes no difference of sign in how far from white a value is
    state = np.ones((2, 5, 3))
    state[0] *= 0.1
    first, last = map(m_panel, drawn(steps=2, state=state))
    assert first.mean() > last.mean() + 40
    state *= -1
    blue_first, blue_last = map(m_panel, drawn(steps=2, state=state))
    assert blue_first[..., 2].mean() > blue_first[..., 0].mean()
    assert blue_first.mean() > blue_last.mean() + 40


def test_a_line_before_the_recurrent_synapses_stays_in_every_frame() -> None:
    state = np.zeros((2, 5, 9))
    for with_line, without in zip(
        drawn(steps=2, state=state, recurrent=True), drawn(steps=2, state=state), strict=True
    ):
        assert m_panel(with_line).mean() < m_panel(without).mean() - 0.5


def test_the_environments_picture_is_shown_when_there_is_one() -> None:
    pictures = [np.full((40, 60, 3), (255, 0, 0), np.uint8), np.full((40, 60, 3), 90, np.uint8)]
    first, second = drawn(steps=2, frames=pictures)
    np.testing.assert_array_equal(first[200, 160], (255, 0, 0))
    np.testing.assert_array_equal(second[200, 160], (90, 90, 90))


@pytest.mark.parametrize(
    "changes",
    [
        {"state": np.zeros((4, 5))},  # a core without M, all silent
        {"state": np.full((4, 5, 3), np.nan)},
        {"q_values": np.full((4, 1), np.nan), "actions": np.zeros(4, int)},
        {"rewards": np.full(4, np.nan)},
        {"phases": np.full(4, -1), "phase_names": ()},
        {"observations": np.zeros((4, 200)), "q_values": np.zeros((4, 9))},
        {"actions": np.full(4, -1), "state": np.zeros((4, 1, 1))},
        {"title": "a very long title " * 20},
    ],
)
def test_rendering_survives(changes: dict[str, Any]) -> None:
    assert len(drawn(**changes)) == 4


def test_an_episode_of_one_step_and_of_none() -> None:
    assert len(drawn(steps=1)) == 1
    empty = episode(1)
    nothing = {
        name: getattr(empty, name)[:0]
        for name in ("observations", "actions", "rewards", "q_values", "phases", "state")
    }
    assert drawn(steps=1, **nothing) == []


@pytest.mark.parametrize(("fps", "milliseconds"), [(30, 30), (10, 100), (1000, 20)])
def test_gif_plays_at_the_nearest_rate_the_format_has(fps: float, milliseconds: int) -> None:
    image = Image.open(io.BytesIO(gif_of(drawn(steps=3), fps)))
    assert (image.n_frames, image.size) == (3, (640, 360))
    assert image.info["duration"] == milliseconds
    assert image.info["loop"] == 0


def test_gif_needs_frames_and_a_rate() -> None:
    with pytest.raises(ValueError, match="frames"):
        gif_of([], 30)
    with pytest.raises(ValueError, match="fps"):
        gif_of(drawn(steps=1), 0)


@pytest.mark.parametrize("number", [1, 2, CHUNK - 1, CHUNK, CHUNK + 1, 2 * CHUNK + 1])
@pytest.mark.parametrize("colours", [1, 2, 40, 256])
def test_a_gif_in_pieces_has_the_bytes_of_one_at_once(number: int, colours: int) -> None:
    rng = np.random.default_rng(number)
    frames = rng.integers(0, colours, (number, 12, 16, 3)).astype(np.uint8)
    frames = np.repeat(frames, 2, axis=0)[:number] if colours == 2 else frames  # equal neighbours
    whole = imageio.imwrite("<bytes>", frames, extension=".gif", duration=30, loop=0)
    assert gif_of(iter(frames), 33) == whole


def test_frames_are_drawn_as_they_are_written() -> None:
    taken = []

    def watched() -> Iterator[np.ndarray]:
        for number in range(3 * CHUNK):
            taken.append(number)
            yield np.full((4, 4, 3), number, np.uint8)

    class File(io.BytesIO):
        def write(self, data: Any) -> int:
            written.append((len(taken), len(data)))
            return super().write(data)

    written: list[tuple[int, int]] = []
    write_gif(File(), watched(), 30)
    assert min(number for number, size in written if size) == CHUNK


def test_a_cut_is_told_in_the_title_and_many_channels_are_thinned() -> None:
    whole, cut = drawn(steps=2)[0], drawn(steps=2, cut=True)[0]
    assert (whole[:30] != cut[:30]).any()
    np.testing.assert_array_equal(whole[40:], cut[40:])
    thinned = drawn(steps=2, channels=np.array([0, 500, 1000]))[0]
    assert (thinned[40:190, :300] != whole[40:190, :300]).any()


def test_the_time_of_a_long_episode_is_shown_page_by_page(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rendering, "LONG", 4)
    monkeypatch.setattr(rendering, "PAGE", 2)
    ticks = [frame[322:335, 380:] for frame in drawn(steps=5)]  # below the Q-values
    same = [bool((a == b).all()) for a, b in itertools.pairwise(ticks)]
    assert same == [True, False, True, False]  # 0 1 | 2 3 | 3 4, full to the last
