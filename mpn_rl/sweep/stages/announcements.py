"""What the log of a training says before its first step."""

import logging
import time

from mpn_rl.learning.training import SeedTraining
from mpn_rl.parameters.hyperparameters import Hyperparameters
from mpn_rl.parameters.points import recipe_of
from mpn_rl.parameters.values import show
from mpn_rl.tasks.build import filled_in

log = logging.getLogger(__name__)

NOTABLE_SECONDS = 2.0


def tell_recipe(point: Hyperparameters) -> None:
    """Say what was filled in for hyper-parameters that are null."""
    if recipe := recipe_of(point, filled_in(point)):
        told = {n: value if isinstance(value, str) else show(value) for n, value in recipe.items()}
        log.info("set by the recipe: %s", ", ".join(f"{n} {value}" for n, value in told.items()))


def tell_other_processor(seed: int, before: str | None, now: str) -> None:
    """Say so where a training goes on in another place, where sums may be rounded otherwise."""
    if before not in (None, now):
        log.warning(
            "seed %d: started on %s and continues on %s: its last digits may differ from those of "
            "a training on one type of processor",
            seed,
            before,
            now,
        )


def tell_what_is_seen(training: SeedTraining) -> None:
    """Say what observations were taken for where that was told by looking at them."""
    form, kind = training.task.observation_form, training.hyperparameters.encoder
    if not form.told_by_dim:
        encoder = kind or ("conv" if form.has_image else "dense")
        log.info("seed %d: observations are %s; encoder: %s", training.seed, form, encoder)


def prepare(training: SeedTraining) -> None:
    """Compile what training needs ahead of it, so that nobody wonders at a first slow step."""
    began = time.monotonic()
    training.prepare()
    seconds = time.monotonic() - began
    if seconds > NOTABLE_SECONDS:
        log.info("kernels are ready after %.1f s and are kept for the next time", seconds)
