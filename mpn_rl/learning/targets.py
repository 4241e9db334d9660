"""Targets and loss of recurrent double Q-learning, as pure functions.

A sequence is the rows o_0 … o_{T-1} of a stream of episodes. Row t holds the transition
(o_t, a_t, r_t) -> o_{t+1}, where o_{t+1} is row t+1; an episode's last observation has a row of its
own, which holds no transition (`valid` False) and serves as bootstrap alone. Networks are unrolled
once over all rows, and targets are the shifted outputs of that one unroll.
"""

import torch
from torch import Tensor

RESCALING = 1e-3  # the linear part of the rescaling, which keeps its inverse Lipschitz


def double_q_values(q_online: Tensor, q_target: Tensor) -> Tensor:
    """Value of each row under double Q-learning, V_t = Q_target(o_t, argmax_a Q_online(o_t, a)).

    q_online, q_target: (time, batch, action). Returns (time, batch).
    Source: van Hasselt, Guez & Silver 2016, "Deep reinforcement learning with double Q-learning".
    """
    greedy = q_online.argmax(dim=-1, keepdim=True)
    return q_target.gather(-1, greedy).squeeze(-1)


def chosen_values(q: Tensor, action: Tensor) -> Tensor:
    """Q(o_t, a_t) of every row but the last: q (time, batch, action), action (time, batch).

    Returns (time - 1, batch).
    """
    return q[:-1].gather(-1, action[:-1, :, None]).squeeze(-1)


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
    n_step = min(n_step, last)
    for k in range(n_step):
        at = torch.clamp(rows + k, max=last - 1)
        target = target + torch.where(going, gamma**k * reward[at], 0.0)
        ends_here = terminated[at] | truncated[at] | (rows + k + 1 >= last)[:, None]
        stops = going & (ends_here | (k == n_step - 1))
        bootstrap = stops & ~terminated[at]
        target = target + torch.where(bootstrap, gamma ** (k + 1) * value[at + 1], 0.0)
        going = going & ~stops
    return target


def lambda_targets(
    reward: Tensor,
    terminated: Tensor,
    truncated: Tensor,
    value: Tensor,
    gamma: float,
    return_lambda: float,
) -> Tensor:
    """Lambda-returns, the mixture of all n-step returns within an episode and a sequence.

    G_t = r_t + gamma [(1 - lambda) V_{t+1} + lambda G_{t+1}]; after a step that truncates, and at
    the sequence's last row, V_{t+1} alone stands in the bracket, and after a termination 0.
    Actions that were not greedy are not corrected for (Peng's Q(lambda)).

    Shapes as in `n_step_targets`. Returns (time - 1, batch).
    Source: Sutton & Barto 2018, eq. 12.18; Peng & Williams 1996, "Incremental multi-step
    Q-learning".
    """
    last = reward.shape[0] - 1
    following = value[last]
    targets = []
    for t in range(last - 1, -1, -1):
        mixed = torch.lerp(value[t + 1], following, return_lambda)
        ahead = torch.where(truncated[t], value[t + 1], mixed)
        following = reward[t] + gamma * torch.where(terminated[t], 0.0, ahead)
        targets.append(following)
    return torch.stack(targets[::-1])


def sequence_targets(
    rows: dict[str, Tensor],
    value: Tensor,
    gamma: float,
    n_step: int = 1,
    return_lambda: float | None = None,
    value_rescaling: bool = False,
) -> Tensor:
    """What Q(o_t, a_t) is moved towards, for every row but the last: (time - 1, batch).

    n-step returns, or lambda-returns where `return_lambda` is given, of `rows` (see
    `SequenceBatch`) and of `value` (time, batch), the network's worth of each row; with
    value_rescaling, h(G(h^-1(value))). Raises ValueError for other shapes.
    """
    if value.dim() != 2 or rows["reward"].shape != value.shape:
        shapes = f"{tuple(rows['reward'].shape)} and {tuple(value.shape)}"
        raise ValueError(f"rewards and values must both be (time, batch), not {shapes}")
    if value_rescaling:
        value = unscaled(value)
    steps = rows["reward"], rows["terminated"], rows["truncated"], value
    if return_lambda is None:
        target = n_step_targets(*steps, gamma, n_step)
    else:
        target = lambda_targets(*steps, gamma, return_lambda)
    return rescaled(target) if value_rescaling else target


def rescaled(value: Tensor) -> Tensor:
    """h(v) = sign(v) (sqrt(|v| + 1) - 1) + 0.001 v, which makes large returns learnable.

    Source: Pohlen et al. 2018, "Observe and look further", proposition A.2.
    """
    return value.sign() * ((value.abs() + 1.0).sqrt() - 1.0) + RESCALING * value


def unscaled(value: Tensor) -> Tensor:
    """h^-1, the inverse of `rescaled`."""
    # in double precision: the difference of near numbers is divided by a small one
    size = value.abs().double()
    root = ((1.0 + 4.0 * RESCALING * (size + 1.0 + RESCALING)).sqrt() - 1.0) / (2.0 * RESCALING)
    return value.sign() * (root**2 - 1.0).to(value.dtype)


def masked_huber_loss(prediction: Tensor, target: Tensor, mask: Tensor) -> Tensor:
    """Mean Huber loss (threshold 1) over the entries where `mask` is True; 0 where none is.

    prediction, target, mask: (time, batch). Returns a scalar.
    """
    # Masked before the loss, not after: a nan beneath the mask would still reach the gradient.
    error = torch.where(mask, prediction, 0.0), torch.where(mask, target, 0.0)
    loss = torch.nn.functional.smooth_l1_loss(*error, reduction="sum")
    return loss / mask.sum().clamp(min=1)
