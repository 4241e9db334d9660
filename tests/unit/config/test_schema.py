"""The JSON schema of a config."""

import json

import jsonschema
import pytest
import yaml

from mpn_rl.sweep.config.schema import schema
from tests.fixtures.config_files import CONFIG


def test_the_schema_in_the_repository_is_the_generated_one():
    """Renew it with `python -m mpn_rl.sweep.config.schema > config/schema.json`."""
    assert json.loads((CONFIG / "schema.json").read_text()) == json.loads(json.dumps(schema()))


@pytest.mark.parametrize("name", sorted(path.name for path in CONFIG.glob("*.yaml")))
def test_the_schema_allows_the_configs_here(name):
    jsonschema.Draft202012Validator.check_schema(schema())
    jsonschema.validate(yaml.safe_load((CONFIG / name).read_text()), schema())


@pytest.mark.parametrize(
    "config",
    [
        {},
        {"sweep": {"bas": {}}},
        {"sweep": {"base": {"etta": 1}}},
        {"sweep": {"grid": {}}},
        {"sweep": {"grid": {"eta": []}}},
        {"sweep": {"grid": {"gamma": [2]}}},
        {"sweep": {"points": [{"core": "lsmt"}]}},
        {"sweep": {}, "seeds": {"count": 0}},
        {"sweep": {}, "more": 1},
    ],
)
def test_the_schema_is_closed(config):
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate(config, schema())
