"""The example trains by TorchRL's collector, replay buffer and loss."""

import runpy
from pathlib import Path

import pytest

pytestmark = pytest.mark.torchrl
EXAMPLE = Path(__file__).parents[2] / "examples" / "torchrl_dqn.py"


def test_the_example_gets_to_its_accuracy(capsys):
    example = runpy.run_path(str(EXAMPLE))
    assert example["train"]("mpn", delay=6, seed=0, most_steps=120_000) >= 0.95
    assert "of the answers are right" in capsys.readouterr().out
