"""The training of one seed by PQN, compiled but for the steps of its environments.

So are tasks trained that others wrote, and whatever else plays in Python.
"""

import time

import numpy as np

from mpn_rl.compiled import learning, pqn
from mpn_rl.compiled.acting import Exploring
from mpn_rl.compiled.stepped import Outcome
from mpn_rl.errors import NotFiniteError
from mpn_rl.learning import chunks
from mpn_rl.learning.chunks import ChunkedTraining
from mpn_rl.learning.compiled_memory import make_steps
from mpn_rl.playing.rollout import EpisodeScores
from mpn_rl.playing.thinking import Thinking


class SteppedTraining(ChunkedTraining):
    """A `ChunkedTraining` whose environments step in Python."""

    _error: Exception | None = None
    """What an environment raised in this chunk."""

    def _begin(self) -> None:
        self._compiled = make_steps(self.memory)

    def advance(self) -> None:
        """As `ChunkedTraining.advance`; what an environment raises comes when all is in order."""
        try:
            super().advance()
            if self._error is not None:
                raise self._error
        except NotFiniteError as error:
            self.failure = self._after_steps(error)

    def _steps(self, drawn: pqn.Drawn, episodes: np.ndarray) -> int:
        memory, c = self.memory, self.memory.counters
        made, running, states = memory.made, memory.running, memory.states
        went, began, wanted = learning.FINE, time.monotonic(), int(c[pqn.WANTED])
        length, most = self.hyperparameters.rollout_length, int(c[pqn.MOST_EPISODES])
        c[pqn.DONE] = 0
        for now in range(wanted):
            if c[pqn.ENDED] >= most:
                break
            if c[pqn.POSITION] == length - 1:
                states.last[:] = states.now
            epsilon = drawn.epsilon[now]
            exploring = Exploring(epsilon, drawn.chance[now], drawn.any_action[now])
            seen, start, action = running.seen, running.start, running.action
            self._compiled.think(made.network, exploring, seen, start, states.now, action)
            c[pqn.DONE] += 1
            self._step(epsilon, episodes)
            if c[pqn.POSITION] == length and self._error is None:
                went = self._learn_rollout(drawn)
            over = time.monotonic() - began > chunks.PACE_SECONDS
            if over or went != learning.FINE or self._error is not None:
                break
        return went

    def _step(self, epsilon: float, episodes: np.ndarray) -> None:
        """Step the environments, begin new episodes where some are over, and store it."""
        memory = self.memory
        self._scale.look(self._observation, self.steps)
        began = time.perf_counter()
        try:
            seen, reward, terminated, truncated, _ = self.task.step(memory.running.action)
        except Exception as error:
            self._error = error
            return
        self.task_seconds += time.perf_counter() - began
        begun, ended = seen, terminated | truncated
        if ended.any():
            try:
                begun, _ = self.task.reset(options={"reset_mask": ended})
            except Exception as error:
                self._error = error
        self._observation = begun
        outcome = Outcome(seen, reward, terminated, truncated, begun)
        rows, states, running = memory.rows, memory.states, memory.running
        given = outcome, self.hyperparameters.gamma, epsilon, memory.counters, episodes
        self._compiled.take(rows, running, states, *given)

    def _learn_rollout(self, drawn: pqn.Drawn) -> int:
        memory = self.memory
        return self._compiled.learn(
            memory.learn,
            memory.made.network,
            memory.learning,
            memory.rows,
            memory.states,
            memory.running,
            drawn,
            memory.counters,
            self._report,
        )

    def _greedy_scores(self) -> EpisodeScores:
        self.memory.enter(self.memory.kept)
        envs = self._validation_task.num_envs
        return self._play_greedily(Thinking(self.memory.made, self._compiled.think, envs))
