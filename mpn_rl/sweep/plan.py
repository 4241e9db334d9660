"""What a sweep asks of the workflow: its jobs, and the settings that each rule is given.

Like the layout, it is imported each time the workflow is parsed: no numerical library here.
"""

import hashlib
import json
from collections.abc import Iterable, Iterator, Mapping
from itertools import product
from typing import Any

from mpn_rl.parameters.catalogue import CORES, task_entry
from mpn_rl.parameters.first_defaults import FIRST_DEFAULTS
from mpn_rl.parameters.hyperparameters import Hyperparameters
from mpn_rl.parameters.points import applicable, core_of, first_default, read_point, resolved
from mpn_rl.parameters.task_ids import path_name
from mpn_rl.sweep.config.settings import written
from mpn_rl.sweep.config.sweep import Sweep, block_name, block_seeds, sweep_axes
from mpn_rl.sweep.layout import BLOCK, FILES, RULES, Job, job_of

# What every block hands to the summary, which reads these and what `chosen_rules` make, and shows
# the figures and animations.
SUMMARISED = ("config", "history", "evaluation", "pca", "paths")
DRAWN = ("plot", "plot_plasticity", "plot_memory", "render")


def canonical_json(value: Any) -> str:
    """One text per value."""
    return json.dumps(value, sort_keys=True, separators=(",", ":"))


def sections(sweep: Sweep) -> dict[str, dict[str, Any]]:
    """The settings of every section that a rule has, as the summary is given them."""
    names = dict.fromkeys(rule.section for rule in RULES.values() if rule.section)
    found = {name: written(getattr(sweep, name).model_dump()) for name in names}
    return {**found, "analyses": dict(sweep.analyses)} if sweep.analyses else found


def left_out(rule: str, sections: Mapping[str, Mapping[str, Any]]) -> bool:
    """Whether the rule's section says `enabled: false`; `sections` as `sections` gives them.

    So is the figure of tables of which there is none.
    """
    if "tables" in RULES[rule].settings:
        return not memory_tables(sections)
    return not sections.get(RULES[rule].section, {}).get("enabled", True)


def memory_tables(sections: Mapping[str, Mapping[str, Any]]) -> list[str]:
    """The tables of how a memory works that are made, and so drawn, by their names in FILES."""
    makers = {name: rule for rule in RULES for name in RULES[rule].makes}
    drawn = RULES["plot_memory"].reads
    return [name for name in drawn if not left_out(makers[name], sections)]


def chosen_rules(sections: Mapping[str, Mapping[str, Any]]) -> list[str]:
    """The rules that could be left out and are not: what they make, the summary reads."""
    could = [name for name, rule in RULES.items() if "enabled" in sections.get(rule.section, {})]
    return [name for name in could if not left_out(name, sections)]


def told_rules(sections: Mapping[str, Mapping[str, Any]]) -> set[str]:
    """The rules whose records the summary reads: they make what it reads or shows, or lead there.

    A further analysis is none of them, and so makes no summary stale.
    """
    makers = {name: rule for rule in RULES for name in RULES[rule].makes}
    shown = [*chosen_rules(sections), *(rule for rule in DRAWN if not left_out(rule, sections))]
    shown += ["measure"] * bool(sections.get("analyses"))
    found, waiting = {"baselines"}, [*shown, *(makers[name] for name in SUMMARISED)]
    while waiting:
        rule = waiting.pop()
        if rule not in found:
            found.add(rule)
            reads = (name for name in RULES[rule].reads if name in makers)
            waiting += [m for name in reads if not left_out(m := makers[name], sections)]
    return found


def blocks(sweep: Sweep) -> list[str]:
    """The names of the blocks of every run."""
    return [block_name(seeds) for seeds in sweep.blocks]


def rendered_seeds(sweep: Sweep) -> tuple[int, ...]:
    """The seeds whose episodes are animated."""
    return sweep.render.seeds or (sweep.seeds.first,)


