"""The Q-network around the memory cores."""

import pytest
import torch

from mpn_rl import MPNDQN
from mpn_rl.networks.read_out import Q_HEAD_GAIN, DuelingHead
from mpn_rl.parameters.catalogue import CORES
from mpn_rl.parameters.errors import ConfigError

OBS, HIDDEN, ACTIONS, B, T = 4, 8, 3, 5, 6


def build(seed=0, **parameters):
    generator = torch.Generator().manual_seed(seed)
    return MPNDQN(OBS, HIDDEN, ACTIONS, generator=generator, **parameters)


def observations(*shape, seed=1):
    return torch.randn(*shape, OBS, generator=torch.Generator().manual_seed(seed))


def test_the_interface_of_the_readme():
    dqn = MPNDQN(obs_dim=4, hidden_dim=64, action_dim=2)
    state = dqn.init_state(batch_size=1)
    q_values, state = dqn(observations(1), state)
    assert q_values.shape == (1, 2)
    action, state = dqn.select_action(observations(1), state, epsilon=0.1)
    assert action.shape == (1,)
    start = torch.zeros(T, 1, dtype=torch.bool)
    q, state = dqn.unroll(observations(T, 1), state, start)
    assert q.shape == (T, 1, 2)
    assert state.shape == (1, 64, 32)
    assert dqn.core.W.shape == (64, 32)
    assert dqn.q_head.weight.shape == (2, 64)


def test_q_values_are_read_linearly_from_the_core():
    dqn = build()
    o, state = observations(B), build().init_state(B)
    h, expected_state = dqn.core.step(dqn.encoder(o), state)
    q, next_state = dqn(o, state)
    torch.testing.assert_close(q, h @ dqn.q_head.weight.T + dqn.q_head.bias)
    assert torch.equal(next_state, expected_state)


@pytest.mark.parametrize("encoder", ["dense", "random", "none"])
@pytest.mark.parametrize("core", ["mpn", "gru"])
def test_unroll_is_step_after_step(core, encoder):
    dqn = build(core=core, encoder=encoder)
    o, state = observations(T, B), dqn.init_state(B)
    q, last = dqn.unroll(o, state, torch.zeros(T, B, dtype=torch.bool))
    for t in range(T):
        q_t, state = dqn(o[t], state)
        torch.testing.assert_close(q[t], q_t)
    torch.testing.assert_close(last, state)


def test_the_dense_encoder_is_a_trained_tanh_layer():
    dqn = build(encoder_dim=7)
    o, linear = observations(B), dqn.encoder.linear
    torch.testing.assert_close(dqn.encoder(o), torch.tanh(o @ linear.weight.T + linear.bias))
    assert dqn.core.input_dim == 7
    assert linear.weight.requires_grad


def test_the_random_encoder_is_drawn_and_never_trained():
    dqn, other = build(0, encoder="random"), build(1, encoder="random")
    o = observations(B)
    assert not [name for name, _ in dqn.named_parameters() if "encoder" in name]
    assert not torch.equal(dqn.encoder(o), other.encoder(o))
    expected = o @ dqn.encoder.W.T + dqn.encoder.b
    torch.testing.assert_close(dqn.encoder(o), expected)
    other.load_state_dict(dqn.state_dict())
    assert torch.equal(dqn.encoder(o), other.encoder(o))


@pytest.mark.parametrize("encoder", ["dense", "random"])
def test_behind_a_zero_observation_the_core_still_sees_something(encoder):
    assert build(encoder=encoder).encoder(torch.zeros(1, OBS)).abs().min() > 0


def test_without_an_encoder_the_core_sees_the_observation():
    dqn = build(encoder="none")
    assert dqn.core.input_dim == OBS
    assert torch.equal(dqn.encoder(observations(B)), observations(B))


def test_the_head_starts_small_and_orthogonal():
    weight = build().q_head.weight
    torch.testing.assert_close(weight @ weight.T, Q_HEAD_GAIN**2 * torch.eye(ACTIONS))


def test_without_exploration_the_action_is_the_greedy_one():
    dqn = build()
    o, state = observations(B), dqn.init_state(B)
    action, next_state = dqn.select_action(o, state, 0.0)
    q, expected_state = dqn(o, state)
    assert torch.equal(action, q.argmax(-1))
    assert torch.equal(next_state, expected_state)
    assert not next_state.requires_grad


def test_exploration_is_uniform_and_as_frequent_as_told():
    dqn, n, epsilon = build(), 30_000, 0.4
    o = observations(1).expand(n, OBS)
    generator = torch.Generator().manual_seed(0)
    action, _ = dqn.select_action(o, dqn.init_state(n), epsilon, generator)
    greedy = dqn(o[:1], dqn.init_state(1))[0].argmax().item()
    share = torch.bincount(action, minlength=ACTIONS) / n
    expected = torch.full((ACTIONS,), epsilon / ACTIONS)
    expected[greedy] += 1 - epsilon
    torch.testing.assert_close(share, expected, rtol=0, atol=0.01)


