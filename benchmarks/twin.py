"""CartPole-v1 of Gymnasium under a name of its own, which nothing compiles: `benchmarks.twin:…`."""

import gymnasium

gymnasium.register(
    "TwinCartPole-v1",
    entry_point="gymnasium.envs.classic_control.cartpole:CartPoleEnv",
    max_episode_steps=500,
)
