"""Scores beside each other, differences on common seeds, and what differs in the settings."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import pandas as pd

from mpn_rl.parameters.hyperparameters import FIELDS
from mpn_rl.statistics.intervals import improvement, trimmed_interval
from mpn_rl.statistics.statistics import interquartile_mean, paired_differences
from mpn_rl.sweep.compare.subjects import Subject
from mpn_rl.sweep.layout import Job
from mpn_rl.sweep.ledger.records import read_record
from mpn_rl.sweep.plan import recorded_settings, yaml_text
from mpn_rl.sweep.results.experiment import Experiment
from mpn_rl.sweep.summary.data import primary_metric
from mpn_rl.sweep.summary.facts import swept_axes
from mpn_rl.sweep.summary.scores import pooled

_DIFFERENCE = ("value", "low", "high", "n", "better", "better_low", "better_high")


@dataclass(frozen=True)
class Comparison:
    """Tables of a comparison; intervals (low, high) are 95 %.

    scores       problem, subject, run, core, metric, value (IQM of seeds), low, high, n, failed,
                 unanswered
    differences  problem, subject, against (the first subject that has the problem), metric, value
                 (IQM of subject − against on common seeds), low, high, n (common seeds), better
                 (probability that a seed of subject scores above one of against), better_low,
                 better_high
    settings     name, and a column per subject: what is not the same for all
    """

    subjects: Sequence[str]
    scores: pd.DataFrame
    differences: pd.DataFrame
    settings: pd.DataFrame


def compare(subjects: Sequence[Subject]) -> Comparison:
    """The comparison of subjects; ArtifactError where one has not been evaluated."""
    problems = [*dict.fromkeys(problem for one in subjects for problem in one.runs)]
    scores: list[dict[str, Any]] = []
    differences: list[dict[str, Any]] = []
    for problem in problems:
        found = {one.label: _seed_scores(one, problem) for one in subjects if problem in one.runs}
        metric = primary_metric(pd.concat(list(found.values())))
        rows = {label: table[table["metric"] == metric] for label, table in found.items()}
        head = {"problem": problem, "metric": metric}
        scores += [{**head, "subject": label, **_score(own)} for label, own in rows.items()]
        first, *others = rows
        for label in others:
            about = {**head, "subject": label, "against": first}
            differences.append({**about, **difference(rows[label], rows[first])})
    columns = ["problem", "metric", "subject", "against", *_DIFFERENCE]
    return Comparison(
        [one.label for one in subjects],
        pd.DataFrame(scores),
        pd.DataFrame(differences, columns=columns),
        settings_table(subjects),
    )


def difference(own: pd.DataFrame, others: pd.DataFrame) -> dict[str, Any]:
    """How much better `own` is than `others`, each with columns seed and value."""
    first, second = (dict(zip(t["seed"], t["value"], strict=True)) for t in (own, others))
    gaps = paired_differences(first, second)
    values = float(interquartile_mean(gaps)), *trimmed_interval([gaps]), len(gaps)
    return dict(
        zip(_DIFFERENCE, (*values, *improvement(own["value"], others["value"])), strict=True)
    )


def settings_table(subjects: Sequence[Subject]) -> pd.DataFrame:
    """Hyper-parameters (recipe included), seeds and evaluation that differ between subjects."""
    found = {one.label: _settings(one) for one in subjects}
    differing = swept_axes([{n: found[s].get(n, ABSENT) for n in _names(found)} for s in found])
    rows = [{"name": name, **{s: found[s].get(name, ABSENT) for s in found}} for name in differing]
    return pd.DataFrame(rows, columns=["name", *found])


def _names(found: dict[str, dict[str, str]]) -> list[str]:
    known = {name for own in found.values() for name in own}
    return [name for name in (*FIELDS, *_EVALUATED, "seeds") if name in known]


ABSENT = "–"  # of a setting that a subject does not have
_EVALUATED = ("evaluation.num_episodes", "evaluation.checkpoint")


def _settings(subject: Subject) -> dict[str, str]:
    """Name → value, or the values of several runs."""
    values: dict[str, dict[str, None]] = {}
    for point in subject.sweep.points.values():
        for name, value in point.items():
            values.setdefault(name, {})[yaml_text(value)] = None
    for block in subject.sweep.blocks:
        for name, value in _evaluated(block).items():
            values.setdefault(name, {})[yaml_text(value)] = None
    seeds = sorted({seed for block in subject.sweep.blocks for seed in block.seeds})
    texts = {name: ", ".join(own) for name, own in values.items()}
    return {**texts, "seeds": ", ".join(map(str, seeds))}


def _evaluated(block: Experiment) -> dict[str, Any]:
    record = read_record(block.directory / Job("evaluate", {}).record) or {}
    params = recorded_settings(record.get("params"))
    return {
        f"evaluation.{name}": params[name]
        for name in ("num_episodes", "checkpoint")
        if name in params
    }


def _seed_scores(subject: Subject, problem: str) -> pd.DataFrame:
    return subject.sweep[subject.runs[problem]].scores


def _score(rows: pd.DataFrame) -> dict[str, Any]:
    return {"run": rows["run"].iloc[0], "core": rows["core"].iloc[0], **pooled(rows)}
