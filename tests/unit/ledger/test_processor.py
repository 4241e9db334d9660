"""What a record calls the processor."""

import platform

import pytest

from mpn_rl.sweep.ledger.origins import processor


@pytest.mark.parametrize(
    ("text", "model"),
    [
        ("processor\t: 0\nmodel name\t: AMD EPYC  7B13\ncpu MHz\t\t: 2450.0\n", "AMD EPYC 7B13"),
        ("processor\t: 0\nCPU implementer\t: 0x41\nCPU part\t: 0xd0c\n", "0xd0c"),
        ("processor\t: 0\ncpu\t\t: POWER9, altivec supported\n", "POWER9, altivec supported"),
        ("model name\t:\nmodel name\t: second\n", "second"),
    ],
)
def test_the_type_is_what_linux_calls_it(text, model, tmp_path):
    path = tmp_path / "cpuinfo"
    path.write_text(text)
    assert processor(path) == f"{model} ({platform.machine()})"


def test_without_cpuinfo_python_says_it(tmp_path, monkeypatch):
    monkeypatch.setattr(platform, "processor", lambda: "arm")
    assert processor(tmp_path / "none") == f"arm ({platform.machine()})"
    monkeypatch.setattr(platform, "processor", lambda: "")
    assert processor(tmp_path / "nor this") == f"unknown ({platform.machine()})"
