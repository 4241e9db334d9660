"""Any Gymnasium environment with discrete actions, as a vector of environments in lockstep."""

from collections.abc import Mapping
from functools import partial
from typing import Any

import gymnasium
import numpy as np
from gymnasium import spaces

from mpn_rl.errors import UserError
from mpn_rl.observations import ObservationForm
from mpn_rl.tasks.base import Bools, Floats, Info, Ints, State, VectorTask
from mpn_rl.tasks.looking import seen_in
from mpn_rl.tasks.making import (
    discrete_actions,
    entry_point_of,
    find_environment,
    make_environment,
    tell,
)
from mpn_rl.tasks.observations import Layout, lay_out
from mpn_rl.tasks.wrapping import episode_bound

# every step earns 1 until the pole falls
BALANCED = ("CartPole-v0", "CartPole-v1")


class GymnasiumTask(VectorTask):
    """N single Gymnasium environments of one id, stepped in lockstep.

    A Box observation is raveled, the symbols of Discrete and MultiDiscrete become one-hot, parts of
    a Tuple or Dict are put one behind the other; texts among them are left out. Each episode is
    reset with a seed of its own, drawn from the task's generator. The state of an environment is
    saved as the seed of its running episode and the actions taken in it, and restored by playing
    them again, which holds for every environment that is deterministic once it is seeded.
    """

    metadata = {**VectorTask.metadata, "render_modes": ["rgb_array"]}
    saved = ("seeds", "actions", "observations")
    _envs: list[gymnasium.Env] = []  # close comes also for a task that could not be made

    def __init__(
        self,
        num_envs: int = 1,
        *,
        env_id: str,
        render: bool = False,
        max_episode_steps: int | None = None,
        env_wrappers: str | None = None,
        observation_kind: str | None = None,
        observation_scaling: str = "none",
        layout: Layout | None = None,
    ) -> None:
        """`env_id` may be "module:id".

        `max_episode_steps` and `env_wrappers` are as in `make_environment`. `observation_kind` says
        what a Box is that may be a picture as well as one of symbols ("numbers", "picture",
        "symbols"); None: told by looking. `observation_scaling` is as in `lay_out`.
        `layout` is that of an equal task, if there is one.

        Raises UserError if there is no such environment, if it cannot be made, or if its spaces
        cannot be used.
        """
        self.env_id = env_id
        # wrappers that skip steps make episodes shorter than the environment says
        registered = None if env_wrappers else find_environment(env_id).max_episode_steps
        self._longest = max_episode_steps or registered
        self._make = partial(
            make_environment,
            env_id,
            max_episode_steps=max_episode_steps,
            env_wrappers=env_wrappers,
        )
        self._envs = [self._make(render=render) for _ in range(num_envs)]
        self._rendered = render and all(env.render_mode == "rgb_array" for env in self._envs)
        first = self._envs[0]
        actions = discrete_actions(env_id, first.action_space)
        look = partial(seen_in, env_id, entry_point_of(env_id), max_episode_steps, env_wrappers)
        space = first.observation_space
        self.layout = layout or lay_out(env_id, space, look, observation_kind, observation_scaling)
        for part in self.layout.texts:
            tell(f"task {env_id!r}: the text{part} of its observations is left out")
        self.episode_bound = episode_bound(first)
        if self.episode_bound is not None:
            tell(
                f"task {env_id!r}: there is no limit of steps, so episodes are cut at "
                f"{self.episode_bound:,}; max_episode_steps sets another limit"
            )
        super().__init__(num_envs, self._flat_space(), int(actions.n))
        # as the space's own samples are
        self._space_actions = [actions.dtype.type(actions.start + a) for a in range(actions.n)]
        self._observations = np.zeros((num_envs, self.observation_dim), self.observation_form.dtype)
        self._seeds = np.full(num_envs, -1, np.int64)
        self._actions: list[list[int]] = [[] for _ in range(num_envs)]

    @property
    def observation_form(self) -> ObservationForm:
        """What the entries of an observation are, by the environment's space and a look at it."""
        return self.layout.form

    @property
    def longest_episode(self) -> int | None:
        """The limit that was asked for, or that the environment was registered with."""
        return self._longest

    def expected(self, agent: str) -> tuple[float, float] | None:
        """Of CartPole: it shows its whole state, and the best balance until its limit of steps."""
        spec = self._envs[0].spec
        if self._make.keywords["env_wrappers"] or agent == "random":
            return None
        if spec is None or spec.id not in BALANCED:
            return None
        return float(spec.max_episode_steps or np.inf), np.nan

    def _start_episodes(self, mask: Bools) -> tuple[Floats, Info]:
        started = np.flatnonzero(mask).tolist()
        return self.start({n: int(self.np_random.integers(2**31)) for n in started})

    def start(self, seeds: Mapping[int, int]) -> tuple[Floats, Info]:
        """Start the episode of its seed in each of these environments; as `reset`."""
        for n, seed in seeds.items():
            self._begin(n, seed)
        return self._observations.copy(), self._info()

    def _begin(self, n: int, seed: int) -> None:
        observation = self._reset_environment(n, seed)
        self._seeds[n] = seed
        self._actions[n] = []
        self._observations[n] = self._flatten(observation)

    def _reset_environment(self, n: int, seed: int) -> Any:
        """First observation of an episode that `seed` alone decides."""
        return self._envs[n].reset(seed=seed)[0]

    def step(self, actions: Ints) -> tuple[Floats, Floats, Bools, Bools, Info]:
        """Step every environment; actions (N,)."""
        told = [self._act(n, action) for n, action in enumerate(np.asarray(actions).tolist())]
        reward, terminated, truncated = zip(*told, strict=True)
        return (
            self._observations.copy(),
            np.array(reward, np.float32),
            np.array(terminated, np.bool_),
            np.array(truncated, np.bool_),
            self._info(),
        )

    def _act(self, n: int, action: int) -> tuple[float, bool, bool]:
        observation, reward, terminated, truncated, said = self._envs[n].step(
            self._space_actions[action]
        )
        self._hear(n, said)
        self._actions[n].append(action)
        self._observations[n] = self._flatten(observation)
        return float(reward), terminated, truncated

    def _hear(self, n: int, said: dict[str, Any]) -> None:
        """Take what a subclass needs from the `info` of environment n's step."""

    def _flat_space(self) -> spaces.Box:
        return self.layout.box

    def _flatten(self, observation: Any) -> Floats:
        return self.layout.flatten(observation)

    def _info(self) -> Info:
        return {"phase": np.zeros(self.num_envs, np.int64)}

    def set_state(self, state: State) -> None:
        """Play the running episodes again.

        Raises UserError if an environment does not come back to the observation that was saved.
        """
        super().set_state(state)
        for n in np.flatnonzero(self._seeds >= 0).tolist():
            self._begin(n, int(self._seeds[n]))
            for action in state["actions"][n]:
                self._act(n, action)
        if not np.array_equal(self._observations, state["observations"], equal_nan=True):
            raise UserError(
                f"task {self.env_id!r} cannot be resumed inside an episode: with the same seed and "
                "the same actions it does not give the same observations again"
            )

    def render(self) -> list[Any] | None:  # type: ignore[override]
        """What each environment draws; None if they draw nothing or `render` was not asked for."""
        return [env.render() for env in self._envs] if self._rendered else None

    def close_extras(self, **_: Any) -> None:
        """Close the environments."""
        for env in self._envs:
            env.close()
