"""Targets on hand-computed numbers."""

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from mpn_rl.learning.targets import (
    chosen_values,
    double_q_values,
    lambda_targets,
    masked_huber_loss,
    n_step_targets,
    rescaled,
    sequence_targets,
    unscaled,
)
from mpn_rl.parameters.hyperparameters import Hyperparameters

NO = [False, False, False]


def settings_of(hp):
    return hp.gamma, hp.n_step, hp.return_lambda, hp.value_rescaling


def column(*values: float | bool) -> torch.Tensor:
    """One sequence as (time, batch = 1)."""
    return torch.tensor(values)[:, None]


def targets(reward, terminated, truncated, value, gamma=0.5, n_step=1) -> list[float]:
    tensors = [column(*row) for row in (reward, terminated, truncated, value)]
    return n_step_targets(*tensors, gamma, n_step)[:, 0].tolist()


def test_shift_by_one_bootstraps_from_the_next_observation() -> None:
    # G_t = r_t + gamma V(o_{t+1}): 1 + 0.5 * 20, 2 + 0.5 * 40
    assert targets([1.0, 2.0, 3.0], NO, NO, [10.0, 20.0, 40.0]) == [11.0, 22.0]


def test_last_step_of_a_sequence_bootstraps_and_is_not_terminal() -> None:
    # Two-step returns: row 0 reaches row 2; row 1 has one step to the last row and uses that.
    # 1 + 0.5 * 2 + 0.25 * 40 = 12; 2 + 0.5 * 40 = 22
    assert targets([1.0, 2.0, 3.0], NO, NO, [10.0, 20.0, 40.0], n_step=2) == [12.0, 22.0]


def test_termination_ends_the_return() -> None:
    assert targets([1.0, 2.0, 0.0], [False, True, False], NO, [10.0, 20.0, 40.0]) == [11.0, 2.0]


def test_truncation_bootstraps_from_the_episode_s_last_observation() -> None:
    # Row 2 is the last observation of the truncated episode; rows 3, 4 belong to the next one.
    reward, value = [1.0, 2.0, 0.0, 5.0, 7.0], [10.0, 20.0, 40.0, 80.0, 160.0]
    truncated = [False, True, False, False, False]
    one = targets(reward, [False] * 5, truncated, value)
    assert one[:2] == [11.0, 22.0]
    three = targets(reward, [False] * 5, truncated, value, n_step=3)
    # 1 + 0.5 * 2 + 0.25 * V(o_2) = 12, and never a reward of the next episode
    assert three[:2] == [12.0, 22.0]
    assert three[3] == 5.0 + 0.5 * 160.0


def test_n_step_stops_at_termination_inside() -> None:
    reward, value = [1.0, 2.0, 4.0, 8.0], [9.0, 9.0, 9.0, 9.0]
    terminated = [False, True, False, False]
    assert targets(reward, terminated, [False] * 4, value, n_step=3)[0] == 1.0 + 0.5 * 2.0


def test_padding_adds_nothing_to_the_loss() -> None:
    prediction, target = column(1.0, 5.0, 99.0), column(1.5, 3.0, 0.0)
    mask = column(True, True, False)
    # Huber: 0.5 * 0.5^2 = 0.125 and 2 - 0.5 = 1.5; the mean of two
    assert masked_huber_loss(prediction, target, mask).item() == pytest.approx(0.8125)
    nothing = masked_huber_loss(prediction, target, column(False, False, False))
    assert nothing.item() == 0.0


def test_padding_gives_no_gradient_even_where_it_holds_nan() -> None:
    prediction = column(1.0, 2.0).requires_grad_()
    loss = masked_huber_loss(prediction, column(0.5, float("nan")), column(True, False))
    loss.backward()
    assert prediction.grad is not None
    assert prediction.grad[:, 0].tolist() == [0.5, 0.0]


def test_double_q_takes_the_action_of_one_network_and_the_value_of_the_other() -> None:
    q_online = torch.tensor([[[1.0, 2.0]], [[4.0, 3.0]]])
    q_target = torch.tensor([[[10.0, 20.0]], [[30.0, 40.0]]])
    assert double_q_values(q_online, q_target)[:, 0].tolist() == [20.0, 30.0]


def lambda_returns(reward, terminated, truncated, value, lam, gamma=0.5) -> list[float]:
    tensors = [column(*row) for row in (reward, terminated, truncated, value)]
    return lambda_targets(*tensors, gamma, lam)[:, 0].tolist()


