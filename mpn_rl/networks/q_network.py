"""The deep Q-network: encoder, memory core, read-out."""

from collections import OrderedDict
from copy import deepcopy
from typing import Any, Self

import torch
from torch import Tensor, nn

from mpn_rl.networks import make_core
from mpn_rl.networks.encoders import make_encoder
from mpn_rl.networks.front import Front, make_front
from mpn_rl.networks.read_out import make_read_out
from mpn_rl.observations import ObservationForm, numbers
from mpn_rl.parameters.networks import NetworkParameters


class MPNDQN(nn.Module):
    """Q-values of observations, with a memory: q = W_q core(encoder(o)) + b_q.

    W_q starts orthogonal with gain 0.1 and b_q at zero; `dueling` and `layer_norm` make more of the
    read-out (`read_out.make_read_out`). Where observations are not seen as they are, `encoder`
    begins with the `front.Front` of their form. Observations are (batch, obs_dim), Q-values
    (batch, action_dim); the state is one tensor (batch, *core.state_shape), which belongs to the
    caller: no method changes it in place.
    """

    def __init__(
        self,
        obs_dim: int | ObservationForm,
        hidden_dim: int,
        action_dim: int,
        core: str = "mpn",
        generator: torch.Generator | None = None,
        **parameters: Any,
    ) -> None:
        """Build the network; every weight is drawn from `generator` (None: torch's own).

        `obs_dim` says what observations are; a number means as many plain numbers. `parameters` are
        the hyper-parameters of the network (`encoder`, `encoder_dim`, `dueling`: read out a value
        and advantages, `layer_norm`: normalise what enters the encoder's tanh and what leaves the
        core, Gallici et al. 2025, PQN, off where it is not given, `observation_normalisation`) and
        of the core (`eta`, `lambda_decay`, …). Raises ConfigError for an unknown core or parameter,
        or a value that it cannot have.
        """
        super().__init__()
        fields = NetworkParameters.model_fields
        given = {k: v for k, v in parameters.items() if k in fields}
        own = NetworkParameters.read({"layer_norm": False, **given})
        rest = {k: v for k, v in parameters.items() if k not in fields}
        self.action_dim = action_dim
        self.observation_form = (
            obs_dim if isinstance(obs_dim, ObservationForm) else numbers(obs_dim)
        )
        self.encoder, width = make_encoder(own, self.observation_form, generator)
        front = make_front(self.observation_form, own.observation_normalisation)
        if front is not None:
            self.encoder = nn.Sequential(OrderedDict(front=front, layers=self.encoder))
        self.core = make_core(
            core, input_dim=width, hidden_dim=hidden_dim, generator=generator, **rest
        )
        self.q_head = make_read_out(own, hidden_dim, action_dim, generator)

    @property
    def front(self) -> Front | None:
        """How the entries of observations are seen; None where as they are."""
        found = getattr(self.encoder, "front", None)
        return found if isinstance(found, Front) else None

    def observe(self, observation: Tensor) -> None:
        """Take observations (batch, obs_dim) into the running statistics, if there are some.

        Training does so with each step that it takes, and nothing else does.
        """
        if self.front is not None:
            self.front.observe(observation)

    def copied(self) -> Self:
        """A network with weights of its own that sees alike, also later: the front is shared."""
        return deepcopy(self, {} if self.front is None else {id(self.front): self.front})

    def init_state(self, batch_size: int) -> Tensor:
        """Return the core's state (batch, *core.state_shape) at an episode's start: zeros."""
        return self.core.init_state(batch_size)

    def forward(self, observation: Tensor, state: Tensor) -> tuple[Tensor, Tensor]:
        """Advance one step: observation (batch, obs_dim), state → q (batch, action_dim), state.

        Raises ValueError where shapes are others.
        """
        self._check(observation, state, "batch")
        h, state = self.core.step(self.encoder(observation), state)
        return self.q_head(h), state

    def unroll(self, observation: Tensor, state: Tensor, start: Tensor) -> tuple[Tensor, Tensor]:
        """Advance over a sequence: observation (time, batch, obs_dim) → q (time, batch, action).

        `start` (time, batch) is True where an episode begins and the state is zeroed. Raises
        ValueError where shapes are others.
        """
        self._check(observation, state, "time", "batch")
        if start.shape != observation.shape[:2]:
            expected = tuple(observation.shape[:2])
            raise ValueError(f"start has shape {tuple(start.shape)}, not (time, batch) {expected}")
        h, state = self.core.unroll(self.encoder(observation), state, start)
        return self.q_head(h), state

    def _check(self, observation: Tensor, state: Tensor, *leading: str) -> None:
        """One sentence, where a kernel would say it in twenty lines of its own."""
        entries = self.observation_form.dim
        if observation.ndim != len(leading) + 1 or observation.shape[-1] != entries:
            shape, expected = tuple(observation.shape), f"({', '.join(leading)}, {entries})"
            raise ValueError(f"observation has shape {shape}, not {expected}")
        expected_state = (observation.shape[-2], *self.core.state_shape)
        if state.shape != expected_state:
            raise ValueError(
                f"state has shape {tuple(state.shape)}, not (batch, …) {expected_state}, as "
                "init_state(batch_size) gives it"
            )

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
