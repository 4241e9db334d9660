"""The tables of config/README.md: `python -m mpn_rl.sweep.config.reference` writes them anew."""

from collections.abc import Iterable
from dataclasses import Field, fields
from pathlib import Path
from types import NoneType
from typing import Any, get_args

from mpn_rl.parameters.catalogue import CORES, LEARNERS, TASKS
from mpn_rl.parameters.hyperparameters import FIELDS
from mpn_rl.parameters.spec import spec_of
from mpn_rl.parameters.values import show
from mpn_rl.sweep.config.settings import SECTIONS, SweepSettings

BEGIN = "<!-- generated: python -m mpn_rl.sweep.config.reference -->"
END = "<!-- end of generated -->"

_WORDS = {bool: "true, false", int: "whole number", float: "number", str: "text"}


def tables() -> str:
    """Every key of a config as Markdown tables: default, unit, allowed values, meaning."""
    parts = [
        _section("Hyper-parameters", "`sweep.base`, `sweep.grid`, `sweep.points`", FIELDS.values()),
        _section("sweep", "beside `base`, `grid` and `points`", fields(SweepSettings)),
    ]
    for name, section in SECTIONS.items():
        parts.append(_section(name, str(section.__doc__), fields(section)))
    return "\n\n".join(parts)


def renewed(text: str) -> str:
    """A README with its generated part replaced."""
    head, rest = text.split(BEGIN, 1)
    return f"{head}{BEGIN}\n\n{tables()}\n\n{END}{rest.split(END, 1)[1]}"


def _section(title: str, about: str, declared: Iterable[Field]) -> str:
    rows = [
        f"### {title}",
        "",
        about,
        "",
        "| key | default | unit | allowed | meaning |",
        "|---|---|---|---|---|",
    ]
    return "\n".join([*rows, *(_row(field) for field in declared)])


def _row(declared: Field) -> str:
    spec = spec_of(declared)
    meaning = spec.meaning + _scope(declared.name)
    if spec.when:
        values = " or ".join(map(_yaml, spec.when[1]))
        meaning += f"; only where `{spec.when[0]}` is {values}"
    cells = [f"`{declared.name}`", f"`{_yaml(declared.default)}`", spec.unit, _allowed(declared)]
    return "| " + " | ".join([*cells, meaning]) + " |"


def _yaml(value: Any) -> str:
    return value if isinstance(value, str) else show(value)


def _allowed(declared: Field) -> str:
    annotation: Any = declared.type
    members = get_args(annotation) or (annotation,)
    spec = spec_of(declared)
    words = spec.allowed()
    if not (spec.choices or spec.pattern):
        words = f"{_WORDS[members[0]]} {words}".strip()
    return words + (", null" if NoneType in members else "")


def _scope(name: str) -> str:
    owners = [core for core, entry in CORES.items() if name in entry.parameters]
    owners += [task for task, entry in TASKS.items() if name in entry.parameters]
    owners += [learner for learner, entry in LEARNERS.items() if name in entry.parameters]
    return f" ({', '.join(owners)})" if owners and owners != list(CORES) else ""


def main() -> None:
    """Write the tables into config/README.md of the working directory."""
    path = Path("config/README.md")
    path.write_text(renewed(path.read_text(encoding="utf-8")), encoding="utf-8")


if __name__ == "__main__":
    main()
