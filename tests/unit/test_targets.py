"""Targets on hand-computed numbers."""

import pytest
import torch

from mpn_rl.learning.targets import double_q_values, masked_huber_loss, n_step_targets

NO = [False, False, False]


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
