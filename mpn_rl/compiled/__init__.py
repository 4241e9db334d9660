"""Networks, learning and tasks as compiled functions (numba), without torch or Gymnasium.

Nothing is imported here: a run reaches the kernels of its own core alone.
"""
