"""The contracts of mpn-rl hold for this package's core, task and analysis."""

from types import SimpleNamespace

import numpy as np
import pytest
import torch
from leaky_memory.analysis import Persistence, PersistenceParameters
from leaky_memory.core import Leaky, LeakyParameters

from mpn_rl.testing import check_analysis, check_core, check_task


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


@pytest.mark.parametrize("lags", [1, 40])
def test_the_analysis_keeps_to_its_interface(lags: int) -> None:
    check_analysis(f"leaky_memory.analysis:Persistence(lags={lags})")
    check_analysis("leaky_memory.analysis:Persistence", "leaky_memory.task:DelayedReport(delay=3)")


def test_a_turn_by_a_right_angle_is_no_resemblance() -> None:
    h = np.array([[[2.0, 0.0], [0.0, 1.0], [0.0, 3.0], [np.nan, np.nan]]])  # over after 3 steps
    found = Persistence(PersistenceParameters(lags=3)).measure(SimpleNamespace(h=h))
    assert [*found["lag"]] == [1, 2, 3]
    assert found["similarity"][:2] == [0.5, 0.0]  # the mean of 0 and 1; 0
    assert np.isnan(found["similarity"][2])
