"""Greedy evaluation of a block's trained agents."""

from typing import Any

import torch

from mpn_rl.artifacts.evaluation import write_evaluation
from mpn_rl.networks.build import build_network
from mpn_rl.networks.core import parameter_count
from mpn_rl.playing.evaluation import evaluate_agents
from mpn_rl.sweep.stages.agents import load_agents, task_of
from mpn_rl.sweep.stages.runner import Given

EVALUATION_ENVS = 50


def evaluate(given: Given) -> dict[str, Any]:
    """Write evaluation.csv: `num_episodes` greedy episodes of every completed seed.

    Returns how many parameters training adapts.
    """
    torch.set_num_threads(1)
    num_episodes = given.settings["num_episodes"]
    hyperparameters, agents = load_agents(given.inputs["checkpoint"], device=given.device)
    task = task_of(hyperparameters, agents, max(1, min(num_episodes, EVALUATION_ENVS)))
    table = evaluate_agents(agents, task, num_episodes)
    write_evaluation(given.outputs["evaluation"], table)
    network = build_network(
        hyperparameters, task.observation_form, task.num_actions, torch.Generator()
    )
    return {"parameters": parameter_count(network)}
