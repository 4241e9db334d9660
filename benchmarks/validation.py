"""Reproduce figures of the MPN's paper by this project's layer: `make validate`.

    python -m benchmarks.validation [--quick]

Writes results/validation.csv, a row per initialisation, and results/validation.md; when all rows
are there, also docs/results/validation.csv and the table in docs/validation.md. Rows from the same
code are kept, so that it goes on where it was stopped; one takes 10 to 80 s of one core. --quick
trains one initialisation of each for a moment, to see that all runs.
"""

import argparse
import ast
import csv
import inspect
import io
import logging
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import torch

from benchmarks import integration, supervised
from benchmarks.markdown import markdown, renewed
from benchmarks.supervised import Lengths, measured
from benchmarks.turns import ROOT
from mpn_rl.artifacts.files import atomic_write_text
from mpn_rl.interruption import obeyed
from mpn_rl.parameters.hyperparameters import Hyperparameters
from mpn_rl.sweep.ledger.code.digests import code_digest, digest_parts, function_digests

log = logging.getLogger("benchmarks.validation")  # not __main__

KEPT, PAGE = ROOT / "docs" / "results" / "validation.csv", ROOT / "docs" / "validation.md"
ADVICE = "initialisations that are done are kept: the same command goes on"
# what a row depends on beside its own code
_LAYER = ("mpn_rl.networks", "mpn_rl.compiled.plasticity", "mpn_rl.compiled.recurrent")

Row = dict[str, str]


class Variant(NamedTuple):
    """A core with its parameters, how many initialisations, and what the paper has of it."""

    core: str
    inits: int
    accuracy: str = ""
    dimension: str = ""
    input_share: str = ""
    evidence_share: str = ""
    parameters: dict[str, Any] = {}

    def code(self) -> str:
        """A digest of the code that its rows come from."""
        layer = digest_parts("train", Hyperparameters(core=self.core))
        parts = {name: digest for name, digest in layer.items() if name.startswith(_LAYER)}
        for module in (integration, supervised):
            tree = ast.parse(inspect.getsource(module))
            parts |= {f"{module.__name__}:{k}": v for k, v in function_digests(tree).items()}
        return code_digest(parts)[:12]


VARIANTS = {
    "associative": Variant("mpn", 10, "0.997 ± 0.006", "2.07 ± 0.12", "0.87", "0.21"),
    "presynaptic": Variant(
        "mpn", 5, "0.980 ± 0.013", "", "0.80", "0.16", {"hebbian_rule": "presynaptic"}
    ),
    "postsynaptic": Variant("mpn", 5, "0.988 ± 0.012", parameters={"hebbian_rule": "postsynaptic"}),
    "bound 1": Variant("mpn", 5, "0.997 ± 0.009", parameters={"M_bound": 1.0}),
    "bound 0.1": Variant("mpn", 5, "0.967 ± 0.021", parameters={"M_bound": 0.1}),
    "rnn": Variant("rnn", 5, "", "", "0.19", "0.53"),
    "gru": Variant("gru", 5, "", "", "0.29", "0.88"),
}
MEASURES = {"accuracy": 3, "dimension": 2, "input_share": 2, "evidence_share": 2}
FIELDS = (
    *("variant", "seed", *MEASURES, "input_r2", "evidence_r2"),
    *("eta", "batches", "seconds", "code"),
)


def rows_of(text: str) -> list[Row]:
    """The rows of a table as CSV."""
    return list(csv.DictReader(io.StringIO(text)))


def text_of(rows: Sequence[Row]) -> str:
    """A table as CSV, in the order of VARIANTS and seeds."""
    order = {name: place for place, name in enumerate(VARIANTS)}
    lines = sorted(rows, key=lambda row: (order[row["variant"]], int(row["seed"])))
    return "\n".join([",".join(FIELDS), *(",".join(row[f] for f in FIELDS) for row in lines), ""])


