"""Convolutions before the core: which, of what, and in which order."""

import pytest
import torch
from torch import nn

from mpn_rl import MPNDQN
from mpn_rl.networks.build import build_network
from mpn_rl.networks.conv import ConvEncoder, Convolutions
from mpn_rl.networks.encoders import DenseEncoder
from mpn_rl.observations import ObservationForm, Part, numbers
from mpn_rl.parameters.errors import ConfigError
from mpn_rl.parameters.hyperparameters import Hyperparameters


def picture(*shape):
    return ObservationForm((Part(shape, "picture", 0, 255),), "uint8")


def build(form, seed=0, **parameters):
    return MPNDQN(form, 4, 2, generator=torch.Generator().manual_seed(seed), **parameters)


def layers(part):
    found = Convolutions(part, None)
    kinds = (nn.Conv2d, nn.MaxPool2d)
    return found, [layer for layer in found if isinstance(layer, kinds)]


@pytest.mark.parametrize(
    ("shape", "channels", "features"),
    [
        ((84, 84, 4), 4, 7 * 7 * 64),  # 84 -> 20 -> 9 -> 7, as published
        ((4, 84, 84), 4, 7 * 7 * 64),
        ((4, 84, 84, 3), 12, 7 * 7 * 64),
        ((84, 84), 1, 7 * 7 * 64),
        ((210, 160, 3), 3, 22 * 16 * 64),
        ((36, 36, 3), 3, 64),
        ((12, 12, 3), 3, 3 * 3 * 64),  # 12 -> 11 -> 5 -> 4 -> 3
        ((7, 7, 3), 3, 64),  # 7 -> 6 -> 3 -> 2 -> 1
        ((5, 5, 3), 3, 2 * 2 * 64),
    ],
)
def test_sizes_follow_the_image(shape, channels, features):
    found, made = layers(Part(shape, "picture", 0, 255))
    assert made[0].in_channels == channels
    assert found.features == features
    size = torch.Size(shape).numel()
    assert found(torch.rand(3, size)).shape == (3, features)


def test_large_images_get_the_layers_of_mnih_2015_and_small_ones_those_of_minigrid():
    _, large = layers(Part((84, 84, 4), "picture", 0, 255))
    told = [(layer.out_channels, layer.kernel_size, layer.stride) for layer in large]
    assert told == [(32, (8, 8), (4, 4)), (64, (4, 4), (2, 2)), (64, (3, 3), (1, 1))]
    _, small = layers(Part((7, 7, 3), "symbols", count=11))
    assert isinstance(small[1], nn.MaxPool2d)
    assert [c.out_channels for c in small if isinstance(c, nn.Conv2d)] == [16, 32, 64]
    assert small[0].in_channels == 33


def test_what_the_layers_put_out_is_counted():
    found = Convolutions(Part((12, 12, 3), "picture", 0, 255), None)
    assert found.activations == 16 * 11 * 11 + 32 * 4 * 4 + 64 * 3 * 3


def test_the_order_of_axes_means_nothing_to_what_is_seen():
    """The same picture as (H, W, C), as (C, H, W) and as a stack of one meets the same weights."""
    image = torch.randint(256, (6, 9, 3), dtype=torch.uint8)
    channels_first = image.permute(2, 0, 1)
    stacked = image[None]
    seen = [
        build(picture(*each.shape)).encoder(each.reshape(1, -1))
        for each in (image, channels_first, stacked)
    ]
    torch.testing.assert_close(seen[1], seen[0])
    torch.testing.assert_close(seen[2], seen[0])


def test_a_convolution_by_hand():
    """One bright pixel in one channel: the first layer puts its kernel there, turned round."""
    found = Convolutions(Part((5, 6, 3), "picture", 0, 255), None)
    image = torch.zeros(1, 5, 6, 3)
    image[0, 2, 3, 1] = 1
    weight = found[0].weight.detach()
    first = found[0](image.permute(0, 3, 1, 2)).detach()
    torch.testing.assert_close(first[0, :, 1:3, 2:4], weight[:, 1].flip(1, 2))
    through = nn.Sequential(*list(found)[:-1])(image.permute(0, 3, 1, 2))
    torch.testing.assert_close(found(image.reshape(1, -1)), through.flatten(1))


