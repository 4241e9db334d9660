"""Write tables and figures of docs/results.md from docs/results/: `python -m benchmarks.results`.

A table stands between `<!-- table: SWEEP/NAME -->` and `<!-- end -->`, a figure likewise. They are
made of docs/results/SWEEP/summary.csv and provenance.csv, as a sweep leaves them behind; where
these are missing, the block stays as it is.
"""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import pandas as pd

from benchmarks.results_figures import FIGURES, write_figures
from mpn_rl.artifacts.files import atomic_write_text
from mpn_rl.figures.style import ordered_cores
from mpn_rl.sweep.summary.data import ALL
from mpn_rl.sweep.summary.texts import number_text, row_text, solved_text, steps_text

ROOT = Path(__file__).parents[1]
_BLOCK = re.compile(r"(<!-- (table|figure): (\w+)/(\w+) -->\n)(.*?)(<!-- end -->)", re.DOTALL)
AGENTS = ("random", "memoryless", "oracle")
Problem = tuple[str, str]


@dataclass(frozen=True)
class Results:
    """What a sweep left behind: the rows of its summary.csv and provenance.csv."""

    summary: pd.DataFrame
    made: pd.DataFrame

    @cached_property
    def problems(self) -> list[Problem]:
        """(task, setting) in the order of the sweep."""
        runs = self.rows("runs", statistic="chosen")
        return list(dict.fromkeys(zip(runs["task"], runs["setting"], strict=True)))

    @cached_property
    def cores(self) -> list[str]:
        """The cores in the order of every table."""
        return ordered_cores(self.rows("runs", statistic="chosen")["core"])

    def rows(self, section: str, **values: Any) -> pd.DataFrame:
        """Return the rows of a section whose columns have these values."""
        table = self.summary[self.summary["section"] == section]
        for name, value in values.items():
            table = table[table[name] == value]
        return table

    def of(self, section: str, problem: Problem, **values: Any) -> pd.Series | None:
        """Return the one such row of a problem, or None."""
        found = self.rows(section, task=problem[0], setting=problem[1], **values)
        return found.iloc[0] if len(found) else None

    def chosen(self, problem: Problem, core: str) -> str | None:
        """Return the run of a core that stands for it in a problem."""
        row = self.of("runs", problem, core=core, statistic="chosen", value=1)
        return None if row is None else str(row["run"])

    def primary(self, problem: Problem) -> str:
        """Return `correct` where a task judges answers, else `return`."""
        judged = self.of("core_scores", problem, metric="correct")
        return "return" if judged is None else "correct"


def read_results(folder: Path) -> Results | None:
    """Return a sweep's numbers, or None where they are not there."""
    paths = [folder / name for name in ("summary.csv", "provenance.csv")]
    if not all(path.exists() for path in paths):
        return None
    # an empty text is one, as of a task's only setting
    texts = dict.fromkeys(("task", "setting", "run", "core", "metric", "text", "name"), str)
    summary, made = (pd.read_csv(path, dtype=texts) for path in paths)
    for table in (summary, made):
        for name in set(texts) & set(table.columns):
            table[name] = table[name].fillna("")
    return Results(summary, made)


def rewritten(text: str, folder: Path) -> str:
    """Return the page with every block updated whose numbers are in `folder`.

    Raises ValueError for a table that is not known.
    """

    def block(match: re.Match[str]) -> str:
        begin, kind, sweep, name, old, end = match.groups()
        known = list(TABLES if kind == "table" else FIGURES)
        if name not in known:
            raise ValueError(f"no {kind} is called {name!r}: there are {', '.join(known)}")
        results = read_results(folder / sweep)
        if results is None:
            return begin + old + end
        if kind == "figure":
            return f"{begin}\n![{name} by task and core](figures/{sweep}_{name}.png)\n\n{end}"
        return begin + _markdown(TABLES[name](results)) + end

    return _BLOCK.sub(block, text)


def _markdown(rows: Iterator[list[str]]) -> str:
    header, *body = rows
    lines = [header, ["---"] * len(header), *body]
    return "\n" + "".join(f"| {' | '.join(line)} |\n" for line in lines) + "\n"


def title(problem: Problem) -> str:
    """Return a problem's name without its version: DelayedMatch (delay=6)."""
    name = re.sub(r"-v\d+$", "", problem[0])
    return f"{name} ({problem[1]})" if problem[1] else name


def _by_core(
    results: Results, cell: Callable[[Problem, str], str], cores: list[str] | None = None
) -> Iterator[list[str]]:
    """Yield a row per problem, a column per core."""
    shown = results.cores if cores is None else cores
    yield ["task", *shown]
    for problem in results.problems:
        yield [title(problem), *(cell(problem, core) for core in shown)]


def returns(results: Results) -> Iterator[list[str]]:
    """Yield the returns of cores, beside those of agents that learn nothing."""
    yield ["task", *AGENTS, *results.cores]
    for problem in results.problems:
        levels = (
            results.of(
                "baselines", problem, metric="return", text=agent, statistic="mean_of_episodes"
            )
            for agent in AGENTS
        )
        cells = ["–" if row is None else number_text(row["value"]) for row in levels]
        scores = (
            results.of(
                "core_scores",
                problem,
                core=core,
                metric="return",
                text="chosen",
                statistic="iqm_of_seeds",
            )
            for core in results.cores
        )
        yield [title(problem), *cells, *map(row_text, scores)]


