"""The figure of how a block's memory works, from the tables that there are."""

import numpy as np

from mpn_rl.artifacts.decoding import DECODED
from mpn_rl.artifacts.files import atomic_write_bytes, atomic_write_text
from mpn_rl.artifacts.fixed_points import POINTS
from mpn_rl.artifacts.generalisation import GENERALISATION
from mpn_rl.artifacts.lesions import LESIONS
from mpn_rl.artifacts.tables import read_rows
from mpn_rl.figures.memory import memory
from mpn_rl.figures.style import figure_to_png_bytes, figure_to_svg
from mpn_rl.parameters.points import core_of
from mpn_rl.sweep.stages.runner import Given

KINDS: dict[str, np.dtype[np.void]] = {
    "decoding": DECODED,
    "lesions": LESIONS,
    "generalisation": GENERALISATION,
    "fixed_points": POINTS,
}


def plot_memory(given: Given) -> None:
    """Draw `tables`, each a name of KINDS, as pixels and as vectors."""
    tables = {name: read_rows(given.inputs[name], KINDS[name]) for name in given.settings["tables"]}
    title = f"{given.run}, seeds {given.home.name.removeprefix('seeds_')}"
    figure = memory(tables, core_of(str(given.run)), title)
    atomic_write_bytes(given.outputs["memory"], figure_to_png_bytes(figure))
    atomic_write_text(given.outputs["memory_vectors"], figure_to_svg(figure))
