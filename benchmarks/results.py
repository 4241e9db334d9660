"""Write tables and figures of docs/results.md from docs/results/: `python -m benchmarks.results`.

A table stands between `<!-- table: SWEEP/NAME -->` and `<!-- end -->`, a figure likewise. They are
made of the tables in docs/results/SWEEP that `benchmarks.contest` writes; where these are missing,
the block stays as it is.
"""

import re
from collections.abc import Iterator
from pathlib import Path

from benchmarks.results_data import read_contest
from benchmarks.results_figures import FIGURES, write_figures
from benchmarks.results_tables import TABLES
from mpn_rl.artifacts.files import atomic_write_text

ROOT = Path(__file__).parents[1]
BLOCK = re.compile(r"(<!-- (table|figure): (\w+)/(\w+) -->\n)(.*?)(<!-- end -->)", re.DOTALL)


def rewritten(text: str, folder: Path) -> str:
    """Return the page with every block updated whose numbers are in `folder`.

    Raises ValueError for a table that is not known.
    """

    def block(match: re.Match[str]) -> str:
        begin, kind, sweep, name, old, end = match.groups()
        known = list(TABLES if kind == "table" else FIGURES)
        if name not in known:
            raise ValueError(f"no {kind} is called {name!r}: there are {', '.join(known)}")
        contest = read_contest(folder / sweep)
        if contest is None:
            return begin + old + end
        if kind == "figure":
            return f"{begin}\n![{name}](figures/{sweep}_{name}.png)\n\n{end}"
        return begin + _markdown(TABLES[name](contest)) + end

    return BLOCK.sub(block, text)


def _markdown(rows: Iterator[list[str]]) -> str:
    header, *body = rows
    lines = [header, ["---"] * len(header), *body]
    return "\n" + "".join(f"| {' | '.join(line)} |\n" for line in lines) + "\n"


def main() -> None:
    """Rewrite docs/results.md and its figures, and say what is missing."""
    page, folder = ROOT / "docs" / "results.md", ROOT / "docs" / "results"
    text = page.read_text("utf-8")
    atomic_write_text(page, rewritten(text, folder))
    for sweep in sorted({match[3] for match in BLOCK.finditer(text)}):
        contest = read_contest(folder / sweep)
        if contest is None:
            print(f"{sweep}: not all numbers are in {folder / sweep}, left as it is")
        else:
            written = write_figures(contest, ROOT / "docs" / "figures", sweep)
            print(f"{sweep}: tables and {len(written)} figures written")


if __name__ == "__main__":
    main()