def _learned(results: Results, problem: Problem, core: str, statistic: str) -> pd.Series | None:
    metric = results.primary(problem)
    run = results.chosen(problem, core)
    return results.of("run_learning", problem, run=run, metric=metric, statistic=statistic)


def solved(results: Results) -> Iterator[list[str]]:
    """Yield how many seeds solved a task, with exact intervals."""
    return _by_core(
        results, lambda problem, core: solved_text(_learned(results, problem, core, "solved"))
    )


def steps(results: Results) -> Iterator[list[str]]:
    """Yield the median steps to solved, and the seeds that did where these are not all."""
    return _by_core(
        results,
        lambda problem, core: steps_text(_learned(results, problem, core, "steps_to_solved")),
    )


def final_window(results: Results) -> Iterator[list[str]]:
    """Yield the means of the last validations, of the fraction correct or else the return."""
    return _by_core(
        results, lambda problem, core: row_text(_learned(results, problem, core, "final_window"))
    )


def area(results: Results) -> Iterator[list[str]]:
    """Yield areas under the validation curve, of the fraction correct or else the return."""
    name = "area_under_validation"
    return _by_core(results, lambda problem, core: row_text(_learned(results, problem, core, name)))


def _others(results: Results) -> list[str]:
    return [core for core in results.cores if core != "mpn"]


def gaps(results: Results) -> Iterator[list[str]]:
    """Yield the gaps mpn − core, paired by seed, in the fraction correct or else the return."""

    def cell(problem: Problem, core: str) -> str:
        metric = results.primary(problem)
        row = results.of("gaps", problem, core="mpn", metric=metric, text=core)
        return row_text(row, signed=True)

    return _by_core(results, cell, _others(results))


def improvement(results: Results) -> Iterator[list[str]]:
    """Yield the probability that a seed of mpn beats one of each other core."""

    def cell(problem: Problem, core: str) -> str:
        return row_text(results.of("improvement", problem, text=core))

    return _by_core(results, cell, _others(results))


def overall(results: Results) -> Iterator[list[str]]:
    """Yield the scores over all problems."""
    yield ["core", "normalised IQM", "optimality gap", "seeds at half of the way", "mpn better"]
    everything = (ALL, ALL)
    for core in results.cores:
        score = results.of(
            "normalised", everything, core=core, text="chosen", statistic="iqm_of_normalised_seeds"
        )
        gap = results.of("optimality", everything, core=core)
        half = results.of("profiles", everything, core=core, x=0.5)
        better = results.of("improvement", everything, text=core)
        last = "" if core == "mpn" else row_text(better)
        yield [core, row_text(score), row_text(gap), row_text(half), last]


def size(results: Results) -> Iterator[list[str]]:
    """Yield parameters and processor seconds per seed of the first problem's runs."""
    problem = results.problems[0]
    yield ["core", f"parameters, {title(problem)}", "CPU seconds per seed"]
    for core in results.cores:
        run = results.chosen(problem, core)
        sizes = results.of("runs", problem, run=run, statistic="parameters")
        made = results.made
        seconds = made[(made["name"] == run) & (made["statistic"] == "train_cpu_seconds_per_seed")]
        cost = f"{seconds['value'].iloc[0]:.1f}" if len(seconds) else "–"
        yield [core, "–" if sizes is None else f"{sizes['value']:,.0f}", cost]


def status(results: Results) -> Iterator[list[str]]:
    """Yield what the numbers are of."""
    facts = results.rows("facts").set_index("statistic")
    yield ["sweep", "config hash", "versions", "seeds per run", "commit"]
    versions = facts[facts.index.str.startswith("version ")]["text"]
    shown = ", ".join(f"{name} {text}" for name, text in versions.items())
    shown = shown.replace("version ", "")
    made = results.made
    commits = made[made["statistic"] == "commits"]["text"].iloc[0] or "–"
    names = [facts["text"][name] for name in ("sweep", "config_hash")]
    yield [*names, shown, facts["text"]["seeds_per_run"], commits[:12]]


TABLES: dict[str, Callable[[Results], Iterator[list[str]]]] = {
    "status": status,
    "returns": returns,
    "solved": solved,
    "steps": steps,
    "final_window": final_window,
    "area": area,
    "gaps": gaps,
    "improvement": improvement,
    "overall": overall,
    "size": size,
}


def main() -> None:
    """Rewrite docs/results.md and its figures, and say what is missing."""
    page, folder = ROOT / "docs" / "results.md", ROOT / "docs" / "results"
    text = page.read_text("utf-8")
    atomic_write_text(page, rewritten(text, folder))
    for sweep in sorted({match[3] for match in _BLOCK.finditer(text)}):
        results = read_results(folder / sweep)
        if results is None:
            print(f"{sweep}: no summary.csv and provenance.csv in {folder / sweep}, left as it is")
        else:
            written = write_figures(results.summary, ROOT / "docs" / "figures", sweep)
            print(f"{sweep}: tables and {len(written)} figures written")


if __name__ == "__main__":
    main()