def task_setting(point: Hyperparameters) -> dict[str, Any]:
    """What of a run makes its task: runs with equal ones share their baselines."""
    names = ("task", *task_entry(point.task).parameters, "max_episode_steps")
    # those of other packages' tasks came later: only where they are set
    return {
        name: getattr(point, name)
        for name in names
        if name in FIRST_DEFAULTS or getattr(point, name) != first_default(name)
    }


def setting_id(setting: Mapping[str, Any]) -> str:
    """A name for a task setting: that of the task, and a hash."""
    name = path_name(str(setting["task"]).partition("(")[0])
    return f"{name}_{hashlib.sha256(canonical_json(setting).encode()).hexdigest()[:8]}"


def task_settings(sweep: Sweep) -> dict[str, dict[str, Any]]:
    """The task settings of a sweep by their ids."""
    return {setting_id(one): one for one in map(task_setting, sweep.runs.values())}


def jobs(sweep: Sweep) -> Iterator[Job]:
    """Every job that a sweep asks for when nothing is there yet, `all` aside."""
    settings = (rendered_seeds(sweep), sections(sweep))
    for run, block in product(sweep.runs, blocks(sweep)):
        yield from block_jobs(run, block, *settings)
    yield from whole_jobs(sweep)


def whole_jobs(sweep: Sweep) -> Iterator[Job]:
    """The jobs that are of no block."""
    for setting in task_settings(sweep):
        yield Job("baselines", {"setting": setting})
    yield Job("summarise", {})


def block_jobs(
    run: str, block: str, rendered: Iterable[int], sections: Mapping[str, Mapping[str, Any]]
) -> Iterator[Job]:
    """The jobs of one block of a run; of the seeds in `rendered` each episode is animated."""
    here, plastic = {"run": run, "block": block}, CORES[core_of(run)].plastic
    for name, rule in RULES.items():
        wanted = (plastic or not rule.plastic) and not left_out(name, sections)
        if rule.per == "block" and wanted:
            yield Job(name, here)
    for analysis in sections.get("analyses", {}):
        yield Job("measure", {**here, "analysis": analysis})
    for seed in sorted({*rendered} & {*block_seeds(block)}):
        for episode in range(sections["render"]["num_episodes"]):
            yield Job("render", {**here, "seed": str(seed), "episode": str(episode)})


def every_output(sweep: Sweep, rules: Iterable[str] = RULES) -> list[str]:
    """The outputs of all jobs of these rules, relative to results/."""
    chosen = set(rules)
    return [file for job in jobs(sweep) if job.rule in chosen for file in job.outputs]


def rule_settings(sweep: Sweep, rule: str, of: str | None = None) -> dict[str, Any]:
    """The params of `rule`, its code aside: what it uses of the sweep and nothing else.

    `of` is the run for `train`, the task setting for `baselines`, the name of an analysis for
    `measure`, and needed for no other.
    """
    if rule == "train":
        return resolved(sweep.runs[of or ""])
    if rule == "summarise":
        return {
            "messages": list(sweep.messages),
            "name": sweep.name,
            "runs": list(sweep.runs),
            "blocks": blocks(sweep),
            "rendered_seeds": list(rendered_seeds(sweep)),
            "baselines": {run: setting_id(task_setting(p)) for run, p in sweep.runs.items()},
            "sections": sections(sweep),
        }
    if rule == "baselines":
        return {"first_seed": sweep.seeds.first, "task_setting": task_settings(sweep)[of or ""]}
    if rule == "measure":
        named = sweep.analyses.get(of or "", "")
        return {"analysis": named, "checkpoint": sweep.analysis.checkpoint}
    if rule == "plot_memory":
        return {"tables": memory_tables(sections(sweep))}
    found = {}
    for name in RULES[rule].settings:
        recorded = name == "checkpoint" and RULES[rule].of_recording
        section = getattr(sweep, "analysis" if recorded else RULES[rule].section)
        found[name] = getattr(section, name)
    return written(found)


