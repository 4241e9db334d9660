"""Tests of other packages' tasks are skipped without them, or fail where they are required."""

import os
from importlib.util import find_spec

import pytest


def pytest_runtest_setup(item: pytest.Item) -> None:
    """Look for the modules that a test's marks name."""
    asked = {module for mark in item.iter_markers("packages") for module in mark.args}
    if missing := sorted(module for module in asked if find_spec(module) is None):
        reason = f"{', '.join(missing)}: not installed; `make test-packages` installs them"
        if os.environ.get("MPN_RL_REQUIRE_PACKAGES"):
            pytest.fail(f"MPN_RL_REQUIRE_PACKAGES is set, and {reason}")
        pytest.skip(reason)
