"""Aliases: for whom older code may stand, and for whom not."""

from mpn_rl.parameters.hyperparameters import Hyperparameters
from mpn_rl.sweep.ledger.aliases import (
    combination,
    evidence_of,
    read_aliases,
    remove_aliases,
    write_alias,
)

MPN, GRU = Hyperparameters(), Hyperparameters(core="gru")
EVIDENCE = {"when": "now"}


def test_numbers_are_not_part_of_a_combination():
    one, other = (
        {"eta": eta, "num_steps": n, "learning_rate": eta} for eta, n in ((0.3, 9), (1, 5))
    )
    assert combination(Hyperparameters(**one)) == combination(Hyperparameters(**other))
    for other in (
        Hyperparameters(learner="pqn"),
        Hyperparameters(M_bound=1.0),
        Hyperparameters(learn_eta=False),
        Hyperparameters(task="TMaze-v0"),
        GRU,
    ):
        assert combination(other) != combination(MPN)


def test_an_alias_holds_one_way_and_for_its_combination_alone(tmp_path):
    write_alias(tmp_path, "train", "old", "new", combination(MPN), EVIDENCE)
    aliases = read_aliases(tmp_path)
    assert evidence_of(aliases, "old", "new", Hyperparameters(gamma=0.9)) == EVIDENCE
    assert evidence_of(aliases, "old", "new", GRU) is None
    assert evidence_of(aliases, "new", "old", MPN) is None
    assert evidence_of(aliases, "old", "newer", MPN) is None


def test_aliases_are_followed_and_may_go_round(tmp_path):
    for old, new in (("a", "b"), ("b", "c"), ("c", "a")):
        write_alias(tmp_path, "train", old, new, combination(MPN), {"from": old})
    aliases = read_aliases(tmp_path)
    assert evidence_of(aliases, "a", "c", MPN) == {"from": "b"}
    assert evidence_of(aliases, "a", "d", MPN) is None


def test_they_are_taken_back_and_the_listing_stays(tmp_path):
    listing = tmp_path / "records" / "code" / "old.json"
    listing.parent.mkdir(parents=True)
    listing.write_text('{"format": 1, "parts": {}}')
    write_alias(tmp_path, "train", "old", "new", combination(MPN), EVIDENCE)
    write_alias(tmp_path, "train", "old", "new", combination(MPN), EVIDENCE)
    assert [old for old, _ in remove_aliases(tmp_path)] == ["old"]
    assert listing.read_text() == '{"format": 1, "parts": {}}\n'
    assert not read_aliases(tmp_path)


def test_a_damaged_listing_holds_no_alias(tmp_path):
    folder = tmp_path / "records" / "code"
    folder.mkdir(parents=True)
    for name, content in (("a", "{"), ("b", "[]"), ("c", '{"same_as": [{"digest": 1}]}')):
        (folder / f"{name}.json").write_text(content)
    assert not read_aliases(tmp_path)
