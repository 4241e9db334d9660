"""Running mean and deviation: Gymnasium's numbers, frozen where nothing trains."""

import gymnasium
import numpy as np
import pytest
import torch
from gymnasium.wrappers import NormalizeObservation
from hypothesis import given
from hypothesis import strategies as st

from mpn_rl import MPNDQN
from mpn_rl.networks.normalisation import LARGEST, RunningNormalisation
from mpn_rl.observations import ObservationForm, Part, numbers


def test_mean_and_variance_by_hand():
    running = RunningNormalisation(1)
    running.count.fill_(0)
    running.update(torch.tensor([[1.0], [3.0]]))  # mean 2, variance 1
    running.update(torch.tensor([[8.0]]))  # 1, 3, 8: mean 4, variance (9 + 1 + 16) / 3
    assert running.mean.item() == pytest.approx(4)
    assert running.variance.item() == pytest.approx(26 / 3)
    assert running(torch.tensor([[4.0], [4 + 26**0.5]])).tolist() == [
        [0],
        [pytest.approx(3**0.5, rel=1e-6)],
    ]


class Walk(gymnasium.Env):
    """A random walk of three entries of unlike size."""

    observation_space = gymnasium.spaces.Box(-np.inf, np.inf, (3,), np.float64)
    action_space = gymnasium.spaces.Discrete(2)

    def reset(self, *, seed=None, options=None):
        super().reset(seed=seed)
        self.place = np.zeros(3)
        return self.place.copy(), {}

    def step(self, action):
        self.place += self.np_random.normal([0, 5, -40], [1, 9, 0.1])
        return self.place.copy(), 0.0, False, False, {}


def test_it_is_what_gymnasium_computes():
    raw, wrapped = Walk(), NormalizeObservation(Walk())
    running = RunningNormalisation(3)
    seen, expected = raw.reset(seed=3)[0], wrapped.reset(seed=3)[0]
    for _ in range(50):
        x = torch.as_tensor(seen)[None]
        running.update(x)
        np.testing.assert_allclose(running(x)[0], expected, rtol=1e-5, atol=1e-6)
        np.testing.assert_allclose(running.mean, wrapped.obs_rms.mean, rtol=1e-6)
        np.testing.assert_allclose(running.variance, wrapped.obs_rms.var, rtol=1e-6)
        seen, expected = raw.step(0)[0], wrapped.step(0)[0]


@given(st.lists(st.integers(1, 5), min_size=1, max_size=6), st.integers(0, 99))
def test_how_the_values_are_cut_into_batches_means_nothing(sizes, seed):
    x = 1e4 + torch.randn(sum(sizes), 2, generator=torch.Generator().manual_seed(seed)).double()
    whole, cut = RunningNormalisation(2), RunningNormalisation(2)
    whole.update(x)
    for part in x.split(sizes):
        cut.update(part)
    torch.testing.assert_close(cut.mean, whole.mean, rtol=1e-9, atol=0)
    torch.testing.assert_close(cut.variance, whole.variance, rtol=1e-6, atol=1e-9)


def test_an_entry_that_never_varied_until_now_is_cut():
    running = RunningNormalisation(1)
    for _ in range(10_000):
        running.update(torch.full((16, 1), 5.0))
    assert running(torch.tensor([[500.0], [-500.0]])).tolist() == [[LARGEST], [-LARGEST]]


MIXED = ObservationForm(
    (Part((1,), "picture", 0, 255), Part((1,)), Part((1,), "symbols", count=2), Part((1,)))
)


def test_numbers_alone_are_normalised():
    dqn = MPNDQN(MIXED, 4, 2, encoder="none", observation_normalisation=True)
    o = torch.tensor([[255.0, 10, 1, -1], [0, 30, 0, -3]])
    dqn.observe(o)
    found = dqn.encoder(o)
    torch.testing.assert_close(found[:, [0, 2, 3]], torch.tensor([[1.0, 0, 1], [0, 1, 0]]))
    torch.testing.assert_close(
        found[:, [1, 4]], torch.tensor([[-1.0, 1], [1, -1]]), rtol=0, atol=0.05
    )


def test_acting_and_unrolling_leave_the_statistics_alone():
    dqn = MPNDQN(numbers(2), 4, 2, observation_normalisation=True)
    dqn.observe(torch.tensor([[1.0, 2], [3, 5]]))
    before = {name: tensor.clone() for name, tensor in dqn.front.state_dict().items()}
    o, state = torch.full((3, 2), 100.0), dqn.init_state(3)
    dqn(o, state)
    dqn.unroll(o[None], state, torch.ones(1, 3, dtype=torch.bool))
    dqn.select_action(o, state, 0.0)
    assert all(torch.equal(before[name], now) for name, now in dqn.front.state_dict().items())


def test_a_copy_has_its_own_weights_and_shares_the_statistics():
    dqn = MPNDQN(2, 4, 2, observation_normalisation=True)
    copy = dqn.copied()
    dqn.observe(torch.tensor([[1.0, 2], [3, 5]]))
    assert torch.equal(copy.front.statistics.mean, dqn.front.statistics.mean)
    assert copy.q_head.weight is not dqn.q_head.weight
    assert list(copy.state_dict()) == list(dqn.state_dict())


def test_pictures_alone_have_nothing_to_normalise():
    form = ObservationForm((Part((2,), "picture", 0, 255),))
    one, other = (MPNDQN(form, 4, 2, observation_normalisation=on) for on in (False, True))
    assert list(one.state_dict()) == list(other.state_dict())
