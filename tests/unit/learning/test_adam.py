"""Adam on one vector, by hand and against torch's."""

import pytest
import torch
from torch import nn

from mpn_rl.learning.adam import Adam, as_one_vector


def test_first_step_is_the_learning_rate_against_the_gradient_s_sign() -> None:
    # m / (1 - b1) = g and v / (1 - b2) = g^2, so that the step is g / |g| but for epsilon
    theta = torch.tensor([1.0, 1.0, 1.0])
    Adam(theta).step(torch.tensor([2.0, -0.5, 0.0]), learning_rate=0.1)
    assert theta.tolist() == pytest.approx([0.9, 1.1, 1.0], abs=1e-6)


def test_the_average_follows_by_its_part() -> None:
    theta, average = torch.tensor([1.0]), torch.tensor([1.0])
    adam = Adam(theta, average, averaging=0.75)
    for _ in range(2):
        adam.step(torch.tensor([5.0]), learning_rate=0.4)
    # theta: 1, 0.6, 0.2; average: (1 * 1 + 9 * 0.6) / 10 = 0.64, then (2 * 0.64 + 9 * 0.2) / 11
    assert theta.item() == pytest.approx(0.2)
    assert average.item() == pytest.approx(0.28)
    adam.steps = 26
    adam.step(torch.tensor([0.0]), learning_rate=0.0)
    # its 27th step, where 27 / 36 = 0.75, and so it stays
    assert average.item() == pytest.approx(0.75 * 0.28 + 0.25 * 0.2)
    adam.step(torch.tensor([0.0]), learning_rate=0.0)
    assert average.item() == pytest.approx(0.75 * 0.26 + 0.25 * 0.2)
    other = Adam(torch.zeros(1), torch.zeros(1), averaging=0.75)
    other.set_state(adam.get_state())
    assert other.average is not None
    assert other.average.item() == average.item()


def test_many_steps_agree_with_torch() -> None:
    generator = torch.Generator().manual_seed(0)
    shapes = [(3, 4), (4,), ()]
    mine = [nn.Parameter(torch.randn(shape, generator=generator)) for shape in shapes]
    theirs = [nn.Parameter(parameter.detach().clone()) for parameter in mine]
    adam = Adam(as_one_vector(nn.ParameterList(mine)))
    reference = torch.optim.Adam(theirs, lr=0.01)
    for _ in range(50):
        gradients = [torch.randn(shape, generator=generator) for shape in shapes]
        adam.step(torch.cat([gradient.reshape(-1) for gradient in gradients]), 0.01)
        for parameter, gradient in zip(theirs, gradients, strict=True):
            parameter.grad = gradient
        reference.step()
    for a, b in zip(mine, theirs, strict=True):
        torch.testing.assert_close(a, b, rtol=1e-5, atol=1e-6)


def test_continues_from_its_state_to_the_bit() -> None:
    gradients = torch.randn(6, 5, generator=torch.Generator().manual_seed(1))
    whole, first, second = (Adam(torch.zeros(5)) for _ in range(3))
    for gradient in gradients:
        whole.step(gradient, 0.01)
    for gradient in gradients[:3]:
        first.step(gradient, 0.01)
    second.theta.copy_(first.theta)
    second.set_state(first.get_state())
    for gradient in gradients[3:]:
        second.step(gradient, 0.01)
    assert torch.equal(second.theta, whole.theta)


def test_parameters_are_views_of_the_vector_also_after_loading() -> None:
    network = nn.Linear(2, 1)
    vector = as_one_vector(network)
    network.load_state_dict({"weight": torch.tensor([[1.0, 2.0]]), "bias": torch.tensor([3.0])})
    assert vector.tolist() == [1.0, 2.0, 3.0]
    vector += 1.0
    assert network.weight.tolist() == [[2.0, 3.0]]
    assert network.bias.tolist() == [4.0]
