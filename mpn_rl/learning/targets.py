"""Targets and loss of recurrent double Q-learning, as pure functions.

A sequence is the rows o_0 … o_{T-1} of a stream of episodes. Row t holds the transition
(o_t, a_t, r_t) -> o_{t+1}, where o_{t+1} is row t+1; an episode's last observation has a row of its
own, which holds no transition (`valid` False) and serves as bootstrap alone. Networks are unrolled
once over all rows, and targets are the shifted outputs of that one unroll.
"""

import torch
from torch import Tensor


def double_q_values(q_online: Tensor, q_target: Tensor) -> Tensor:
    """Value of each row under double Q-learning, V_t = Q_target(o_t, argmax_a Q_online(o_t, a)).

    q_online, q_target: (time, batch, action). Returns (time, batch).
    Source: van Hasselt, Guez & Silver 2016, "Deep reinforcement learning with double Q-learning".
    """
    greedy = q_online.argmax(dim=-1, keepdim=True)
    return q_target.gather(-1, greedy).squeeze(-1)


def n_step_targets(
    reward: Tensor,
    terminated: Tensor,
    truncated: Tensor,
    value: Tensor,
    gamma: float,
    n_step: int,
) -> Tensor:
    """n-step returns that bootstrap through truncation and not through termination.

    G_t = sum_{k<m} gamma^k r_{t+k} + gamma^m V_{t+m}, where m <= n_step is the number of steps to
    the episode's end or to the sequence's last row, whichever comes first; the bootstrap is left
    out where the episode terminated at step t+m-1.

    reward, terminated, truncated: (time, batch) by row; value: (time, batch), V of each row's
    observation. Returns (time - 1, batch): a target for every row but the last. Targets of rows
    without a transition are meaningless and must be masked.
    Source: Sutton & Barto 2018, eq. 7.1; Pardo et al. 2018, "Time limits in RL" (truncation).
    """
    if n_step == 1:  # the usual case, in a third of the operations
        return reward[:-1] + gamma * torch.where(terminated[:-1], 0.0, value[1:])
    last = reward.shape[0] - 1
    rows = torch.arange(last, device=reward.device)
    target = torch.zeros_like(reward[:last])
    going = torch.ones_like(target, dtype=torch.bool)
    for k in range(n_step):
        at = torch.clamp(rows + k, max=last - 1)
        target = target + torch.where(going, gamma**k * reward[at], 0.0)
        ends_here = terminated[at] | truncated[at] | (rows + k + 1 >= last)[:, None]
        stops = going & (ends_here | (k == n_step - 1))
        bootstrap = stops & ~terminated[at]
        target = target + torch.where(bootstrap, gamma ** (k + 1) * value[at + 1], 0.0)
        going = going & ~stops
    return target


def masked_huber_loss(prediction: Tensor, target: Tensor, mask: Tensor) -> Tensor:
    """Mean Huber loss (threshold 1) over the entries where `mask` is True; 0 where none is.

    prediction, target, mask: (time, batch). Returns a scalar.
    """
    # Masked before the loss, not after: a nan beneath the mask would still reach the gradient.
    error = torch.where(mask, prediction, 0.0), torch.where(mask, target, 0.0)
    loss = torch.nn.functional.smooth_l1_loss(*error, reduction="sum")
    return loss / mask.sum().clamp(min=1)
