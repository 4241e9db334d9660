"""Compare experiments, runs or whole sweeps: scores, differences on common seeds, settings.

A name is a folder of results, an experiment, or the id of a run in results/; a results folder alone
means its runs. Sweeps are matched run by run, by what they vary. The first name is what the others
are compared with. Intervals are 95 %, of the interquartile mean over seeds.
"""

import argparse
import json
import math
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from mpn_rl.errors import UserError
from mpn_rl.sweep.cli.experiments import add_trust
from mpn_rl.sweep.cli.flags import FlagError, Parser, add_path, named_path

if TYPE_CHECKING:
    from mpn_rl.sweep.compare.comparison import Comparison

_FORMATS = ("png", "svg", "pdf")


def add_flags(parser: Parser) -> None:
    """The flags of `mpn-rl compare`."""
    parser.add_argument(
        "names", nargs="+", metavar="NAME", help="experiment, run or results folder"
    )
    add_path(parser, "--experiments", "experiments", "folder of the experiments")
    parser.add_argument("--json", action="store_true", help="print JSON")
    about = f"draw the learning curves into FILE ({', '.join(_FORMATS)})"
    parser.add_argument("--output", type=named_path, metavar="FILE", help=about)
    add_trust(parser)


def run(arguments: argparse.Namespace) -> int:
    """Print the comparison, and draw it where that is asked for."""
    output = arguments.output
    if output is not None and output.suffix[1:] not in _FORMATS:
        raise FlagError(f"--output: {output} does not end in one of {', '.join(_FORMATS)}")
    if len({*arguments.names}) < len(arguments.names):
        raise UserError(f"{' '.join(arguments.names)}: a name is given twice")
    from mpn_rl.sweep.compare.comparison import compare
    from mpn_rl.sweep.compare.subjects import find_subjects

    subjects = find_subjects(arguments.names, arguments.experiments, trust=arguments.trust)
    found = compare(subjects)
    print(json.dumps(as_json(found), indent=2) if arguments.json else "\n".join(text(found)))
    if output is not None:
        from mpn_rl.sweep.compare.figure import curves_figure

        _write(curves_figure(subjects), output)
    return 0


def as_json(comparison: "Comparison") -> dict[str, Any]:
    """The tables as lists of rows; a number that is none is null."""
    tables = ("scores", "differences", "settings")
    rows = {name: getattr(comparison, name).to_dict("records") for name in tables}
    return {
        "subjects": list(comparison.subjects),
        **{
            name: [{k: _plain(v) for k, v in row.items()} for row in own]
            for name, own in rows.items()
        },
    }


def text(comparison: "Comparison") -> Iterator[str]:
    """The comparison in lines: a table per problem, and one of what differs."""
    from mpn_rl.sweep.summary.texts import METRIC_LABELS, interval_text, seeds_text

    for problem, own in comparison.scores.groupby("problem", sort=False):
        yield f"{problem}: {METRIC_LABELS[own['metric'].iloc[0]]}"
        gaps = comparison.differences
        gaps = gaps[gaps["problem"] == problem].set_index("subject")
        rows: list[Sequence[str]] = [
            ("", "score", "seeds", "difference", "common seeds", "better in")
        ]
        for _, row in own.iterrows():
            cells = [str(row["subject"]), interval_text(row["value"], row["low"], row["high"])]
            cells.append(seeds_text(row))
            if row["subject"] in gaps.index:
                gap = gaps.loc[row["subject"]]
                cells.append(interval_text(gap["value"], gap["low"], gap["high"], signed=True))
                better = gap["better"], gap["better_low"], gap["better_high"]
                cells += [str(int(gap["n"])), interval_text(*better)]
            rows.append((*cells, *[""] * (len(rows[0]) - len(cells))))
        yield from (f"  {line}" for line in _aligned(rows))
        yield ""
    yield from _settings(comparison)


def _settings(comparison: "Comparison") -> Iterator[str]:
    """What differs, a row each; by name what only some of the subjects have, with one value."""
    from mpn_rl.sweep.compare.comparison import ABSENT

    rows_of = [tuple(map(str, row)) for row in comparison.settings.itertuples(index=False)]
    yield "What differs" if rows_of else "No setting differs"
    alike = [row for row in rows_of if ABSENT in row and len({*row[1:]}) == 2]
    told = [row for row in rows_of if row not in alike]
    head = ("", *comparison.subjects)
    yield from (f"  {line}" for line in _aligned([head, *told]) if told)
    alone: dict[str, list[str]] = {}
    for name, *values in alike:
        having = [s for s, v in zip(comparison.subjects, values, strict=True) if v != ABSENT]
        alone.setdefault(", ".join(having), []).append(name)
    yield from (f"  only {subjects}: {', '.join(names)}" for subjects, names in alone.items())


def _aligned(rows: Sequence[Sequence[str]]) -> list[str]:
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    return [
        "  ".join(c.ljust(w) for c, w in zip(row, widths, strict=True)).rstrip() for row in rows
    ]


def _plain(value: Any) -> Any:
    value = value.item() if hasattr(value, "item") else value
    return None if isinstance(value, float) and not math.isfinite(value) else value


def _write(figure: Any, output: Path) -> None:
    import io

    from mpn_rl.artifacts.files import atomic_write_bytes
    from mpn_rl.figures.style import applied, figure_to_png_bytes, figure_to_svg

    if output.suffix == ".png":
        content = figure_to_png_bytes(figure)
    elif output.suffix == ".svg":
        content = figure_to_svg(figure).encode()
    else:
        buffer = io.BytesIO()
        with applied():
            figure.savefig(buffer, format="pdf", metadata={"CreationDate": None})
        content = buffer.getvalue()
    atomic_write_bytes(output, content)
    print(output)
