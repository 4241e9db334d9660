"""The cores, the Q-network and the tasks for TorchRL: `pip install 'mpn-rl[torchrl]'`."""

try:
    from mpn_rl.torchrl.environment import TaskEnv
    from mpn_rl.torchrl.module import MemoryModule, q_value_actor
except ModuleNotFoundError as error:
    if error.name not in ("tensordict", "torchrl"):
        raise
    raise ModuleNotFoundError(
        "mpn_rl.torchrl needs TorchRL, which is not installed: pip install 'mpn-rl[torchrl]'",
        name=error.name,
    ) from error

__all__ = ["MemoryModule", "TaskEnv", "q_value_actor"]
