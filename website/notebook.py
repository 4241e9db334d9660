"""A notebook as a page: its cells, and what they show when they are run.

The repository holds it without outputs; they are made where the site is.
"""

import ast
import io
import json
from collections.abc import Iterable, Iterator
from contextlib import chdir, redirect_stderr, redirect_stdout
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pandas as pd
from matplotlib import pyplot as plt


def cells_of(path: Path) -> list[tuple[str, str]]:
    """(kind, source) of each cell; kind is "markdown" or "code"."""
    cells = json.loads(path.read_text())["cells"]
    return [(cell["cell_type"], "".join(cell["source"])) for cell in cells]


def as_markdown(cells: Iterable[tuple[str, str]]) -> str:
    """The cells as a page, with nothing run."""
    return "\n\n".join(
        f"```python\n{text}\n```" if kind == "code" else text for kind, text in cells
    )


def with_outputs(cells: Iterable[tuple[str, str]], pictures: Path) -> str:
    """The cells as a page with what they show, their figures written to `pictures`.

    They run one after the other in an empty folder, which is removed.
    """
    parts: list[str] = []
    names: dict[str, Any] = {}
    plt.switch_backend("agg")
    with TemporaryDirectory() as folder, chdir(folder):
        for kind, text in cells:
            parts.append(as_markdown([(kind, text)]))
            if kind == "code":
                shown = _run(text, names)
                parts += [f"```text\n{shown}\n```"] if shown else []
                parts += [f"![figure]({name})" for name in _figures(pictures, len(parts))]
    return "\n\n".join(parts)


def _run(text: str, names: dict[str, Any]) -> str:
    """Run a cell; its last expression's value as text, as a notebook shows it."""
    body = ast.parse(text).body
    shows = isinstance(body[-1], ast.Expr) and not text.rstrip().endswith(";")
    last = ast.Expression(body.pop().value) if shows else None  # type: ignore[attr-defined]
    # the progress of a training is nothing to read on a page
    with redirect_stdout(io.StringIO()), redirect_stderr(io.StringIO()):
        exec(compile(ast.Module(body, []), "notebook", "exec"), names)
        value = eval(compile(last, "notebook", "eval"), names) if last is not None else None
    with pd.option_context("display.width", 100, "display.max_columns", 12):
        return "" if value is None else str(value)


def _figures(pictures: Path, number: int) -> Iterator[str]:
    """Write what is open, and close it; the names of the files."""
    for count, figure in enumerate(map(plt.figure, plt.get_fignums())):
        name = f"notebook-{number}-{count}.png"
        figure.savefig(pictures / name, dpi=100)
        yield name
    plt.close("all")
