"""JSON schema of a config, for editors: `make schema` writes config/schema.json."""

import json
from dataclasses import MISSING, Field, fields
from types import NoneType, UnionType
from typing import Any, get_args, get_origin

from mpn_rl.parameters.hyperparameters import Hyperparameters
from mpn_rl.parameters.spec import Spec, spec_of
from mpn_rl.sweep.config.settings import SECTIONS, SweepSettings

_TYPES = {bool: "boolean", int: "integer", float: "number", str: "string", NoneType: "null"}


def schema() -> dict[str, Any]:
    """The JSON schema (draft 2020-12) of a config file, closed at every level."""
    values = {field.name: _property(field) for field in fields(Hyperparameters)}
    axes = {
        name: {
            "type": "array",
            "minItems": 1,
            "items": {"$ref": f"#/$defs/point/properties/{name}"},
            "description": described["description"],
        }
        for name, described in values.items()
    }
    grid = {**_closed(axes, "every combination of these values"), "minProperties": 1}
    sweep = _closed(
        {
            **{field.name: _property(field) for field in fields(SweepSettings)},
            "base": {"$ref": "#/$defs/point"},
            "grid": {
                "anyOf": [
                    {"$ref": "#/$defs/grid"},
                    {"type": "array", "minItems": 1, "items": {"$ref": "#/$defs/grid"}},
                ]
            },
            "points": {"type": "array", "items": {"$ref": "#/$defs/point"}},
        },
        "what is trained",
    )
    sections = {
        name: _closed({field.name: _property(field) for field in fields(section)}, section.__doc__)
        for name, section in SECTIONS.items()
    }
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "mpn-rl sweep",
        **_closed({"sweep": sweep, **sections}, "one sweep"),
        "required": ["sweep"],
        "$defs": {"point": _closed(values, "hyper-parameters of one point"), "grid": grid},
    }


def _closed(properties: dict[str, Any], description: str | None) -> dict[str, Any]:
    return {
        "type": "object",
        "description": description,
        "additionalProperties": False,
        "properties": properties,
    }


def _property(declared: Field) -> dict[str, Any]:
    spec = spec_of(declared)
    annotation: Any = declared.type
    members = get_args(annotation) if isinstance(annotation, UnionType) else (annotation,)
    described: dict[str, Any] = {
        "description": spec.meaning + (f" [{spec.unit}]" if spec.unit else "")
    }
    if declared.default is not MISSING:
        described["default"] = declared.default
    if any(get_origin(member) is tuple for member in members):
        items = {"type": "integer", "minimum": 0}
        listed = {"type": "array", "minItems": 1, "uniqueItems": True, "items": items}
        return {**described, "anyOf": [listed, {"type": "null"}]}
    names = [_TYPES[member] for member in members]
    described["type"] = names if len(names) > 1 else names[0]
    return {**described, **_limits(spec)}


def _limits(spec: Spec) -> dict[str, Any]:
    if spec.choices:
        return {"enum": list(spec.choices)}
    if spec.pattern:
        return {"pattern": f"^{spec.pattern}$"}
    limits: dict[str, Any] = {}
    if spec.minimum is not None:
        limits["exclusiveMinimum" if spec.above else "minimum"] = spec.minimum
    if spec.maximum is not None:
        limits["maximum"] = spec.maximum
    return limits


def main() -> None:
    """Print the schema."""
    print(json.dumps(schema(), indent=2, ensure_ascii=False))


if __name__ == "__main__":
    main()
