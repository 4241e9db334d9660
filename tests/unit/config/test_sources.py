"""Several config files and `--config` entries."""

import shlex

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mpn_rl.parameters.errors import ConfigError
from mpn_rl.sweep.config.sources import packed, unpacked
from mpn_rl.sweep.config.sweep import load_sweep

BASE = """\
sweep:
  name: first
  base: {num_steps: 100, hidden_dim: 4}
  grid: {core: [mpn, gru]}
seeds: {first: 3, count: 4, per_job: 2}
evaluation: {num_episodes: 3, checkpoint: best}
"""


@pytest.fixture
def write(tmp_path):
    def write_file(name, text):
        path = tmp_path / name
        path.write_text(text)
        return path

    return write_file


def failure(*paths, entries=()):
    with pytest.raises(ConfigError) as error:
        load_sweep(*paths, entries=entries)
    return str(error.value)


def test_a_later_file_stands_over_an_earlier_one_key_by_key(write):
    first = write("a.yaml", BASE)
    second = write("b.yaml", "evaluation: {num_episodes: 7}\nsweep: {base: {num_steps: 50}}\n")
    sweep = load_sweep(first, second)
    assert (sweep.evaluation.num_episodes, sweep.evaluation.checkpoint) == (7, "best")
    assert {(run.num_steps, run.hidden_dim) for run in sweep.runs.values()} == {(50, 4)}
    assert (sweep.name, sweep.seeds.first, len(sweep.runs)) == ("first", 3, 2)
    assert sweep.notes == ()


@pytest.mark.parametrize("varied", ["grid: {eta: [0.1, 0.2, 0.3]}", "points: [{eta: 0.5}]"])
def test_what_is_varied_comes_whole_from_the_last_file_and_that_is_said(varied, write):
    first, second = write("a.yaml", BASE), write("b.yaml", f"sweep: {{{varied}}}\n")
    sweep = load_sweep(first, second)
    assert {run.core for run in sweep.runs.values()} == {"mpn"}
    assert len(sweep.runs) == (3 if "grid" in varied else 1)
    [note] = sweep.notes
    assert note == (
        f"sweep.grid: that of {first} is not used; {second} says what is varied "
        f"(sweep.{varied.split(':')[0]})"
    )
    assert load_sweep(second, first).runs == load_sweep(first).runs


def test_three_files(write):
    paths = [write(f"{n}.yaml", f"sweep: {{points: [{{eta: 0.{n}}}]}}\n") for n in (1, 2, 3)]
    sweep = load_sweep(*paths)
    assert [run.eta for run in sweep.runs.values()] == [0.3]
    assert len(sweep.notes) == 2


def test_entries_stand_over_files(write):
    path = write("a.yaml", BASE)
    entries = [
        "evaluation={num_episodes: 5}",
        "sweep={base: {num_steps: 2_000}}",
        "seeds={count: 2}",
    ]
    sweep = load_sweep(path, entries=entries)
    assert sweep.evaluation.num_episodes == 5
    assert sweep.evaluation.checkpoint == "best"
    assert {run.num_steps for run in sweep.runs.values()} == {2000}
    assert sweep.blocks == [(3, 4)]


def test_pythons_way_of_writing_is_read_too(write):
    """The engine's help advises it: `--config "foo={'bar': 42}"`."""
    sweep = load_sweep(write("a.yaml", BASE), entries=["evaluation={'num_episodes': 5}"])
    assert sweep.evaluation.num_episodes == 5


@pytest.mark.parametrize(
    ("entry", "said"),
    [
        ("evaluation={num_episodes: 0}", "--config: evaluation.num_episodes: 0 is not a whole num"),
        ("evaluation={num_episode: 5}", "evaluation.num_episode: unknown key; did you mean num_ep"),
        ("evaluation=5", "--config: evaluation: 5 is not a mapping of keys to values"),
        ("evaluation=", "--config: evaluation: null is not a mapping of keys to values"),
        ("evaluation={num_episodes: 010}", "--config: evaluation={num_episodes: 010}: 010 is 8 to"),
        ("evaluation={num_episodes: 1", "--config: evaluation={num_episodes: 1: did not find"),
        ("evaluation={checkpoint: a, checkpoint: b}", "the key 'checkpoint' is given twice"),
        ("hidden_dim=4", "--config: hidden_dim: unknown key; a hyper-parameter stands in sweep.ba"),
        ("nonsense=4", "--config: nonsense: unknown key; allowed: sweep, seeds, evaluation, rend"),
    ],
)
def test_an_entry_is_checked_like_the_file(entry, said, write):
    text = failure(write("a.yaml", BASE), entries=[entry])
    assert said in text
    assert len(text.splitlines()) == 1


def test_a_problem_is_put_down_to_the_source_it_stands_in(write):
    first = write("a.yaml", BASE)
    second = write("b.yaml", "# c\nrender: {fps: 0}\nevaluation: {num_episodes: x}\n")
    lines = failure(first, second, entries=["analysis={num_episodes: -1}"]).splitlines()
    assert [line.split(": ")[0] for line in lines] == [
        f"{second}, line 3",
        f"{second}, line 2",
        "--config",
    ]


@given(st.lists(st.text(min_size=1).map(lambda value: f"evaluation={value}"), max_size=3))
def test_packed_entries_come_through_shells_and_submit_files(entries):
    packs = packed(entries)
    assert unpacked(packs) == entries
    assert unpacked(entries) == entries
    assert packed(unpacked(packs)) == packs
    for pack in packs:
        assert shlex.split(pack) == [pack]
        assert not set(pack) & set("'\"{}[] \n")
