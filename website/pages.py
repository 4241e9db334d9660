"""What stands on the site's pages, and where each link leads.

The sources are Markdown that also reads well in the repository. Here they become pages of one
folder: links between sources become links between pages, and links to files that are no page lose
their target and keep their text.
"""

import ast
import os
import re
from collections.abc import Iterable, Mapping
from pathlib import Path
from urllib.parse import unquote

import yaml

from website.notebook import as_markdown, cells_of, with_outputs

ROOT = Path(__file__).parents[1]
# what can be used from Python, in the order of the menu; the rooms below serve these
ROOMS = (
    *("networks", "tasks", "learning", "playing", "analysis", "figures", "rendering"),
    *("artifacts", "parameters", "statistics", "observations", "compiled", "sweep"),
)
ENDS = ("md", "png", "gif", "csv")
NOTEBOOK = "docs/notebook.ipynb"
# the menu by what a reader wants; pages that it does not name follow it
MENU = {
    "Start in five minutes": ["index.md"],
    "Change the sweep": ["config.md", "learning.md"],
    "Read the figures": ["reading.md", "analysis.md"],
    "Run on a cluster": ["cluster.md", "status.md"],
    "The model and its equations": ["model.md", "memory.md", "validation.md"],
    "Use it from Python": ["python.md", "notebook.md"],
    "Add your own": ["own.md", "architecture.md", "tests.md"],
    "What was found": ["results.md", "results/protocol.md", "defaults.md"],
    "Speed": ["performance.md"],
    "What is promised": ["integrity.md", "faults.md"],
}
_LINK = re.compile(r"(?<!\\)(!?)\[((?:[^\[\]]|\[[^\[\]]*\])*)\]\(([^()\s]+)\)")
_FENCE = re.compile(r"^(```|~~~).*?^\1\s*$", re.MULTILINE | re.DOTALL)


def sources() -> dict[str, str]:
    """Path in the repository -> path on the site, of each page and picture."""
    docs = [path for end in ENDS for path in (ROOT / "docs").rglob(f"*.{end}")]
    named = {path.relative_to(ROOT).as_posix() for path in docs}
    pages = {name: name.removeprefix("docs/") for name in sorted(named)}
    elsewhere = {"README.md": "index.md", "config/README.md": "config.md"}
    return {**elsewhere, NOTEBOOK: "notebook.md", **pages}


def page(source: str, pages: Mapping[str, str]) -> str:
    """The text of a source, its links as they are on the site."""
    here = Path(source).parent

    def moved(match: re.Match[str]) -> str:
        picture, text, target = match.groups()
        path, hash_, anchor = target.partition("#")
        if "://" in target or not path:
            return match[0]
        at = os.path.normpath(here / unquote(path))
        if at not in pages:
            return text
        below = os.path.relpath(pages[at], Path(pages[source]).parent)
        return f"{picture}[{text}]({below}{hash_}{anchor})"

    text = (ROOT / source).read_text()
    parts, end = [], 0
    for fence in _FENCE.finditer(text):
        parts += [_LINK.sub(moved, text[end : fence.start()]), fence[0]]
        end = fence.end()
    return "".join([*parts, _LINK.sub(moved, text[end:])])


def reference(room: str) -> str:
    """The page of a room: its modules one after the other, from their docstrings."""
    place = ROOT / "mpn_rl" / room
    files = sorted(place.rglob("*.py")) if place.is_dir() else [place.with_suffix(".py")]
    names = [module for file in files if (module := _documented(file))]
    return "\n".join([f"# mpn_rl.{room}", "", *(f"::: {name}\n" for name in names)])


def _documented(file: Path) -> str | None:
    """The name of a module that has something to show, or None."""
    has_more = [n for n in ast.parse(file.read_text()).body if not isinstance(n, ast.Expr)]
    name = file.relative_to(ROOT).with_suffix("").as_posix().replace("/", ".")
    if name.rpartition(".")[2].startswith("_") and not name.endswith(".__init__"):
        return None
    return name.removesuffix(".__init__") if has_more else None


def menu(pages: Iterable[str]) -> list[dict[str, list[str]]]:
    """The site's menu: MENU, what it does not name, the reference."""
    known = {page for group in MENU.values() for page in group}
    more = sorted(page for page in pages if page.endswith(".md") and page not in known)
    groups = {**MENU, "More": more, "Reference": [f"reference/{room}.md" for room in ROOMS]}
    return [{title: group} for title, group in groups.items() if group]


def write(folder: Path, run_notebook: bool = True) -> None:
    """Write the pages and pictures to `folder`/docs, and beside them what builds a site of them."""
    pages = sources()
    texts = {target: page(source, pages) for source, target in pages.items() if _is_page(source)}
    texts |= {f"reference/{room}.md": reference(room) for room in ROOMS}
    for target, text in texts.items():
        _place(folder / "docs" / target).write_text(text)
    cells = cells_of(ROOT / NOTEBOOK)
    shown = with_outputs(cells, folder / "docs") if run_notebook else as_markdown(cells)
    (folder / "docs" / pages[NOTEBOOK]).write_text(shown + "\n")
    for source, target in pages.items():
        if not _is_page(source) and source != NOTEBOOK:
            _place(folder / "docs" / target).write_bytes((ROOT / source).read_bytes())
    settings = Path(__file__).with_name("mkdocs.yml").read_text()
    settings += yaml.safe_dump({"nav": menu(pages.values())}, sort_keys=False)
    (folder / "mkdocs.yml").write_text(settings)


def _is_page(source: str) -> bool:
    return source.endswith(".md")


def _place(path: Path) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    return path
