"""The section `analyses` of a config names the user's own analyses."""

from importlib.metadata import EntryPoint

import pytest

from mpn_rl.parameters import plugins
from mpn_rl.parameters.errors import ConfigError
from mpn_rl.sweep.config.sweep import read_sweep
from mpn_rl.sweep.layout import Job, job_of
from mpn_rl.sweep.plan import asks_for, jobs, rule_settings, sections, summarised, told_rules

NAMED = "my_lab.selectivity:Selectivity(threshold=0.2)"


def asked(analyses):
    return read_sweep({"sweep": {}, "analyses": analyses})


def test_without_the_section_nothing_is_asked_for_that_was_not():
    plain, empty = read_sweep({"sweep": {}}), asked({})
    assert [*jobs(plain)] == [*jobs(empty)]
    assert not any(job.rule == "measure" for job in jobs(plain))
    assert "analyses" not in rule_settings(plain, "summarise")["sections"]
    assert "measure" not in told_rules(sections(plain))


def test_each_block_has_a_job_for_each_and_the_summary_reads_its_table():
    sweep = asked({"selectivity": NAMED, "strict": "my_lab.selectivity:Selectivity( threshold=.9)"})
    assert sweep.analyses["strict"] == "my_lab.selectivity:Selectivity(threshold=0.9)"
    own = [job for job in jobs(sweep) if job.rule == "measure"]
    assert len(own) == 2 * len(sweep.runs) * len(sweep.blocks)
    job = own[0]
    assert job.record.endswith("/records/measure_selectivity.json")
    assert job_of(job.outputs[0]) == job
    assert asks_for(sweep, job.outputs[0])
    assert not asks_for(read_sweep({"sweep": {}}), job.outputs[0])
    assert rule_settings(sweep, "measure", job.settled_by) == {
        "analysis": NAMED,
        "checkpoint": "final",
    }
    read = summarised(rule_settings(sweep, "summarise"))
    assert {one.outputs[0] for one in own} <= {*read}
    assert "measure" in told_rules(sections(sweep))


def test_the_settings_of_other_rules_are_what_they_were():
    for rule in ("evaluate", "collect", "decode", "plot_memory"):
        assert rule_settings(asked({"a": NAMED}), rule) == rule_settings(asked({}), rule)


def test_a_file_of_results_tells_its_analysis_by_its_name():
    job = job_of("runs/T_mpn_1/seeds_0-1/analyses/my-own_2.csv")
    assert job == Job("measure", {"run": "T_mpn_1", "block": "0-1", "analysis": "my-own_2"})
    assert job.log_name == "T_mpn_1_seeds_0-1_my-own_2"
    assert job_of("runs/T_mpn_1/seeds_0-1/analyses/a.b.csv") is None


def test_an_entry_points_name_is_its_class(monkeypatch):
    point = EntryPoint("selectivity", "my_lab.selectivity:Selectivity", "mpn_rl.analyses")
    monkeypatch.setattr(
        "importlib.metadata.entry_points", lambda group: [point] if group == point.group else []
    )
    assert asked({"own": "selectivity(threshold=0.2)"}).analyses == {"own": NAMED}
    assert plugins.by_entry_point("other", "analysis") == ""


def test_a_name_that_packages_give_to_different_classes_is_refused(monkeypatch):
    points = [EntryPoint("own", f"lab_{n}:Own", "mpn_rl.analyses") for n in "bab"]
    monkeypatch.setattr("importlib.metadata.entry_points", lambda **_: points)
    with pytest.raises(ConfigError, match="'own' is named by several packages: lab_a:Own, lab_b:O"):
        asked({"own": "own(x=1)"})


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ([NAMED], "analyses: .* is not a mapping of names to analyses"),
        ({"own": "selectivity.py"}, r"analyses.own: 'selectivity.py' is not a class module:Class"),
        ({"own": {"module": NAMED}}, "analyses.own: "),
        ({"own": 3}, "analyses.own: 3 is not a class module:Class"),
        ({"own": "a:B(x)"}, r"analyses.own: 'a:B\(x\)' is not a class"),
        ({"a/b": NAMED}, "analyses.a/b: the name is not up to 40 letters"),
        ({3: NAMED}, "analyses.3: the name is not"),
        ({"Own": NAMED, "own": NAMED}, "analyses.own: is given twice"),
    ],
)
def test_what_names_none_is_refused_with_key_and_value(given, said):
    with pytest.raises(ConfigError, match=said):
        asked(given)
