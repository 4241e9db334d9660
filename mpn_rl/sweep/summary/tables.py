"""All that a summary shows, as tables.

Pure: the stage reads the files, hands in `BlockData` and `SweepData`, and writes what comes back.
Figures draw these tables and compute nothing, so that summary.csv holds every number shown.

A *problem* is a task in one setting of its own parameters (as `delay`), if these are swept: cores
are compared within a problem, never across. Of each core one run is *chosen* per problem, that
with the highest last greedy validation during training; its score comes from the evaluation, which
plays other episodes. With several runs to choose from, the choice was made on the same seeds that
are reported, and flatters: the pooled score of all runs stands beside it.

Across problems cores are compared by normalised returns: 0 is that of random actions, 1 that of the
oracle.
"""

from collections.abc import Mapping, Sequence

import pandas as pd

from mpn_rl.sweep.summary import curves
from mpn_rl.sweep.summary.baselines import baseline_scores, normalised_returns, normalised_scores
from mpn_rl.sweep.summary.comparison import improvements, optimality_gaps, performance_profiles
from mpn_rl.sweep.summary.data import BlockData, SummaryTables, SweepData
from mpn_rl.sweep.summary.facts import fact_table, failure_table, run_table
from mpn_rl.sweep.summary.learning import run_learning, seed_learning, thresholds
from mpn_rl.sweep.summary.scores import (
    choose_runs,
    core_scores,
    grouped,
    paired_gaps,
    pooled,
    seed_scores,
    sensitivity,
)


def build_tables(
    blocks: Sequence[BlockData], sweep: SweepData, baselines: Mapping[str, pd.DataFrame]
) -> SummaryTables:
    """Return every table of the summary of these blocks; raises ValueError without any.

    baselines: run → agents that learn nothing on its task (`artifacts.baselines`), where known.
    """
    if not blocks:
        raise ValueError("a summary needs at least one block")
    runs = run_table(blocks, sweep.task_parameters)
    scores = seed_scores(blocks, runs)
    by_run = grouped(scores, ["task", "setting", "run", "core", "metric"], pooled)
    runs = choose_runs(runs, blocks, by_run)
    levels = baseline_scores(baselines, runs)
    by_seed = seed_learning(blocks, scores, thresholds(scores, levels))
    on_scale = normalised_returns(scores, levels)
    points, lines = sensitivity(scores, blocks)
    return SummaryTables(
        sweep=sweep,
        facts=fact_table(blocks, sweep),
        failures=failure_table(blocks, scores),
        runs=runs,
        seed_scores=scores,
        run_scores=by_run,
        core_scores=core_scores(scores, runs),
        baselines=levels,
        normalised=normalised_scores(on_scale, runs),
        gaps=paired_gaps(scores, runs),
        seed_learning=by_seed,
        run_learning=run_learning(by_seed),
        improvement=improvements(scores, runs),
        profiles=performance_profiles(on_scale, runs),
        optimality=optimality_gaps(on_scale, runs),
        curves=curves.learning_curves(blocks, runs),
        sensitivity=lines,
        axis_points=points,
        variance=curves.explained_variance(blocks, runs),
        participation=curves.participation_ratios(blocks, runs),
    )
