"""GoNogo-v0: act or hold still, as a stimulus several steps earlier said."""

import numpy as np

from mpn_rl.tasks.base import Floats, Ints
from mpn_rl.tasks.trial import Trials, TrialTask, one_hot, phase_sequence, stimulus_accuracy

STIMULUS, DELAY, DECISION = range(3)
NOGO, GO = 0, 1


class GoNogo(TrialTask):
    """Delayed go / no-go.

    Phases: stimulus (1 step), delay (`delay` steps), decision (1 step).

    Observation (4,): no-go and go stimulus (1 when shown, 0 otherwise, with Gaussian noise of
    standard deviation `observation_noise` at every step), fixation (1 until the decision), respond
    (1 at the decision).

    Actions: 0 hold still, 1 act. Only the action at the decision is judged (+1 or -1), where the
    stimulus is gone: without memory half of the answers are right.
    """

    phase_names = ("stimulus", "delay", "decision")
    variable_names = ("stimulus",)

    def __init__(
        self,
        num_envs: int = 1,
        *,
        delay: int = 6,
        observation_noise: float = 0.1,
        max_episode_steps: int | None = None,
    ) -> None:
        """`delay` in steps (>= 0), `observation_noise` a standard deviation (>= 0)."""
        self.delay = delay
        self.observation_noise = observation_noise
        spread = 6 * observation_noise
        super().__init__(
            num_envs,
            num_steps=delay + 2,
            num_judged=1,
            low=np.array([-spread, -spread, 0, 0]),
            high=np.array([1 + spread, 1 + spread, 1, 1]),
            num_actions=2,
            max_episode_steps=max_episode_steps,
        )

    def draw(self, generator: np.random.Generator, count: int) -> Trials:
        """Draw `count` trials: stimuli, then the noise."""
        stimulus = generator.integers(2, size=count)
        noise = generator.standard_normal((count, self.num_steps, 2))
        phases = phase_sequence(1, self.delay, 1)
        observations = np.zeros((count, self.num_steps, 4))
        observations[..., :2] = self.observation_noise * noise
        observations[:, 0, :2] += one_hot(stimulus, 2)
        observations[..., 2] = phases != DECISION
        observations[..., 3] = phases == DECISION
        answers = np.full((count, self.num_steps), -1)
        answers[:, -1] = stimulus
        return Trials(observations, phases, answers, {"stimulus": stimulus[:, None]})

    def memoryless_action(self, observation: Floats) -> Ints:
        """Always act: nothing that is seen at the decision helps."""
        return np.full(len(observation), GO)

    def oracle_action(self, history: Floats) -> Ints:
        """What the more active channel of the first step said."""
        return np.argmax(history[0, :, :2], axis=1)

    @property
    def memoryless_accuracy(self) -> float:
        """One half."""
        return 0.5

    @property
    def oracle_accuracy(self) -> float:
        """q, how often the stimulus is read rightly."""
        return stimulus_accuracy(self.observation_noise)
