"""The tables of config/README.md: `python -m mpn_rl.sweep.config.reference` writes them anew."""

from collections.abc import Iterable
from pathlib import Path
from typing import Any

from mpn_rl.parameters.catalogue import CORES, FOREIGN, LEARNERS, TASKS
from mpn_rl.parameters.fields import DeclaredField, Parameters, declared_fields
from mpn_rl.parameters.hyperparameters import FIELDS
from mpn_rl.parameters.values import expected, show
from mpn_rl.sweep.config.draws import DrawSettings
from mpn_rl.sweep.config.settings import SECTIONS, SweepSettings

BEGIN = "<!-- generated: python -m mpn_rl.sweep.config.reference -->"
END = "<!-- end of generated -->"


def tables() -> str:
    """Every key of a config as Markdown tables: default, unit, allowed values, meaning."""
    about = {
        "sweep": "beside `base`, `grid`, `random` and `points`",
        "sweep.random": "beside the hyper-parameters that are varied",
    }
    parts = [
        _section("Hyper-parameters", "`sweep.base`, `sweep.grid`, `sweep.points`", FIELDS.values())
    ]
    models: dict[str, type[Parameters]] = {
        "sweep": SweepSettings,
        "sweep.random": DrawSettings,
        **SECTIONS,
    }
    for name, model in models.items():
        declared = declared_fields(model).values()
        parts.append(_section(name, about.get(name, str(model.__doc__)), declared))
    return "\n\n".join(parts)


def renewed(text: str) -> str:
    """A README with its generated part replaced."""
    head, rest = text.split(BEGIN, 1)
    return f"{head}{BEGIN}\n\n{tables()}\n\n{END}{rest.split(END, 1)[1]}"


def _section(title: str, about: str, declared: Iterable[DeclaredField]) -> str:
    head = "| key | default | unit | allowed | meaning |\n|---|---|---|---|---|"
    return "\n".join([f"### {title}\n\n{about}\n\n{head}", *map(_row, declared)])


def _row(field: DeclaredField) -> str:
    meaning, unit = field.meaning
    meaning += _scope(field.name)
    if condition := field.schema["when"]:
        meaning += f"; only where `{condition[0]}` is {' or '.join(map(_yaml, condition[1]))}"
    cells = [f"`{field.name}`", f"`{_yaml(field.default)}`", unit, expected(field.schema)]
    return "| " + " | ".join([*cells, meaning]) + " |"


def _yaml(value: Any) -> str:
    if isinstance(value, tuple):
        return f"[{', '.join(map(show, value))}]"
    return value if isinstance(value, str) else show(value)


def _scope(name: str) -> str:
    entries = {**CORES, **TASKS, **LEARNERS}
    if name in FOREIGN.parameters:
        return " (tasks of other packages)"
    owners = [owner for owner, entry in entries.items() if name in entry.parameters]
    return f" ({', '.join(owners)})" if owners and owners != list(CORES) else ""


def main() -> None:
    """Write the tables into config/README.md of the working directory."""
    path = Path("config/README.md")
    path.write_text(renewed(path.read_text(encoding="utf-8")), encoding="utf-8")


if __name__ == "__main__":
    main()
