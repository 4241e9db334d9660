"""The default that each hyper-parameter had when it first appeared: what ids leave out for ever.

So a default can change without giving old runs another id. A parameter that came after the first
version is written only where it is away from its first default, so that adding it leaves params,
config.json and checkpoints of old runs as they are. Its first default is entered in LATER before it
can change: at a changed default that nobody had entered, new runs would take the ids of old ones.
"""

import json
from typing import Any

# The first version's, in the order in which resolved hyper-parameters are written: never edited.
FIRST_DEFAULTS: dict[str, Any] = json.loads("""
{
"task": "DelayedMatch-v0", "core": "mpn", "delay": 6, "observation_noise": 0.1,
"stimulus_steps": 10, "coherence": 1.0, "k": 2, "memory_length": 16, "corridor_length": 10,
"max_episode_steps": null, "previous_action": false, "previous_reward": false, "encoder": "dense",
"encoder_dim": 32, "hidden_dim": 64, "activation": "tanh", "bias": true, "eta": 0.1,
"learn_eta": true, "lambda_decay": 0.95, "learn_lambda": true, "lambda_max": 0.99,
"eta_shape": "scalar", "lambda_shape": "scalar", "hebbian_rule": "associative",
"modulation": "multiplicative", "M_bound": null, "W_init": "xavier", "num_layers": 1,
"dueling": false, "layer_norm": false, "num_steps": 80000, "num_episodes": null, "num_envs": 16,
"learner": "dqn", "gamma": 0.99, "return_lambda": null, "n_step": 1, "value_rescaling": false,
"learning_rate": 0.002, "learning_rate_decay": null, "gradient_clip": 10.0, "batch_size": 64,
"buffer_size": 20000, "replay_start": "episode", "sequence_length": null, "burn_in_length": 0,
"priority_exponent": 0.0, "priority_max_weight": 0.9, "update_period": 36,
"learning_starts": 1000, "target_update_rate": 0.01, "target_update_period": 1,
"rollout_length": 32, "rollout_epochs": 4, "rollout_minibatches": 4, "epsilon_start": 1.0,
"epsilon_end": 0.05, "epsilon_schedule": "linear", "epsilon_decay": 20000.0,
"validation_period": 5000, "validation_episodes": 64
}
""")
LATER: dict[str, Any] = {
    "gate_spread": False,
    "lambda_spread": "units",
    "env_wrappers": None,
    "observation_kind": None,
    "observation_normalisation": False,
    "observation_scaling": "none",
    "epsilon_hold": 1,
    "validation_share": 0.1,
    "reward_scale": 1.0,
    "learning_rate_power": None,
    "weight_averaging": None,
    "num_frames": 2,
    "key_dim": None,
}
# Defaults that took a first default's place under the ids that it had: an encoder that nobody named
# was dense, and is what the observations ask for since.
SUCCEEDED: dict[str, Any] = {"encoder": None}
