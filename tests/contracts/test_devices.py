"""Networks stay on their device, as seen without a GPU: by torch's fake tensors.

A fake tensor has a device and a shape and no numbers; an operation on two devices is an error.
"""

import pytest
import torch
from torch import Tensor, nn
from torch._subclasses.fake_tensor import FakeTensorMode
from torch.func import functional_call

from mpn_rl.networks.build import build_network
from mpn_rl.networks.q_network import MPNDQN
from mpn_rl.parameters.catalogue import CORES
from mpn_rl.parameters.hyperparameters import Hyperparameters

DEVICE = "meta"  # one that torch has everywhere
TIME, BATCH, INPUTS, ACTIONS = 5, 3, 4, 2
# these look whether an episode begins anywhere in a sequence, which a fake tensor cannot say
LOOKING = ("rnn", "gru", "lstm")


class Acting(nn.Module):
    """A step with exploration, then a sequence from the state that it leaves, or another step."""

    def __init__(self, network: MPNDQN, sequence: bool) -> None:
        super().__init__()
        self.network, self.sequence = network, sequence

    def forward(self, observation: Tensor, start: Tensor) -> tuple[Tensor, Tensor]:
        state = self.network.init_state(BATCH)
        action, state = self.network.select_action(
            observation[0], state, 0.5, torch.Generator("cpu")
        )
        if self.sequence:
            return action, self.network.unroll(observation, state, start)[0]
        return action, self.network(observation[1], state)[0]


@pytest.mark.parametrize("core", CORES)
def test_acting_and_learning_stay_on_the_device(core: str) -> None:
    hp = Hyperparameters(core=core, hidden_dim=6, encoder_dim=5)
    acting = Acting(build_network(hp, INPUTS, ACTIONS), core not in LOOKING)
    with FakeTensorMode():
        there = {
            name: torch.zeros(p.shape, dtype=p.dtype, device=DEVICE, requires_grad=p.requires_grad)
            for name, p in acting.state_dict(keep_vars=True).items()
        }
        observation = torch.zeros(TIME, BATCH, INPUTS, device=DEVICE)
        start = torch.zeros(TIME, BATCH, dtype=torch.bool, device=DEVICE)
        action, q = functional_call(acting, there, (observation, start))
        q.sum().backward()
        assert (action.device.type, q.device.type) == (DEVICE, DEVICE)
        gradients = [weight.grad for weight in there.values() if weight.grad is not None]
        assert {gradient.device.type for gradient in gradients} == {DEVICE}
