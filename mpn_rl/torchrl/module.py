"""A memory core, or a whole Q-network, as a module of TensorDicts, and an actor around it."""

from collections.abc import Sequence
from typing import Any

import torch
from tensordict import NestedKey, TensorDictBase
from tensordict.nn import TensorDictModuleBase, TensorDictSequential
from torch import Tensor
from torchrl.data import TensorSpec, Unbounded
from torchrl.envs import TensorDictPrimer
from torchrl.modules import QValueModule, recurrent_mode

from mpn_rl.networks.core import Core, zero_where
from mpn_rl.networks.q_network import MPNDQN

IN_KEYS = ("observation", "recurrent_state", "is_init")
OUT_KEYS = ("action_value", ("next", "recurrent_state"))


class MemoryModule(TensorDictModuleBase):
    """A network with a memory, which reads and writes a TensorDict, as TorchRL's LSTMModule does.

    `in_keys` are the input's, the state's and that of `is_init` (as `InitTracker` writes it);
    `out_keys` the output's and ("next", state). Step by step, each element of the batch is a step:
    its state is zeroed where `is_init`. In recurrent mode (`torchrl.modules.set_recurrent_mode`, or
    `default_recurrent_mode`; TorchRL's losses set it) the last dimension of the batch is time: the
    network is unrolled from the state of the first step, zeroed wherever `is_init`. Of the states
    only that after the last step is then written; those before it stay as the collector stored
    them, so that `step_mdp` gives the next observations a state to begin with.

    In a loss that looks at next observations, sequences are to lie within an episode, as TorchRL
    hands these over without the first one of the next episode; `SliceSampler` takes such.
    """

    def __init__(
        self,
        network: MPNDQN | Core[Any],
        in_keys: Sequence[NestedKey] = IN_KEYS,
        out_keys: Sequence[NestedKey] = OUT_KEYS,
        default_recurrent_mode: bool = False,
    ) -> None:
        """Wrap the network, whose weights are shared; ValueError for keys of another form."""
        super().__init__()
        fits = len(in_keys) == 3 and len(out_keys) == 2
        if not fits or out_keys[1] != ("next", *_parts(in_keys[1])):
            raise ValueError(
                "in_keys are (input, state, is_init) and out_keys (output, ('next', state)), not "
                f"{in_keys} and {out_keys}"
            )
        self.network = network
        self.in_keys, self.out_keys = [*in_keys], [*out_keys]
        self._default_recurrent_mode = default_recurrent_mode

    @property
    def recurrent_mode(self) -> bool:
        """Whether the last dimension of the batch is time."""
        mode = recurrent_mode()
        return self._default_recurrent_mode if mode is None else bool(mode)

    @property
    def state_shape(self) -> tuple[int, ...]:
        """The shape of one batch element's state."""
        core = self.network.core if isinstance(self.network, MPNDQN) else self.network
        shape: tuple[int, ...] = core.state_shape
        return shape

    def make_tensordict_primer(self) -> TensorDictPrimer:
        """The transform that has an environment carry the state, zero where an episode begins."""
        spec = Unbounded(shape=self.state_shape)
        return TensorDictPrimer({self.in_keys[1]: spec}, expand_specs=True)

    def forward(self, tensordict: TensorDictBase) -> TensorDictBase:
        """Write the output and the next state.

        Raises ValueError in recurrent mode without a dimension, KeyError without input or is_init.
        """
        x_key, state_key, start_key = self.in_keys
        if self.recurrent_mode and tensordict.ndim == 0:
            raise ValueError("in recurrent mode the batch's last dimension is time; it has none")
        for key, writer in ((x_key, "the environment"), (start_key, "InitTracker()")):
            if tensordict.get(key, None) is None:
                raise KeyError(f"the TensorDict has no {key!r}, which {writer} writes")
        shape = tensordict.batch_size
        x = tensordict.get(x_key).reshape(-1, *tensordict.get(x_key).shape[len(shape) :])
        start = tensordict.get(start_key).reshape(-1)
        state = tensordict.get(state_key, None)
        if state is None:
            state = self.network.init_state(x.shape[0])
        state = state.reshape(-1, *self.state_shape)
        if self.recurrent_mode:
            out, after = self._unrolled(x, state, start, shape[-1], tensordict)
        else:
            out, after = self.network(x, zero_where(start, state))
        tensordict.set(self.out_keys[0], out.reshape(*shape, *out.shape[1:]))
        tensordict.set(self.out_keys[1], after.reshape(*shape, *self.state_shape))
        return tensordict

    def _unrolled(
        self, x: Tensor, state: Tensor, start: Tensor, time: int, tensordict: TensorDictBase
    ) -> tuple[Tensor, Tensor]:
        """Outputs and states after each step, flat again: (batch · time, …)."""

        def sequence(flat: Tensor) -> Tensor:
            return flat.reshape(-1, time, *flat.shape[1:])

        out, last = self.network.unroll(
            sequence(x).transpose(0, 1), sequence(state)[:, 0], sequence(start).T
        )
        stored = tensordict.get(self.out_keys[1], None)
        stored = torch.zeros_like(state) if stored is None else stored.reshape(state.shape)
        after = torch.cat([sequence(stored)[:, :-1], last.unsqueeze(1)], dim=1)
        return out.transpose(0, 1).flatten(0, 1), after.flatten(0, 1)


def q_value_actor(
    network: MPNDQN,
    action_spec: TensorSpec,
    in_keys: Sequence[NestedKey] = IN_KEYS,
    out_keys: Sequence[NestedKey] = OUT_KEYS,
) -> TensorDictSequential:
    """The greedy actor of a Q-network: action values, the next state, action and chosen value.

    `action_spec` is that of one environment (`env.action_spec_unbatched`); the keys are those
    of its `MemoryModule`. Its primer for environments is what
    `torchrl.modules.utils.get_primers_from_module` gives.
    """
    memory = MemoryModule(network, in_keys, out_keys)
    chooser = QValueModule(action_value_key=memory.out_keys[0], spec=action_spec)
    return TensorDictSequential(memory, chooser)


def _parts(key: NestedKey) -> tuple[str, ...]:
    return key if isinstance(key, tuple) else (key,)
