"""Greedy evaluation of a block's trained agents."""

from typing import Any

from mpn_rl.artifacts.evaluation import write_evaluation
from mpn_rl.playing.evaluation import evaluate_agents
from mpn_rl.sweep.stages.agents import load_trained
from mpn_rl.sweep.stages.runner import Given

EVALUATION_ENVS = 50


def evaluate(given: Given) -> dict[str, Any]:
    """Write evaluation.csv: `num_episodes` greedy episodes of every completed seed.

    Returns how many parameters training adapts.
    """
    num_episodes = given.settings["num_episodes"]
    trained = load_trained(given.inputs["checkpoint"], device=given.device)
    task = trained.task(max(1, min(num_episodes, EVALUATION_ENVS)))
    agents = trained.agents(task.num_envs)
    table = evaluate_agents(agents, task, num_episodes)
    write_evaluation(given.outputs["evaluation"], table)
    return {"parameters": trained.parameter_count()}
