"""Tasks that take keywords, registered as config/README.md tells a user to."""

import gymnasium


def pong_from_ram(**keywords):
    import ale_py  # noqa: F401

    return gymnasium.make("ALE/Pong-v5", obs_type="ram", **keywords)


def memory_of_bsuite(**keywords):
    import shimmy  # noqa: F401

    return gymnasium.make("bsuite/memory_len-v0", memory_length=10, **keywords)


gymnasium.register("PongRam-v0", entry_point=pong_from_ram)
gymnasium.register("MemoryLen-v0", entry_point=memory_of_bsuite)