def test_exploration_comes_from_the_generator_handed_in():
    dqn = build()
    o, state = observations(200), dqn.init_state(200)
    before = torch.get_rng_state()
    one, two, three = (
        dqn.select_action(o, state, 1.0, torch.Generator().manual_seed(seed))[0]
        for seed in (1, 1, 2)
    )
    assert torch.equal(one, two)
    assert not torch.equal(one, three)
    assert torch.equal(torch.get_rng_state(), before)


def test_equal_seeds_give_equal_networks_and_other_seeds_others():
    one, two, three = build(0), build(0), build(1)
    o, state = observations(B), one.init_state(B)
    assert torch.equal(one(o, state)[0], two(o, state)[0])
    assert not torch.equal(one(o, state)[0], three(o, state)[0])


def test_the_network_remembers_with_mpn_and_not_when_frozen():
    later = observations(1, seed=9)
    for core, remembers in (("mpn", True), ("mpn-frozen", False)):
        dqn = build(core=core)
        answers = []
        for seed in (1, 2):
            _, state = dqn(observations(1, seed=seed), dqn.init_state(1))
            answers.append(dqn(later, state)[0])
        assert torch.equal(*answers) != remembers


def test_an_unknown_encoder_is_refused():
    with pytest.raises(ConfigError, match=r"encoder: 'convs' is not one of dense, conv, random, "):
        build(encoder="convs")


def test_a_dueling_read_out_adds_centred_advantages_to_the_value():
    head = DuelingHead(2, 3, None)
    with torch.no_grad():
        head.value.weight.copy_(torch.tensor([[1.0, 2.0]]))
        head.advantage.weight.copy_(torch.tensor([[1.0, 0.0], [0.0, 1.0], [0.0, 0.0]]))
    # V = 3 + 2 * 6 = 15; A = (3, 6, 0) with mean 3
    assert head(torch.tensor([[3.0, 6.0]])).tolist() == [[15.0, 18.0, 12.0]]


def test_layer_norm_makes_scale_irrelevant_before_the_tanh_and_the_read_out():
    dqn = build(layer_norm=True, core="mpn-frozen", bias=False)
    with torch.no_grad():
        dqn.encoder.linear.bias.zero_()
    o = observations(B)
    torch.testing.assert_close(dqn.encoder(o), dqn.encoder(10 * o), rtol=1e-3, atol=1e-3)
    h = torch.randn(B, HIDDEN, generator=torch.Generator().manual_seed(0))
    torch.testing.assert_close(dqn.q_head(h), dqn.q_head(10 * h), rtol=1e-3, atol=1e-3)
    plain = build(core="mpn-frozen")
    assert not torch.allclose(plain.q_head(h), plain.q_head(10 * h))


def test_the_options_of_the_read_out_keep_the_first_weights_of_what_lies_before():
    plain, other = build(), build(dueling=True, layer_norm=True)
    assert torch.equal(plain.core.W, other.core.W)
    assert torch.equal(plain.encoder.linear.weight, other.encoder.linear.weight)


@pytest.mark.parametrize("core", sorted(CORES))
def test_wrong_shapes_are_one_sentence(core):
    dqn = MPNDQN(obs_dim=4, hidden_dim=3, action_dim=2, core=core)
    state = dqn.init_state(2)
    with pytest.raises(ValueError, match=r"^observation has shape \(4,\), not \(batch, 4\)$"):
        dqn(torch.zeros(4), state)
    with pytest.raises(ValueError, match=r"^observation has shape \(2, 5\), not \(batch, 4\)$"):
        dqn(torch.zeros(2, 5), state)
    with pytest.raises(ValueError, match=r"^state has shape .*as init_state\(batch_size\) gives"):
        dqn(torch.zeros(3, 4), state)
    with pytest.raises(ValueError, match=r"not \(time, batch, 4\)$"):
        dqn.unroll(torch.zeros(2, 4), state, torch.zeros(1, 2, dtype=torch.bool))
    with pytest.raises(ValueError, match=r"^start has shape \(3,\), not \(time, batch\) \(1, 2\)$"):
        dqn.unroll(torch.zeros(1, 2, 4), state, torch.zeros(3, dtype=torch.bool))


def test_a_network_says_its_sizes():
    text = repr(MPNDQN(obs_dim=4, hidden_dim=3, action_dim=2))
    assert "MPNLayer(input_dim=32, hidden_dim=3, bias=True)" in text
