"""Importing the modules for TorchRL where it is not installed."""

import importlib
import sys

import pytest


def test_what_to_install_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in [n for n in sys.modules if n.split(".")[:2] == ["mpn_rl", "torchrl"]]:
        monkeypatch.delitem(sys.modules, name)
    for name in ("tensordict", "torchrl"):
        monkeypatch.setitem(sys.modules, name, None)
    with pytest.raises(ModuleNotFoundError, match=r"pip install 'mpn-rl\[torchrl\]'"):
        importlib.import_module("mpn_rl.torchrl")
