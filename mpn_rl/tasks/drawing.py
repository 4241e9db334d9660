"""What a task without images of its own shows, as coloured tiles."""

import numpy as np
from gymnasium import spaces
from numpy.typing import NDArray

TILE = 24
GAP = 2
# blue for negative, white for zero, orange for positive: told apart by readers of any colour vision
NEGATIVE, ZERO, POSITIVE = (np.array(c) for c in ((0, 90, 181), (255, 255, 255), (220, 110, 0)))
BACKGROUND = 96


def tile_image(
    space: spaces.Box, observation: NDArray[np.floating], phase: int, num_phases: int
) -> NDArray[np.uint8]:
    """One row of tiles for the observation's entries, one below it for the phases.

    `observation` (D,) is coloured by its sign and its size, relative to the largest that `space`
    allows (3 for an entry without bounds); the present `phase` is filled. Returns an RGB image
    (height, width, 3).
    """
    scale = np.maximum(np.abs(space.low), np.abs(space.high))
    scale = np.where(np.isfinite(scale) & (scale > 0), scale, 3.0)
    strength = np.clip(observation / scale, -1, 1)[:, None]
    end = np.where(strength < 0, NEGATIVE, POSITIVE)
    entries = ZERO + np.abs(strength) * (end - ZERO)
    phases = np.full((num_phases, 3), 160.0)
    phases[phase] = 0
    width = max(len(entries), num_phases) * (TILE + GAP) + GAP
    image = np.full((2 * (TILE + GAP) + GAP, width, 3), BACKGROUND, np.uint8)
    for row, colours in enumerate((entries, phases)):
        top = GAP + row * (TILE + GAP)
        for column, colour in enumerate(colours):
            left = GAP + column * (TILE + GAP)
            image[top : top + TILE, left : left + TILE] = colour.astype(np.uint8)
    return image
