"""How compiled loops play TMaze-v0; see `bank`."""

import numpy as np

from mpn_rl.compiled.t_maze import T_MAZE
from mpn_rl.tasks.bank import Played, Starts, redrawn
from mpn_rl.tasks.t_maze import STEP_COST, TMaze


def t_maze(task: TMaze) -> Played:
    """A start is a sign."""

    def present() -> Starts:
        return Starts(np.zeros((task.num_envs, 1)), task._sign[:, None].copy())

    return redrawn(T_MAZE, [task.corridor_length, STEP_COST], task, present)
