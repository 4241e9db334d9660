"""The cores, the Q-network and the tasks for TorchRL: `pip install 'mpn-rl[torchrl]'`."""

from mpn_rl.torchrl.environment import TaskEnv
from mpn_rl.torchrl.module import MemoryModule, q_value_actor

__all__ = ["MemoryModule", "TaskEnv", "q_value_actor"]
