"""What a recording asks of its machine, said before it starts and held against it on the way."""

import logging
from dataclasses import dataclass

from mpn_rl.errors import UserError
from mpn_rl.playing.activity import WIDE
from mpn_rl.sweep.stages.memory import bounds, in_words
from mpn_rl.tasks.base import VectorTask

log = logging.getLogger(__name__)

TOLD_BYTES = 200_000_000  # what takes less needs no line


@dataclass(frozen=True)
class RecordingDemands:
    """The memory that episodes of `task` take: arrays as long as the longest episode.

    `widths` are those of what the core is given and puts out.
    """

    widths: tuple[int, int]
    task: VectorTask
    num_seeds: int
    num_episodes: int

    @property
    def step_bytes(self) -> int:
        """Of one step: numbers as float32, action, phase and the task's variables in 8 bytes each.

        What is WIDE is bounded by itself.
        """
        given, hidden = self.widths
        seen = sum(width for width in (given, self.task.observation_dim) if width <= WIDE)
        floats = hidden + seen + self.task.num_actions + 1
        return 4 * floats + 8 * (2 + len(self.task.variable_names))

    def size(self, steps: int) -> int:
        """Bytes of all episodes where the longest has so many steps."""
        return self.num_seeds * self.num_episodes * steps * self.step_bytes

    def tell(self) -> None:
        """Say what it may take, where the task says how long its episodes may be."""
        longest = self.task.longest_episode
        if longest is not None and self.size(longest) > TOLD_BYTES:
            log.info(
                "analysis.num_episodes: %d episodes of up to %s steps for %d seeds need up to %s "
                "of memory",
                self.num_episodes,
                f"{longest:,}",
                self.num_seeds,
                in_words(self.size(longest)),
            )

    def check(self, steps: int) -> None:
        """UserError where an episode of so many steps makes arrays that cannot fit."""
        if steps & (steps - 1):  # looked at with each doubling
            return
        tightest = min(bounds(), key=lambda bound: bound.most)
        if self.size(steps) > tightest.most:
            fits = tightest.most // (self.size(steps) // self.num_episodes)
            raise UserError(
                f"analysis.num_episodes: {self.num_episodes} episodes, the longest of {steps:,} "
                f"steps or more, need {in_words(self.size(steps))} of memory, but "
                f"{tightest.name} leaves only {in_words(max(0, tightest.most))}; {fits} would "
                "fit, or set a smaller max_episode_steps"
            )
