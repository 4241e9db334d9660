"""The deep Q-network: encoder, memory core, read-out."""

from typing import Any

import torch
from torch import Tensor, nn

from mpn_rl.networks import make_core
from mpn_rl.networks.encoders import make_encoder
from mpn_rl.networks.read_out import make_read_out


class MPNDQN(nn.Module):
    """Q-values of observations, with a memory: q = W_q core(encoder(o)) + b_q.

    W_q starts orthogonal with gain 0.1 and b_q at zero; `dueling` and `layer_norm` make more of the
    read-out (`read_out.make_read_out`). Observations are (batch, obs_dim), Q-values
    (batch, action_dim); the state is one tensor (batch, *core.state_shape), which belongs to the
    caller: no method changes it in place.
    """

    def __init__(
        self,
        obs_dim: int,
        hidden_dim: int,
        action_dim: int,
        core: str = "mpn",
        encoder: str = "dense",
        encoder_dim: int = 32,
        dueling: bool = False,
        layer_norm: bool = False,
        generator: torch.Generator | None = None,
        **core_parameters: Any,
    ) -> None:
        """Build the network; every weight is drawn from `generator` (None: torch's own).

        `dueling` reads out a value and advantages; `layer_norm` normalises what enters the
        encoder's tanh and what leaves the core (Gallici et al. 2025, PQN). `core_parameters` are
        the hyper-parameters of the core (`eta`, `lambda_decay`, …). Raises ConfigError for an
        unknown core, encoder or parameter.
        """
        super().__init__()
        self.action_dim = action_dim
        self.encoder = make_encoder(encoder, obs_dim, encoder_dim, layer_norm, generator)
        self.core = make_core(
            core,
            input_dim=self.encoder.output_dim,
            hidden_dim=hidden_dim,
            generator=generator,
            **core_parameters,
        )
        self.q_head = make_read_out(
            hidden_dim, action_dim, dueling=dueling, layer_norm=layer_norm, generator=generator
        )

    def init_state(self, batch_size: int) -> Tensor:
        """Return the core's state (batch, *core.state_shape) at an episode's start: zeros."""
        return self.core.init_state(batch_size)

    def forward(self, observation: Tensor, state: Tensor) -> tuple[Tensor, Tensor]:
        """Advance one step: observation (batch, obs_dim), state → q (batch, action_dim), state."""
        h, state = self.core.step(self.encoder(observation), state)
        return self.q_head(h), state

    def unroll(self, observation: Tensor, state: Tensor, start: Tensor) -> tuple[Tensor, Tensor]:
        """Advance over a sequence: observation (time, batch, obs_dim) → q (time, batch, action).

        `start` (time, batch) is True where an episode begins and the state is zeroed.
        """
        h, state = self.core.unroll(self.encoder(observation), state, start)
        return self.q_head(h), state

    @torch.no_grad()
    def select_action(
        self,
        observation: Tensor,
        state: Tensor,
        epsilon: float,
        generator: torch.Generator | None = None,
    ) -> tuple[Tensor, Tensor]:
        """Choose actions (batch,): the greedy one, or with probability `epsilon` any, uniformly.

        With `epsilon` > 0 the chances come from `generator` (None: torch's own), always the same
        number of draws, and are drawn where it lives: one on the CPU explores alike on any device.
        Returns the actions and the next state.
        """
        q_values, state = self(observation, state)
        action = q_values.argmax(-1)
        if epsilon > 0.0:
            device = q_values.device if generator is None else generator.device
            explore = torch.rand(action.shape, generator=generator, device=device) < epsilon
            any_action = torch.randint(
                self.action_dim, action.shape, generator=generator, device=device
            )
            action = torch.where(explore.to(action.device), any_action.to(action.device), action)
        return action, state
