"""JSON schema of a config, for editors: `make schema` writes config/schema.json."""

import json
from collections.abc import Iterable
from typing import Any

from mpn_rl.parameters.fields import Parameters
from mpn_rl.parameters.hyperparameters import FIELDS, Hyperparameters
from mpn_rl.sweep.config.analyses import NAME
from mpn_rl.sweep.config.draws import KINDS, DrawSettings, numeric
from mpn_rl.sweep.config.settings import SECTIONS, SweepSettings


def schema() -> dict[str, Any]:
    """The JSON schema (draft 2020-12) of a config file, closed at every level."""
    point = _closed(Hyperparameters)
    point["properties"] = {name: point["properties"][name] for name in FIELDS}
    axes = {
        name: {
            **_several(f"point/properties/{name}"),
            "description": described["description"],
        }
        for name, described in point["properties"].items()
    }
    grid = {
        **point,
        "description": "every combination of these values",
        "properties": axes,
        "minProperties": 1,
    }
    sweep = {**_closed(SweepSettings), "description": "what is trained"}
    sweep["properties"] |= {
        "base": {"$ref": "#/$defs/point"},
        "grid": {"anyOf": [{"$ref": "#/$defs/grid"}, _several("grid")]},
        "random": {"anyOf": [{"$ref": "#/$defs/random"}, _several("random")]},
        "points": {"type": "array", "items": {"$ref": "#/$defs/point"}},
    }
    sections = {name: _closed(model) for name, model in SECTIONS.items()}
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "mpn-rl sweep",
        "type": "object",
        "description": "one sweep",
        "additionalProperties": False,
        "properties": {"sweep": sweep, **sections, "analyses": _analyses()},
        "required": ["sweep"],
        "$defs": {"point": point, "grid": grid, "random": _random(axes), "range": _range()},
    }


def _several(name: str) -> dict[str, Any]:
    return {"type": "array", "minItems": 1, "items": {"$ref": f"#/$defs/{name}"}}


def _random(names: Iterable[str]) -> dict[str, Any]:
    """The section `random`: lists as in a grid, and ranges of numbers."""
    found = _closed(DrawSettings)
    for name in names:
        listed = {"$ref": f"#/$defs/grid/properties/{name}"}
        ranges = [{"$ref": "#/$defs/range"}] if numeric(name) else []
        found["properties"][name] = {"anyOf": [listed, *ranges]} if ranges else listed
    return {**found, "description": "points that are drawn"}


def _range() -> dict[str, Any]:
    bounds = {"type": "array", "items": {"type": "number"}, "minItems": 2, "maxItems": 2}
    return {
        "type": "object",
        "description": "drawn between two bounds",
        "properties": dict.fromkeys(KINDS, bounds),
        "additionalProperties": False,
        "minProperties": 1,
        "maxProperties": 1,
    }


def _analyses() -> dict[str, Any]:
    """The section `analyses`: names of the user's own, of which a schema knows the form alone."""
    return {
        "type": "object",
        "description": "analyses of your own: name of their files -> module:Class(option=value)",
        "propertyNames": {"pattern": f"^{NAME}$"},
        "additionalProperties": {"type": "string"},
    }


def _closed(model: type[Parameters]) -> dict[str, Any]:
    """The schema of a model, without what editors have no use for."""
    found = model.model_json_schema()
    del found["title"]
    for one in found["properties"].values():
        for own in ("title", "when", "form"):
            one.pop(own, None)
    return found


def main() -> None:
    """Print the schema."""
    print(json.dumps(schema(), indent=2, ensure_ascii=False))


if __name__ == "__main__":
    main()