def test_classes_of_symbols_are_channels():
    part = Part((5, 5, 2), "symbols", count=3)
    dqn = build(ObservationForm((part,), "uint8"))
    grid = torch.zeros(5, 5, 2, dtype=torch.uint8)
    grid[1, 2] = torch.tensor([2, 1])
    seen = dqn.front(grid.reshape(1, -1)).reshape(5, 5, 2, 3)
    convolutions = dqn.encoder.layers.convolutions[0]
    assert convolutions[0].in_channels == 6
    planes = seen.flatten(2).permute(2, 0, 1)[None]
    expected = nn.Sequential(*list(convolutions))(planes)
    torch.testing.assert_close(convolutions(seen.reshape(1, -1)), expected)
    assert planes[0, :, 1, 2].tolist() == [0, 0, 1, 0, 1, 0]


def test_what_else_is_observed_stands_behind_the_features():
    parts = (Part((2,)), Part((6, 6), "picture", 0, 255), Part((1,), "symbols", count=4))
    dqn = build(ObservationForm(parts), encoder_dim=5)
    encoder = dqn.encoder.layers
    o = torch.cat([torch.tensor([[7.0, -8]]), torch.full((1, 36), 255.0), torch.tensor([[2.0]])], 1)
    features = encoder.convolutions[0](torch.ones(1, 36))
    seen = torch.cat([features, torch.tensor([[7.0, -8, 0, 0, 1, 0]])], 1)
    torch.testing.assert_close(dqn.encoder(o), torch.tanh(encoder.linear(seen)))


def test_each_of_two_images_has_its_own_convolutions():
    parts = (Part((6, 6), "picture", 0, 255), Part((7, 7, 3), "symbols", count=3))
    encoder = build(ObservationForm(parts)).encoder.layers
    assert [each[0].in_channels for each in encoder.convolutions] == [1, 9]


def test_without_a_name_images_are_convolved_and_all_else_is_dense():
    assert isinstance(build(picture(12, 12, 3)).encoder.layers, ConvEncoder)
    assert isinstance(build(ObservationForm((Part((12, 12, 3)),))).encoder, ConvEncoder)
    assert isinstance(build(picture(128)).encoder.layers, DenseEncoder)
    assert isinstance(build(numbers(4)).encoder, DenseEncoder)
    assert isinstance(build(picture(12, 12, 3), encoder="dense").encoder.layers, DenseEncoder)


def test_convolutions_without_an_image_are_refused_with_the_task_s_name():
    with pytest.raises(ConfigError, match=r"encoder: conv needs an image .* are numbers \(4,\)"):
        build(numbers(4), encoder="conv")
    point = Hyperparameters(task="CartPole-v1", encoder="conv")
    with pytest.raises(ConfigError, match="task 'CartPole-v1': encoder: conv needs an image"):
        build_network(point, 4, 2)


def test_weights_come_from_the_generator_handed_in():
    before = torch.get_rng_state()
    one, same, other = (build(picture(12, 12, 3), seed=seed) for seed in (0, 0, 1))
    assert torch.equal(torch.get_rng_state(), before)
    assert all(torch.equal(a, b) for a, b in zip(one.parameters(), same.parameters(), strict=True))
    weights = [each.encoder.layers.convolutions[0][0].weight for each in (one, other)]
    assert not torch.equal(*weights)


@pytest.mark.parametrize("layer_norm", [False, True])
def test_unroll_is_step_after_step_and_everything_learns(layer_norm):
    dqn = build(picture(7, 7, 3), layer_norm=layer_norm)
    o = torch.randint(256, (4, 3, 147), dtype=torch.uint8)
    state = dqn.init_state(3)
    q, last = dqn.unroll(o, state, torch.zeros(4, 3, dtype=torch.bool))
    q.square().sum().backward()
    assert all(p.grad is not None for name, p in dqn.named_parameters() if "encoder" in name)
    for t in range(4):
        q_t, state = dqn(o[t], state)
        torch.testing.assert_close(q[t], q_t)
    torch.testing.assert_close(last, state)
