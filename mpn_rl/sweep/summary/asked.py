"""What was asked for and how it was made: swept, fixed, versions, notes on the config."""

import pandas as pd

from mpn_rl.parameters.hyperparameters import DEFAULTS
from mpn_rl.sweep.plan import yaml_text
from mpn_rl.sweep.summary.data import SummaryTables
from mpn_rl.sweep.summary.document import Block, heading, note, row, table
from mpn_rl.sweep.summary.texts import parameter_name

_NOTE = "When and where: provenance.csv. Every number of these pages: summary.csv."


def remark_blocks(tables: SummaryTables) -> list[Block]:
    """What to know before a number is used: mixed origins, and what in the config has no effect."""
    facts = tables.facts.set_index("statistic")
    versions, blocks = _named(facts, "version "), []
    if mixed := ", ".join(versions.index[versions["value"] > 1]):
        blocks.append(note(f"Mixed versions: parts were made under different versions of {mixed}."))
    if "processors" in facts.index:
        blocks.append(note(f"Parts were made on {facts['text']['processors']}."))
    if tables.sweep.messages:
        blocks += [heading("Notes on the config", 2), *map(note, tables.sweep.messages)]
    return blocks


def asked_blocks(tables: SummaryTables) -> list[Block]:
    """Versions, and the hyper-parameters that are swept and held."""
    facts = tables.facts.set_index("statistic")
    title = f"How it was made: config {facts['text']['config_hash']}"
    versions = ", ".join(f"{k} {text}" for k, text in _named(facts, "version ")["text"].items())
    blocks = [heading(title), note(_NOTE), note(versions)]
    return [*blocks, _swept(facts), *_fixed(facts), *_filled_in(facts)]


def _named(facts: pd.DataFrame, kind: str) -> pd.DataFrame:
    """The facts of one kind, by name alone."""
    own = facts[facts.index.str.startswith(kind)]
    return own.set_axis(own.index.str.removeprefix(kind))


def _swept(facts: pd.DataFrame) -> Block:
    rows = [
        row(parameter_name(str(name)), f"{fact['value']:.0f}", fact["text"])
        for name, fact in _named(facts, "swept ").iterrows()
    ]
    none = [row("nothing: a single run", "", "")]
    return table({"swept": "cell", "number": "cell", "values": "rest"}, rows or none)


def _fixed(facts: pd.DataFrame) -> list[Block]:
    """What all runs share, defaults dimmed."""
    defaults = {name: yaml_text(value) for name, value in DEFAULTS.items()}
    fixed = _named(facts, "fixed ")["text"].items()
    items = [(f"{name} = {text}", defaults.get(str(name)) == text) for name, text in fixed]
    title = [heading("Held fixed", 2), note("Defaults in grey.")]
    return [*title, {"kind": "list", "items": items}]


def _filled_in(facts: pd.DataFrame) -> list[Block]:
    """What stands for null, where anything does."""
    found = _named(facts, "recipe ")["text"].items()
    if not (items := [(f"{name} = {text}", False) for name, text in found]):
        return []
    about = note("What the recipe takes where hyper-parameters are null, by task and learner.")
    return [heading("Filled in", 2), about, {"kind": "list", "items": items}]
