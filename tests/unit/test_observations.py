"""Which parts of an observation are images, and which forms are one."""

import pytest

from mpn_rl.observations import ObservationForm, Part, form_from, numbers, same_form


@pytest.mark.parametrize(
    ("shape", "sides"),
    [
        ((84, 84), (0, 1)),
        ((12, 12, 3), (0, 1)),
        ((210, 160, 3), (0, 1)),
        ((84, 84, 4), (0, 1)),
        ((84, 84, 1), (0, 1)),
        ((12, 5, 3), (0, 1)),
        ((10, 10, 10), (0, 1)),
        ((7, 7, 20), (0, 1)),
        ((5, 6, 26), (0, 1)),
        ((3, 12, 12), (1, 2)),
        ((3, 210, 160), (1, 2)),
        ((4, 84, 84), (1, 2)),
        ((1, 28, 28), (1, 2)),
        ((20, 7, 7), (1, 2)),
        ((4, 84, 84, 3), (1, 2)),
        ((4, 3, 84, 84), (2, 3)),
        ((4, 84, 84, 1), (1, 2)),
        ((12,), None),
        ((4, 84), None),
        ((84, 4), None),
        ((3, 3, 3), None),
        ((2, 4, 84, 84, 3), None),
        ((), None),
    ],
)
def test_rows_and_columns_are_told_by_the_shape(shape, sides):
    assert Part(shape, "picture", 0, 255).image_sides == sides


def test_a_small_table_of_numbers_is_no_image():
    assert Part((5, 5)).image_sides is None
    assert Part((5, 5), "symbols", count=4).image_sides == (0, 1)
    assert Part((12, 12)).image_sides == (0, 1)
    assert Part((7, 7, 20)).image_sides == (0, 1)


def test_a_form_is_told_by_its_width_where_that_says_all():
    assert numbers(4).told_by_dim
    assert ObservationForm((Part((2,)), Part((2,)))).told_by_dim
    assert not ObservationForm((Part((12, 12, 3)),)).told_by_dim
    assert not ObservationForm((Part((4,)),), "int64").told_by_dim
    assert not ObservationForm((Part((4,), "picture", 0, 255),)).told_by_dim


def test_forms_are_one_where_a_network_sees_both_alike():
    assert same_form(numbers(4), ObservationForm((Part((2,)), Part((2,)))))
    picture = ObservationForm((Part((4,), "picture", 0, 255),), "uint8")
    assert same_form(picture, form_from(picture.as_dict()))
    assert not same_form(picture, numbers(4))
    assert not same_form(numbers(3), numbers(4))


def test_a_form_is_told_in_words():
    form = ObservationForm(
        (Part((12, 12, 3), "picture", 0, 255), Part((4,)), Part((2,), "symbols", count=5))
    )
    told = "picture (12, 12, 3) in [0, 255], numbers (4,), symbols (2,) below 5 of float32"
    assert str(form) == told
