"""Tests that need TorchRL are skipped where it is not installed."""

import importlib.util
import os

import pytest

WHY = "needs torchrl and tensordict: make test-torchrl installs them"
MISSING = importlib.util.find_spec("tensordict") is None  # this folder may pass for torchrl


class Missing(pytest.Module):
    """A file of tests that cannot be imported here."""

    def collect(self):
        pytest.skip(WHY, allow_module_level=True)


def pytest_pycollect_makemodule(module_path, parent):
    if MISSING and not os.environ.get("MPN_RL_REQUIRE_TORCHRL"):
        return Missing.from_parent(parent, path=module_path)
    return None
