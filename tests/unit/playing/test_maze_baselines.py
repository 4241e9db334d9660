"""The agents beside which TMaze's scores are read, from the task to the normalised scale."""

import pandas as pd
import pytest

from mpn_rl.parameters.hyperparameters import Hyperparameters
from mpn_rl.playing.baselines import baseline_table
from mpn_rl.sweep.summary.baselines import baseline_scores
from mpn_rl.tasks.build import build_task

# -0.684941 random, -0.22 memoryless, 0.78 oracle: (0.684941 - 0.22) / (0.684941 + 0.78)
MEMORYLESS_NORMALISED = 0.317379


def test_agents_of_the_maze_on_the_normalised_scale() -> None:
    hyperparameters = Hyperparameters(task="TMaze-v0")
    played = baseline_table(hyperparameters, 3)
    task = build_task(hyperparameters, 1)
    found = played.set_index("agent")
    assert (found["num_episodes"] == 0).all()
    assert found["return"]["oracle"] == pytest.approx(0.78, abs=1e-5)
    for agent in ("random", "memoryless", "oracle"):
        assert found["return"][agent] == task.expected(agent)[0]  # type: ignore[index]
    # a random turn is right in half of the episodes that come to one: 0.9386 within 44 steps
    correct = found["correct"].to_dict()
    assert correct == pytest.approx({"random": 0.4693, "memoryless": 0.5, "oracle": 1.0}, abs=1e-4)
    runs = pd.DataFrame({"run": ["run"], "task": ["TMaze-v0"], "setting": [""]})
    table = baseline_scores({"run": played}, runs)
    scale = table[table["statistic"] == "normalised"].set_index("agent")["value"]
    assert scale["random"] == 0
    assert scale["oracle"] == 1
    assert scale["memoryless"] == pytest.approx(MEMORYLESS_NORMALISED, abs=1e-5)
    assert set(table.loc[table["statistic"] == "normalised", "metric"]) == {"return"}
