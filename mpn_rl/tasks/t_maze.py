"""TMaze-v0: at the far end of a corridor, turn as a sign at its entrance said."""

import numpy as np
from gymnasium import spaces

from mpn_rl.parameters.tasks import TMazeParameters
from mpn_rl.tasks.base import Bools, Floats, Info, Ints, VectorTask

START, CORRIDOR, JUNCTION = range(3)
FORWARD, UP, DOWN = range(3)
STEP_COST = 0.02


class TMaze(VectorTask):
    """T-shaped maze of positions 0 to `corridor_length`; the last one is the junction.

    Phases: start, corridor, junction, by the position.

    Observation (5,): sign up, sign down (one of them 1 at the start, else 0), start, corridor,
    junction (1 at such a place).

    Actions: 0 forward, 1 up, 2 down. Forward moves on by one position, up and down at the junction
    end the episode with +1 if the sign said so and -1 otherwise; all other moves run into a wall
    and change nothing. After 4 (corridor_length + 1) steps the episode is truncated with -1, as one
    that is answered wrongly. Every step costs c = 0.02. Without memory the turn is a guess.

    Both the cost and the -1 are needed, for no agent to wait where it does not know the answer. To
    put off an end with -1 by one step gains 1 - γ and costs γ c: it does not pay while
    γ > 1 / (1 + c) = 0.980, however long the corridor. Waiting for the end after T steps is worth
    -c (1 - γ^T) / (1 - γ) - γ^(T - 1), undiscounted -c T - 1; a wrong turn the same with
    T = corridor_length + 1.

    After Bakker (2001), "Reinforcement learning with long short-term memory", without its step
    back, and with a cost of every step in place of its penalty for standing still.
    """

    phase_names = ("start", "corridor", "junction")
    variable_names = ("sign", "position")
    has_answer = True
    saved = ("sign", "position", "step")

    def __init__(
        self, num_envs: int, parameters: TMazeParameters, max_episode_steps: int | None = None
    ) -> None:
        super().__init__(num_envs, spaces.Box(0.0, 1.0, (5,), np.float32), 3)
        self.corridor_length = parameters.corridor_length
        self.max_episode_steps = max_episode_steps or 4 * (self.corridor_length + 1)
        self._sign = np.zeros(num_envs, np.int64)
        self._position = np.zeros(num_envs, np.int64)
        self._step = np.zeros(num_envs, np.int64)
        self._rows = np.arange(num_envs)

    @property
    def longest_episode(self) -> int:
        """`max_episode_steps`."""
        return self.max_episode_steps

    def _start_episodes(self, mask: Bools) -> tuple[Floats, Info]:
        rows = np.flatnonzero(mask)
        self._sign[rows] = self.np_random.integers(2, size=rows.size)
        self._position[rows] = 0
        self._step[rows] = 0
        return self._observation(), self._info(np.full(self.num_envs, np.nan))

    def step(self, actions: Ints) -> tuple[Floats, Floats, Bools, Bools, Info]:
        """Move; actions (N,)."""
        actions = np.asarray(actions)
        terminated = (self._position == self.corridor_length) & (actions != FORWARD)
        right = actions - UP == self._sign
        self._position += (actions == FORWARD) & (self._position < self.corridor_length)
        self._step += 1
        truncated = (self._step >= self.max_episode_steps) & ~terminated
        right &= terminated
        over = terminated | truncated
        reward = np.where(over, 2.0 * right - 1.0, 0.0) - STEP_COST
        info = self._info(np.where(over, right, np.nan))
        return self._observation(), reward.astype(np.float32), terminated, truncated, info

    def _phase(self) -> Ints:
        return np.where(
            self._position == 0,
            START,
            np.where(self._position == self.corridor_length, JUNCTION, CORRIDOR),
        )

    def _observation(self) -> Floats:
        observation = np.zeros((self.num_envs, 5), np.float32)
        observation[self._rows, self._sign] = self._position == 0
        observation[self._rows, 2 + self._phase()] = 1
        return observation

    def _info(self, correct: Floats) -> Info:
        return {
            "phase": self._phase(),
            "sign": self._sign.copy(),
            "position": self._position.copy(),
            "correct": correct,
        }

    def memoryless_action(self, observation: Floats) -> Ints:
        """Forward until the junction, then always up."""
        return np.where(observation[:, 2 + JUNCTION] > 0, UP, FORWARD)

    def oracle_action(self, history: Floats) -> Ints:
        """Forward until the junction, then as the sign said."""
        turn = np.where(history[0, :, 0] > 0, UP, DOWN)
        return np.where(history[-1, :, 2 + JUNCTION] > 0, turn, FORWARD)

    def expected(self, agent: str) -> tuple[float, float]:
        """Return and how often the turn is right; no turn is, if none is within the limit.

        Memoryless and oracle: p - (1 - p) - c (corridor_length + 1), the shortest way to a turn
        that is right with p = 1/2 or 1. Random: -S(T) - c Σ_{t<T} S(t), where S(t) is the chance
        that t steps have not led to a turn, right as often as wrong. Every third action goes
        forward, two of three turn: S is what is left after t steps of a Markov chain over the
        positions.
        """
        steps = self.corridor_length + 1
        if self.max_episode_steps < steps:
            return -1.0 - STEP_COST * self.max_episode_steps, 0.0
        if agent == "random":
            waiting, cost = self._random_walk()
            return -waiting - cost, (1 - waiting) / 2
        right = {"memoryless": 0.5, "oracle": 1.0}[agent]
        return 2 * right - 1 - STEP_COST * steps, right

    def _random_walk(self) -> tuple[float, float]:
        waiting = np.zeros(self.corridor_length + 1)
        waiting[0] = 1.0
        cost = 0.0
        for _ in range(self.max_episode_steps):
            cost += STEP_COST * waiting.sum()
            forward = waiting / 3
            waiting[:-1] -= forward[:-1]
            waiting[-1] = forward[-1]
            waiting[1:] += forward[:-1]
        return float(waiting.sum()), float(cost)
