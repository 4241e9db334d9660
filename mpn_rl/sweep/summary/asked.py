"""What was asked for and how it was made: swept, fixed, versions, what the config says in vain."""

import pandas as pd

from mpn_rl.sweep.summary.data import SummaryTables
from mpn_rl.sweep.summary.document import Block, heading, note, row, table
from mpn_rl.sweep.summary.facts import yaml_text

_NOTE = "When and where: provenance.csv. Every number of these pages: summary.csv."


def remark_blocks(tables: SummaryTables) -> list[Block]:
    """What to know before a number is used: mixed origins, and what the config asks in vain."""
    facts = tables.facts.set_index("statistic")
    versions, blocks = _named(facts, "version "), []
    if mixed := ", ".join(versions.index[versions["value"] > 1]):
        blocks.append(note(f"Mixed versions: parts were made under different versions of {mixed}."))
    if "processors" in facts.index:
        blocks.append(note(f"Parts were made on {facts['text']['processors']}."))
    if tables.sweep.messages:
        blocks += [heading("Said of the config", 2), *map(note, tables.sweep.messages)]
    return blocks


def asked_blocks(tables: SummaryTables) -> list[Block]:
    """Versions, and the hyper-parameters that are swept and held."""
    facts = tables.facts.set_index("statistic")
    title = f"How it was made: config {facts['text']['config_hash']}"
    versions = ", ".join(f"{k} {text}" for k, text in _named(facts, "version ")["text"].items())
    blocks = [heading(title), note(_NOTE), note(versions)]
    return [*blocks, _swept(tables, facts), *_fixed(tables, facts)]


def _named(facts: pd.DataFrame, kind: str) -> pd.DataFrame:
    """The facts of one kind, by name alone."""
    own = facts[facts.index.str.startswith(kind)]
    return own.set_axis(own.index.str.removeprefix(kind))


def _swept(tables: SummaryTables, facts: pd.DataFrame) -> Block:
    rows = []
    for name, fact in _named(facts, "swept ").iterrows():
        unit = tables.sweep.units.get(str(name))
        named = f"{name} ({unit})" if unit else str(name)
        rows.append(row(named, f"{fact['value']:.0f}", fact["text"]))
    none = [row("nothing: a single run", "", "")]
    return table({"swept": "cell", "values": "cell", " ": "rest"}, rows or none)


def _fixed(tables: SummaryTables, facts: pd.DataFrame) -> list[Block]:
    """What all runs share, four to a row, defaults dimmed."""
    defaults = {name: yaml_text(value) for name, value in tables.sweep.defaults.items()}
    fixed = _named(facts, "fixed ")["text"].items()
    items = [(f"{name} = {text}", defaults.get(str(name)) == text) for name, text in fixed]
    title = [heading("Held fixed", 2), note("Defaults in grey.")]
    return [*title, {"kind": "list", "items": items}]