def points(sweep: Sweep) -> dict[str, Hyperparameters]:
    """The hyper-parameters of each run and of each task setting, there with the usual agent."""
    usual = {name: read_point(setting) for name, setting in task_settings(sweep).items()}
    return {**sweep.runs, **usual}


def settings_texts(rule: str, settings: Mapping[str, Any]) -> dict[str, str]:
    """The params of a rule as the engine sees them, which sees no names: `fps=4`, say."""
    if rule == "train":
        return {"hyperparameters": canonical_json(settings)}
    return {name: f"{name}={canonical_json(value)}" for name, value in settings.items()}


def recorded_settings(params: Mapping[str, Any] | None) -> dict[str, Any]:
    """The params of a record as `rule_settings` gives them: an episode's number is no setting."""
    return {name: value for name, value in (params or {}).items() if name != "episode"}


def asks_for(sweep: Sweep, path: str) -> bool:
    """Whether the sweep's outputs include the file at `path`, relative to results/."""
    job = job_of(path)
    if job is None or not job.run:
        return job is not None and (job.rule == "summarise" or job.of in task_settings(sweep))
    settings = (rendered_seeds(sweep), sections(sweep))
    known = job.run in sweep.runs and job.block in blocks(sweep)
    return known and job in block_jobs(job.run, job.block, *settings)


def summarised(settings: Mapping[str, Any]) -> list[str]:
    """What a summary with these settings reads, relative to results/.

    Of every block the files that it hands over, every task setting's baselines, and the animations
    that are shown.
    """
    homes = [BLOCK.format(run=r, block=b) for r in settings["runs"] for b in settings["blocks"]]
    baselines = dict.fromkeys(settings["baselines"].values())
    chosen = chosen_rules(settings["sections"])
    names = [*SUMMARISED, *(name for rule in chosen for name in RULES[rule].makes)]
    return [
        *(f"{home}/{FILES[name]}" for home in homes for name in names),
        *(FILES["baselines"].format(setting=setting) for setting in baselines),
        *shown_animations(settings),
        *(job.outputs[0] for job in measured_jobs(settings)),
        *(job.outputs[1] for job in measured_jobs({**settings, "blocks": settings["blocks"][:1]})),
    ]


def measured_jobs(settings: Mapping[str, Any]) -> list[Job]:
    """The jobs of the user's own analyses of a summary with these settings.

    It reads all their tables, and shows their figures of a run's first block.
    """
    every = product(settings["sections"].get("analyses", {}), settings["runs"], settings["blocks"])
    return [Job("measure", {"run": r, "block": b, "analysis": name}) for name, r, b in every]


def shown_animations(settings: Mapping[str, Any]) -> list[str]:
    """The first animation of the first run of each task and core, relative to results/."""
    if not settings["rendered_seeds"] or not settings["sections"]["render"]["num_episodes"]:
        return []
    seed = settings["rendered_seeds"][0]
    block = next(name for name in settings["blocks"] if seed in block_seeds(name))
    shown: dict[str, str] = {}
    for run in settings["runs"]:
        job = Job("render", {"run": run, "block": block, "seed": str(seed), "episode": "0"})
        shown.setdefault(run.rpartition("_")[0], job.outputs[0])
    return list(shown.values())


def yaml_text(value: Any) -> str:
    """A value as a config writes it: null, true, 0.3."""
    if isinstance(value, float):
        return f"{value:.12g}"
    return value if isinstance(value, str) else json.dumps(value)


def run_labels(sweep: Sweep) -> dict[str, dict[str, str]]:
    """Run → what tells it from the others: task, core, and each parameter that is swept.

    All runs have the same names; a run without a parameter has an empty text for it.
    """
    names = dict.fromkeys(("task", "core", *sweep_axes(sweep.runs)))
    return {run: _texts(point, names) for run, point in sweep.runs.items()}


def _texts(point: Hyperparameters, names: Iterable[str]) -> dict[str, str]:
    has = applicable(vars(point))
    return {name: yaml_text(getattr(point, name)) if name in has else "" for name in names}
