"""What every task is: a vector of environments that step in lockstep and are reset by a mask."""

import json
from collections.abc import Mapping
from copy import deepcopy
from typing import Any, cast

import numpy as np
from gymnasium import spaces
from gymnasium.vector import AutoresetMode, VectorEnv
from gymnasium.vector.utils import batch_space
from numpy.typing import NDArray

from mpn_rl.observations import ObservationForm, numbers

Floats = NDArray[np.floating[Any]]
Ints = NDArray[np.integer[Any]]
Bools = NDArray[np.bool_]
Info = dict[str, NDArray[Any]]
State = dict[str, Any]


class VectorTask(VectorEnv):
    """N independent environments of one task, stepped together, with autoreset disabled.

    A caller steps all environments and then starts new episodes where one has ended::

        observation, info = task.reset(seed=0)
        observation, reward, terminated, truncated, info = task.step(actions)
        over = terminated | truncated
        if over.any():
            observation, info = task.reset(options={"reset_mask": over})

    Stepping an environment whose episode is over is undefined. All randomness comes from one
    generator, which `reset(seed=...)` renews.

    `info` holds "phase" (N,), an index into `phase_names`; one (N,) array for each of
    `variable_names`; and, where `has_answer`, "correct" (N,): the fraction of the judged actions
    that were right (0 or 1 where one action is judged) for an episode that has just ended, 0 for
    one that ended without an answer, nan for all that go on. They describe the observation returned
    with them.
    """

    metadata: dict[str, Any] = {"render_modes": [], "autoreset_mode": AutoresetMode.DISABLED}
    phase_names: tuple[str, ...] = ("episode",)
    variable_names: tuple[str, ...] = ()
    has_answer: bool = False
    episode_bound: int | None = None
    """Where episodes are cut because nothing else limits them; None where something does."""
    saved: tuple[str, ...] = ()
    """The attributes, named without their `_`, that say where the running episodes stand."""

    def __init__(self, num_envs: int, observation_space: spaces.Box, num_actions: int) -> None:
        """Set the spaces: `observation_space` is one environment's, Box (D,)."""
        if num_envs < 1:
            raise ValueError(f"num_envs must be at least 1, not {num_envs}")
        self.num_envs = num_envs
        self._set_spaces(observation_space, num_actions)

    def _set_spaces(self, observation_space: spaces.Box, num_actions: int) -> None:
        self.single_observation_space = observation_space
        self.single_action_space = spaces.Discrete(num_actions)
        self.observation_space = batch_space(observation_space, self.num_envs)
        self.action_space = batch_space(self.single_action_space, self.num_envs)

    @property
    def observation_dim(self) -> int:
        """Number of observation entries D."""
        return int(cast(spaces.Box, self.single_observation_space).shape[0])

    @property
    def observation_form(self) -> ObservationForm:
        """What the entries of an observation are."""
        return numbers(self.observation_dim)

    @property
    def longest_episode(self) -> int | None:
        """Steps after which an episode is over at the latest; None where nothing says so."""
        return None

    @property
    def num_actions(self) -> int:
        """Number of actions A."""
        return int(cast(spaces.Discrete, self.single_action_space).n)

    def expected(self, agent: str) -> tuple[float, float] | None:
        """Exact expected return and fraction of right answers (nan: none are judged) of an agent.

        `agent` is random, memoryless (the best that sees the present observation only) or oracle
        (the best that remembers all); None where it has to play for them.
        """
        del agent
        return None

    def reset(
        self, *, seed: int | None = None, options: Mapping[str, Any] | None = None
    ) -> tuple[Floats, Info]:
        """Start new episodes, in all environments or in those of `options["reset_mask"]` (N,) bool.

        Returns the observations (N, D) of all environments, in the type of `observation_form`, and
        their info.
        """
        super().reset(seed=seed)
        mask = np.ones(self.num_envs, dtype=np.bool_)
        if options and "reset_mask" in options:
            mask = np.asarray(options["reset_mask"], dtype=np.bool_)
            if mask.shape != (self.num_envs,):
                raise ValueError(f"reset_mask has shape {mask.shape}, not ({self.num_envs},)")
        return self._start_episodes(mask)

    def _start_episodes(self, mask: Bools) -> tuple[Floats, Info]:
        """Start a new episode where `mask` (N,) is true; observations and info of all."""
        raise NotImplementedError

    def step(self, actions: Ints) -> tuple[Floats, Floats, Bools, Bools, Info]:
        """Act in every environment: actions (N,) int.

        Returns observation (N, D) (after the action, before any reset), reward (N,)
        float32, terminated (N,) bool, truncated (N,) bool, info.
        """
        raise NotImplementedError

    def get_state(self) -> State:
        """All that `set_state` needs to continue exactly: arrays, numbers, strings, lists."""
        here = {name: getattr(self, f"_{name}") for name in self.saved}
        return {"generator": json.dumps(self.np_random.bit_generator.state), **deepcopy(here)}

    def set_state(self, state: State) -> None:
        """Continue from what `get_state` of an equal task returned."""
        generator = np.random.Generator(np.random.PCG64())
        generator.bit_generator.state = json.loads(state["generator"])
        self.np_random = generator
        for name in self.saved:
            setattr(self, f"_{name}", deepcopy(state[name]))

    def render(self) -> list[Any] | None:  # type: ignore[override]
        """A picture per environment, or None if there is nothing to draw.

        Own tasks give RGB uint8 (height, width, 3), those of others what they draw.
        """
        return None
