"""How compiled loops play trials; see `bank`."""

import numpy as np

from mpn_rl.compiled.trials import TRIALS
from mpn_rl.tasks.bank import Played, Starts, redrawn
from mpn_rl.tasks.trial import TrialTask


def trials(task: TrialTask) -> Played:
    """A start is a whole trial."""

    def present() -> Starts:
        seen, answers = task._observations, task._answers
        return Starts(seen.reshape(len(seen), -1).astype(np.float64), answers.copy())

    constants = [task.num_steps, task.num_judged, task.observation_dim]
    return redrawn(TRIALS, constants, task, present)
