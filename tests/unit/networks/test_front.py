"""What a network sees of an observation, by hand."""

import pytest
import torch

from mpn_rl import MPNDQN
from mpn_rl.networks.front import Front, make_front
from mpn_rl.observations import ObservationForm, Part, numbers

PICTURE = Part((1, 2), "picture", 0, 255)
SYMBOLS = Part((2,), "symbols", count=3)
MIXED = ObservationForm((PICTURE, Part((2,)), SYMBOLS))


def seen(form, values, dtype=torch.float32):
    return Front(form)(torch.tensor(values, dtype=dtype)).tolist()


def test_a_picture_is_seen_between_0_and_1_from_bytes_and_from_floats():
    form = ObservationForm((PICTURE,), "uint8")
    for dtype in (torch.uint8, torch.float32, torch.float64):
        assert seen(form, [[0, 255], [51, 102]], dtype) == [
            pytest.approx([0.0, 1.0]),
            pytest.approx([0.2, 0.4]),
        ]


def test_a_picture_may_begin_below_zero():
    assert seen(ObservationForm((Part((3,), "picture", -1, 3),)), [[-1, 0, 3]]) == [[0, 0.25, 1]]


def test_symbols_are_seen_one_hot_entry_by_entry():
    form = ObservationForm((SYMBOLS,), "uint8")
    for dtype in (torch.uint8, torch.uint16, torch.int8, torch.float16, torch.float32):
        assert seen(form, [[2, 0]], dtype) == [[0, 0, 1, 1, 0, 0]]
    assert seen(form, [[1, 1]]) == [[0, 1, 0, 0, 1, 0]]


@pytest.mark.parametrize("dtype", [torch.bool, torch.int16, torch.uint16, torch.float16])
def test_numbers_of_any_type_are_seen_as_float32(dtype):
    form = ObservationForm((Part((2,)),), str(dtype).removeprefix("torch."))
    found = make_front(form, normalised=False)(torch.ones(3, 2, dtype=dtype))
    assert found.dtype == torch.float32
    assert found.tolist() == [[1, 1]] * 3


def test_parts_are_seen_in_their_order_and_numbers_as_they_are():
    found = seen(MIXED, [[0, 255, -7.5, 300, 1, 2]])
    assert found == [[0, 1, -7.5, 300, 0, 1, 0, 0, 0, 1]]
    assert MIXED.seen_dim == 10


def test_what_is_handed_in_stays_as_it_is():
    given = torch.tensor([[10.0, 20, 3, 4, 0, 1]])
    kept = given.clone()
    Front(MIXED)(given)
    assert torch.equal(given, kept)


def test_plain_numbers_have_no_front_and_the_weights_that_they_had():
    def built(observation):
        generator = torch.Generator().manual_seed(0)
        return MPNDQN(observation, 4, 2, generator=generator).state_dict()

    assert make_front(numbers(3), normalised=False) is None
    one, other = built(3), built(numbers(3))
    assert list(one) == list(other)
    assert all(torch.equal(one[name], other[name]) for name in one)
    assert not [name for name in one if "front" in name]


@pytest.mark.parametrize("encoder", [None, "dense", "random", "none"])
def test_a_network_sees_bytes_alike_in_every_way_of_asking(encoder):
    form = ObservationForm((PICTURE, SYMBOLS), "uint8")
    generator = torch.Generator().manual_seed(0)
    dqn = MPNDQN(form, 4, 2, generator=generator, encoder=encoder)
    o = torch.tensor([[0, 255, 1, 2], [51, 102, 0, 0]], dtype=torch.uint8)
    state = dqn.init_state(2)
    q, _ = dqn(o, state)
    h, _ = dqn.core.step(dqn.encoder(o), state)
    assert torch.equal(q, dqn.q_head(h))
    start = torch.ones(3, 2, dtype=torch.bool)
    unrolled, _ = dqn.unroll(o.expand(3, 2, 4), state, start)
    torch.testing.assert_close(unrolled, q.expand(3, 2, 2))
    action, _ = dqn.select_action(o, state, 0.0)
    assert torch.equal(action, q.argmax(-1))
