"""A recurrent double deep Q-network that learns from replayed sequences."""

import copy
import math
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from torch import Tensor

from mpn_rl.config.hyperparameters import Hyperparameters
from mpn_rl.learning.adam import Adam, as_one_vector
from mpn_rl.learning.replay import SequenceBatch
from mpn_rl.learning.targets import double_q_values, masked_huber_loss, n_step_targets
from mpn_rl.networks.q_network import MPNDQN


class DivergedError(ArithmeticError):
    """Learning met a number that is not finite; the message says which and when."""


@dataclass(frozen=True)
class UpdateStatistics:
    """What one gradient update reports: the loss and the gradient norm before clipping."""

    loss: float
    gradient_norm: float


class RecurrentDQN:
    """Online and target network, optimiser and the update that joins them.

    One update: unroll both networks over the sequences (after `burn_in_length` rows without a
    gradient), form n-step double-Q targets, take an Adam step on the masked Huber loss with the
    gradient's global norm clipped, and every `target_update_period` updates move the target,
    theta' <- (1 - rate) theta' + rate theta.
    Sources: Kapturowski et al. 2019 (R2D2: replay with burn-in); van Hasselt et al. 2016.
    """

    def __init__(
        self, network: MPNDQN, hyperparameters: Hyperparameters, device: torch.device
    ) -> None:
        self.hyperparameters = hyperparameters
        self.device = device
        self.online = network.to(device)
        self.target = copy.deepcopy(self.online)
        self._trained = trained_parameters(self.online)
        self._theta = as_one_vector(self._trained)
        self._theta_target = as_one_vector(trained_parameters(self.target))
        self.target.requires_grad_(False)
        self.optimizer = Adam(self._theta, hyperparameters.learning_rate)
        self.updates = 0

    def learn(self, batch: SequenceBatch) -> UpdateStatistics:
        """Take one gradient update. Raises DivergedError where loss or gradient is not finite."""
        hp = self.hyperparameters
        rows = self._to_tensors(batch)
        burn_in = min(hp.burn_in_length, rows["action"].shape[0] - 2)
        q_online = self._unroll(self.online, rows, batch.state, burn_in)
        with torch.no_grad():
            q_target = self._unroll(self.target, rows, batch.state, 0)[burn_in:]
            value = double_q_values(q_online, q_target)
            tail = {name: row[burn_in:] for name, row in rows.items()}
            target = n_step_targets(
                tail["reward"], tail["terminated"], tail["truncated"], value, hp.gamma, hp.n_step
            )
        chosen = q_online[:-1].gather(-1, tail["action"][:-1, :, None]).squeeze(-1)
        loss = masked_huber_loss(chosen, target, tail["valid"][:-1])
        return self._descend(loss)

    def _descend(self, loss: Tensor) -> UpdateStatistics:
        hp = self.hyperparameters
        gradients = torch.autograd.grad(
            loss, self._trained, allow_unused=True, materialize_grads=True
        )
        gradient = torch.cat([part.reshape(-1) for part in gradients])
        norm = torch.linalg.vector_norm(gradient).item()
        statistics = UpdateStatistics(loss=loss.item(), gradient_norm=norm)
        for name, number in (("loss", statistics.loss), ("gradient norm", norm)):
            if not math.isfinite(number):
                raise DivergedError(f"the {name} became {number} at update {self.updates + 1}")
        if norm > hp.gradient_clip:
            gradient.mul_(hp.gradient_clip / norm)
        self.optimizer.step(gradient)
        self.updates += 1
        if self.updates % hp.target_update_period == 0:
            self._theta_target.lerp_(self._theta, hp.target_update_rate)
        return statistics

    def _unroll(
        self,
        network: MPNDQN,
        rows: dict[str, Tensor],
        stored_state: np.ndarray | None,
        burn_in: int,
    ) -> Tensor:
        observation, start = rows["observation"], rows["start"]
        state = network.init_state(observation.shape[1])
        if stored_state is not None:
            state = torch.as_tensor(stored_state, device=self.device)
        if burn_in > 0:
            with torch.no_grad():
                _, state = network.unroll(observation[:burn_in], state, start[:burn_in])
        q, _ = network.unroll(observation[burn_in:], state, start[burn_in:])
        return q

    def _to_tensors(self, batch: SequenceBatch) -> dict[str, Tensor]:
        names = ("observation", "action", "reward", "terminated", "truncated", "start", "valid")
        return {name: torch.as_tensor(getattr(batch, name), device=self.device) for name in names}

    def get_state(self) -> dict[str, Any]:
        """Networks, optimiser and counters, as copies."""
        return {
            "online": copy_state_dict(self.online),
            "target": copy_state_dict(self.target),
            "optimizer": self.optimizer.get_state(),
            "updates": self.updates,
        }

    def set_state(self, state: dict[str, Any]) -> None:
        """Continue from what `get_state` gave."""
        self.online.load_state_dict(state["online"])
        self.target.load_state_dict(state["target"])
        self.optimizer.set_state(state["optimizer"])
        self.updates = state["updates"]


def trained_parameters(network: torch.nn.Module) -> list[torch.nn.Parameter]:
    """The parameters that learning changes, in the network's order."""
    return [parameter for parameter in network.parameters() if parameter.requires_grad]


def copy_state_dict(network: torch.nn.Module) -> dict[str, Tensor]:
    """The network's parameters and buffers, detached copies on the CPU."""
    return {name: tensor.detach().cpu().clone() for name, tensor in network.state_dict().items()}
