"""The rules say to the engine what the layout's table says to everything else."""

import re
from pathlib import Path
from typing import Any

import pytest
from snakemake.api import SnakemakeApi
from snakemake.settings.types import ConfigSettings, OutputSettings, ResourceSettings

from mpn_rl.sweep.config.sweep import load_sweep
from mpn_rl.sweep.layout import BLOCK, RULES
from mpn_rl.sweep.plan import every_output, jobs, rule_settings, summarised

ROOT = Path(__file__).parents[2]
CONFIG = ROOT / "config" / "config.yaml"
OF_BLOCK = [name for name, rule in RULES.items() if rule.of_block]


def rules_with(*entries: str) -> dict[str, Any]:
    """The engine's rules by name, of the default sweep with these entries of `--config`."""
    with SnakemakeApi(OutputSettings(quiet=set())) as api:
        workflow = api.workflow(
            resource_settings=ResourceSettings(cores=1),
            config_settings=ConfigSettings(config_args=entries),
            snakefile=ROOT / "Snakefile",
        )._get_workflow()
        workflow.include(str(ROOT / "Snakefile"), overwrite_default_target=True)
        return {rule.name: rule for rule in workflow.rules}


@pytest.fixture(scope="module")
def rules() -> dict[str, Any]:
    return rules_with()


def without_constraints(path: Any) -> str:
    """A pattern of the engine's, `{run,[^/]+}` as `{run}`."""
    return re.sub(r"\{(\w+),(?:[^{}]|\{\d*\})*\}", r"{\1}", str(path))


def declared(name: str, paths: dict[str, str]) -> dict[str, str]:
    """Paths of the table as the rule has them."""
    home = f"results/{BLOCK}" if name in OF_BLOCK else "results"
    chosen = "final"  # which checkpoint the default config names
    return {k: f"{home}/{path.replace('{checkpoint}', chosen)}" for k, path in paths.items()}


def test_the_table_has_every_rule(rules):
    assert {*rules} == {*RULES, "all"}


@pytest.mark.parametrize("name", RULES)
def test_outputs_are_those_of_the_table(name, rules):
    found = {key: without_constraints(path) for key, path in rules[name].output.items()}
    record = f"records/{RULES[name].record or name}.json"
    assert found == declared(name, {**RULES[name].outputs, "record": record})


@pytest.mark.parametrize("name", OF_BLOCK)
def test_inputs_are_those_of_the_table_and_their_records(name, rules):
    expected = declared(name, dict(RULES[name].inputs))
    given = {str(path) for path in rules[name].input if isinstance(path, str)}
    files = {path for path in given if "/records/" not in path}
    makers = {maker for maker in OF_BLOCK for key in RULES[name].inputs if _makes(maker, key)}
    records = {f"results/{BLOCK}/records/{maker}.json" for maker in makers}
    assert files == {*expected.values()}
    assert given - files == records


def _makes(maker: str, key: str) -> bool:
    return key in RULES[maker].outputs or (key == "checkpoint" and maker == "train")


@pytest.mark.parametrize("name", RULES)
def test_params_are_the_settings_of_the_table(name, rules):
    sweep = load_sweep(CONFIG)
    of = next(iter(sweep.runs))
    if name == "baselines":
        of = Path(every_output(sweep, ["baselines"])[0]).stem
    settings = ["hyperparameters"] if name == "train" else [*rule_settings(sweep, name, of)]
    assert {*rules[name].params.keys()} == {*settings, "code"}


def test_a_setting_that_came_later_is_a_param_where_it_is_away_from_its_first_default():
    params = rules_with("render={max_steps: 7}")["render"].params
    assert {*params.keys()} == {"fps", "checkpoint", "max_steps", "code"}
    assert params.max_steps == "max_steps=7"


@pytest.mark.parametrize("name", RULES)
def test_logs_and_benchmarks_are_named_like_the_rule(name, rules):
    assert [str(path).split("/")[:3] for path in rules[name].log] == [["results", "logs", name]]
    assert str(rules[name].benchmark).split("/")[:3] == ["results", "benchmarks", name]


def test_the_summary_has_among_its_inputs_what_it_reads(rules):
    given = {str(path) for path in rules["summarise"].input}
    read = summarised(rule_settings(load_sweep(CONFIG), "summarise"))
    assert given >= {f"results/{file}" for file in read}


def test_the_summary_has_among_its_inputs_every_record_that_it_may_check(rules):
    given = {str(path) for path in rules["summarise"].input if "/records/" in str(path)}
    assert given == {
        f"results/{j.record}" for j in jobs(load_sweep(CONFIG)) if j.outputs[0] != "summary.pdf"
    }


def test_all_names_every_output(rules):
    asked = {str(path) for path in rules["all"].input}
    assert asked == {f"results/{file}" for file in every_output(load_sweep(CONFIG))}
