"""The default that each hyper-parameter had when it first appeared: what ids leave out for ever.

A run's id leaves out what is at its first default, so that a default can change without giving old
runs another id. And a parameter that is not in this table, added later, is written only where it is
away from its first default, so that adding it leaves params, config.json and checkpoints of old
runs as they are. A later one's first default is entered in LATER, before it can change: at a
changed default that nobody had entered, new runs would take the ids of old ones.
"""

from typing import Any

# In the order in which resolved hyper-parameters are written.
FIRST_DEFAULTS: dict[str, Any] = {
    "task": "DelayedMatch-v0",
    "core": "mpn",
    "delay": 6,
    "observation_noise": 0.1,
    "stimulus_steps": 10,
    "coherence": 1.0,
    "k": 2,
    "memory_length": 16,
    "corridor_length": 10,
    "max_episode_steps": None,
    "previous_action": False,
    "previous_reward": False,
    "encoder": "dense",
    "encoder_dim": 32,
    "hidden_dim": 64,
    "activation": "tanh",
    "bias": True,
    "eta": 0.1,
    "learn_eta": True,
    "lambda_decay": 0.95,
    "learn_lambda": True,
    "lambda_max": 0.99,
    "eta_shape": "scalar",
    "lambda_shape": "scalar",
    "hebbian_rule": "associative",
    "modulation": "multiplicative",
    "M_bound": None,
    "W_init": "xavier",
    "num_layers": 1,
    "dueling": False,
    "layer_norm": False,
    "num_steps": 80000,
    "num_episodes": None,
    "num_envs": 16,
    "learner": "dqn",
    "gamma": 0.99,
    "return_lambda": None,
    "n_step": 1,
    "value_rescaling": False,
    "learning_rate": 0.002,
    "learning_rate_decay": None,
    "gradient_clip": 10.0,
    "batch_size": 64,
    "buffer_size": 20000,
    "replay_start": "episode",
    "sequence_length": None,
    "burn_in_length": 0,
    "priority_exponent": 0.0,
    "priority_max_weight": 0.9,
    "update_period": 36,
    "learning_starts": 1000,
    "target_update_rate": 0.01,
    "target_update_period": 1,
    "rollout_length": 32,
    "rollout_epochs": 4,
    "rollout_minibatches": 4,
    "epsilon_start": 1.0,
    "epsilon_end": 0.05,
    "epsilon_schedule": "linear",
    "epsilon_decay": 20000.0,
    "validation_period": 5000,
    "validation_episodes": 64,
}
LATER: dict[str, Any] = {}