def table(rows: Sequence[Row]) -> str:
    """Means and standard deviations over initialisations beside the paper's figures."""
    columns = [f"{name.replace('_', ' ')} | paper" for name in MEASURES]
    lines = [["variant", "n", *" | ".join(columns).split(" | "), "batches"]]
    for name, variant in VARIANTS.items():
        own = [row for row in rows if row["variant"] == name]
        if not own:
            continue
        cells = [name, str(len(own))]
        for measure, digits in MEASURES.items():
            cells += [_spread(own, measure, digits), getattr(variant, measure) or "–"]
        lines.append([*cells, f"{np.median([float(row['batches']) for row in own]):,.0f}"])
    return markdown(lines)


def by_sign(rows: Sequence[Row]) -> str:
    """What the sign that eta has learned says of the associative rule's initialisations."""
    lines = [["eta", "n", "accuracy", "dimension", "input share", "evidence share"]]
    for name, sign in (("positive", 1), ("negative", -1)):
        own = [r for r in rows if r["variant"] == "associative" and sign * float(r["eta"]) > 0]
        if own:
            lines.append([name, str(len(own)), *(_spread(own, m, d) for m, d in MEASURES.items())])
    return markdown(lines)


def _spread(rows: Sequence[Row], measure: str, digits: int) -> str:
    values = np.array([float(row[measure]) for row in rows])
    mean = f"{values.mean():.{digits}f}"
    return f"{mean} ± {values.std(ddof=1):.{digits}f}" if len(values) > 1 else mean


def tables(rows: Sequence[Row]) -> str:
    """All that the page shows of the rows."""
    return f"{table(rows)}\nThe associative rule by the sign of eta:\n\n{by_sign(rows)}"


def rewritten(page: str, rows: Sequence[Row]) -> str:
    """The page with the tables of these rows."""
    return renewed(page, "validation", lambda: tables(rows))


def make(path: Path, inits: int | None, lengths: Lengths) -> list[Row]:
    """Train what `path` does not have from the present code, row by row; the rows."""
    codes = {name: variant.code() for name, variant in VARIANTS.items()}
    rows = rows_of(path.read_text()) if path.exists() else []
    rows = [row for row in rows if codes.get(row["variant"]) == row["code"]]
    there = {(row["variant"], int(row["seed"])) for row in rows}
    wanted = [(n, seed) for n, v in VARIANTS.items() for seed in range(inits or v.inits)]
    # a run that is cut short has the paper's own rule, and something of every other
    wanted.sort(key=lambda init: 0 if init[0] == "associative" else init[1])
    for place, (name, seed) in enumerate(wanted):
        if (name, seed) in there:
            continue
        began, variant = time.process_time(), VARIANTS[name]
        found = measured(variant.core, variant.parameters, seed, lengths)
        seconds = time.process_time() - began
        said = ", ".join(f"{key.replace('_', ' ')} {value:.4g}" for key, value in found.items())
        log.info(
            "%d of %d: %s, seed %d: %s, %.0f s", place + 1, len(wanted), name, seed, said, seconds
        )
        texts = {key: f"{value:.6g}" for key, value in found.items()}
        head = {"variant": name, "seed": str(seed), "seconds": f"{seconds:.1f}"}
        rows.append({**head, **texts, "code": codes[name]})
        atomic_write_text(path, text_of(rows))
    return rows


def main() -> None:
    """Train what is missing, and write the tables."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.validation", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="one short initialisation of each")
    quick = parser.parse_args().quick
    logging.basicConfig(level=logging.INFO, format="%(message)s", stream=sys.stderr)
    torch.set_num_threads(1)
    path = ROOT / "results" / ("validation_quick.csv" if quick else "validation.csv")
    with obeyed(ADVICE):
        rows = make(path, 1, Lengths(100, 100)) if quick else make(path, None, Lengths())
    atomic_write_text(path.with_suffix(".md"), tables(rows))
    print(tables(rows), end="")
    if not quick:
        atomic_write_text(KEPT, text_of(rows))
        atomic_write_text(PAGE, rewritten(PAGE.read_text(), rows))


if __name__ == "__main__":
    main()
