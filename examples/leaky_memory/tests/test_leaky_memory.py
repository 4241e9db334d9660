"""The contracts of mpn-rl hold for this package's core and task."""

import pytest
import torch
from leaky_memory.core import Leaky, LeakyParameters

from mpn_rl.testing import check_core, check_task


@pytest.mark.parametrize("leak", [0.2, 1.0])
def test_the_core_keeps_to_its_interface(leak: float) -> None:
    check_core(f"leaky_memory.core:Leaky(leak={leak})")


def test_the_task_keeps_to_its_interface() -> None:
    check_task("leaky_memory.task:DelayedReport(delay=3)")


def test_half_of_the_new_enters_with_a_leak_of_a_half() -> None:
    core = Leaky(1, 1, LeakyParameters(leak=0.5))
    with torch.no_grad():
        core.linear.weight.fill_(0.0)
        core.linear.bias.fill_(torch.inf)  # tanh = 1
    h, state = core.step(torch.zeros(1, 1), torch.full((1, 1), 0.5))
    assert h.item() == state.item() == 0.75