def test_lambda_return_mixes_the_bootstrap_with_the_return_that_follows() -> None:
    # G_1 = 2 + 0.5 * 40 = 22; G_0 = 1 + 0.5 * (0.75 * 20 + 0.25 * 22) = 11.25
    assert lambda_returns([1.0, 2.0, 3.0], NO, NO, [10.0, 20.0, 40.0], 0.25) == [11.25, 22.0]


def test_lambda_return_ends_with_the_episode() -> None:
    reward, value = [1.0, 2.0, 0.0, 8.0, 0.0], [10.0, 20.0, 40.0, 80.0, 160.0]
    ends, no = [False, True, False, False, False], [False] * 5
    # Row 2 is the last observation: G_1 = 2 without a bootstrap, or 2 + 0.5 * V(o_2) = 22 with one
    assert lambda_returns(reward, ends, no, value, 1.0)[:2] == [1.0 + 0.5 * 2.0, 2.0]
    assert lambda_returns(reward, no, ends, value, 1.0)[:2] == [1.0 + 0.5 * 22.0, 22.0]
    assert lambda_returns(reward, no, ends, value, 1.0)[3] == 8.0 + 0.5 * 160.0


@settings(deadline=None)
@given(
    st.lists(st.tuples(*[st.floats(-5, 5)] * 2, st.sampled_from("...TC")), min_size=2, max_size=8),
    st.floats(0, 1),
)
def test_lambda_return_is_the_mixture_of_all_n_step_returns(rows, lam) -> None:
    reward, value, flag = zip(*rows, strict=True)
    terminated, truncated = [f == "T" for f in flag], [f == "C" for f in flag]
    numbers = column(*reward).double(), column(*value).double()
    columns = numbers[0], column(*terminated), column(*truncated), numbers[1]
    last = len(rows) - 1
    by_n = [n_step_targets(*columns, 0.9, n)[:, 0] for n in range(1, last + 1)]
    weights = [(1 - lam) * lam ** (n - 1) for n in range(1, last)] + [lam ** (last - 1)]
    expected = sum(w * returns for w, returns in zip(weights, by_n, strict=True))
    torch.testing.assert_close(lambda_targets(*columns, 0.9, lam)[:, 0], expected)


def test_rescaling_on_hand_computed_numbers() -> None:
    # h(3) = sqrt(4) - 1 + 0.003; h(-8) = -(3 - 1) - 0.008
    value = torch.tensor([3.0, -8.0, 0.0])
    torch.testing.assert_close(rescaled(value), torch.tensor([1.003, -2.008, 0.0]))


@settings(deadline=None)
@given(st.floats(-1e4, 1e4))
def test_unscaled_undoes_rescaled(number) -> None:
    value = torch.tensor([number], dtype=torch.float64)
    torch.testing.assert_close(unscaled(rescaled(value)), value, rtol=1e-9, atol=1e-9)


def test_targets_of_rescaled_values_are_rescaled() -> None:
    rows = {
        "reward": column(3.0, 0.0),
        "terminated": column(False, False),
        "truncated": column(False, False),
    }
    value = rescaled(column(0.0, 10.0))
    # G = 3 + 0.5 * 10 = 8; h(8) = 2.008
    for lam in (None, 0.7):
        options = {"gamma": 0.5, "n_step": 1, "return_lambda": lam, "value_rescaling": True}
        target = sequence_targets(rows, value, *settings_of(Hyperparameters(**options)))
        torch.testing.assert_close(target, column(2.008), rtol=1e-5, atol=1e-5)


def test_the_options_choose_the_targets() -> None:
    rows = {
        "reward": column(1.0, 2.0, 3.0),
        "terminated": column(*NO),
        "truncated": column(*NO),
    }
    value = column(10.0, 20.0, 40.0)
    expected = {  # as in the tests of each above
        (1, None): [11.0, 22.0],
        (2, None): [12.0, 22.0],
        (1, 0.25): [11.25, 22.0],
    }
    for (n_step, lam), targets_of in expected.items():
        options = {"gamma": 0.5, "n_step": n_step, "return_lambda": lam, "value_rescaling": False}
        hp = Hyperparameters(**options)
        assert sequence_targets(rows, value, *settings_of(hp))[:, 0].tolist() == targets_of
        with pytest.raises(ValueError, match=r"\(3, 1\) and \(3,\)"):
            sequence_targets(rows, value[:, 0], *settings_of(hp))


def test_chosen_values_leave_the_last_row_out() -> None:
    q = torch.tensor([[[1.0, 2.0]], [[3.0, 4.0]], [[5.0, 6.0]]])
    assert chosen_values(q, torch.tensor([[1], [0], [1]])).tolist() == [[2.0], [3.0]]
