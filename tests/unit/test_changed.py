"""Which tests `make quick` chooses, on a small tree of files."""

from pathlib import Path

import pytest

from tests.changed import PLACES, Tree

FILES = {
    "mpn_rl/__init__.py": (
        "from typing import TYPE_CHECKING\n"
        "if TYPE_CHECKING:\n    from mpn_rl.networks import net\n"
        '_LAZY = {"Net": "mpn_rl.networks.net"}\n'
    ),
    "mpn_rl/errors.py": "",
    "mpn_rl/sweep/config/__init__.py": "",
    "mpn_rl/parameters/catalogue.py": 'CORES = {"gru": "mpn_rl.networks.gru:GRU"}\n',
    "mpn_rl/networks/__init__.py": "from mpn_rl.parameters.catalogue import CORES\n",
    "mpn_rl/stages/__init__.py": "",
    "mpn_rl/stages/runner.py": "from importlib import import_module\n",
    "mpn_rl/stages/late.py": "from importlib.util import find_spec\n",
    "mpn_rl/networks/net.py": "from ..errors import UserError\n",
    "mpn_rl/networks/gru.py": "",
    "mpn_rl/figures/__init__.py": "",
    "mpn_rl/figures/style.py": "def f():\n    return Path('look.mplstyle')\n",
    "tests/fixtures/shared.py": "import mpn_rl.figures.style\n",
    "tests/unit/test_lazy.py": "from mpn_rl import Net\n",
    "tests/unit/test_cores.py": "from mpn_rl.networks import make_core\n",
    "tests/unit/test_config.py": "from mpn_rl.parameters.catalogue import CORES\n",
    "tests/unit/test_figures.py": "from tests.fixtures.shared import x\n",
    "tests/unit/test_runner.py": "import mpn_rl.stages.runner\nTEXT = 'mpn_rl.unheard'\n",
    "tests/contracts/test_process.py": "CODE = 'import mpn_rl.errors'\n",
}


@pytest.mark.parametrize(
    ("changed", "chosen"),
    [
        ("mpn_rl/errors.py", ["contracts/test_process", "unit/test_lazy"]),
        ("mpn_rl/networks/gru.py", ["unit/test_cores", "unit/test_lazy"]),
        ("mpn_rl/networks/net.py", ["unit/test_lazy"]),
        (
            "mpn_rl/parameters/catalogue.py",
            ["unit/test_config", "unit/test_cores", "unit/test_lazy"],
        ),
        ("mpn_rl/figures/look.mplstyle", ["unit/test_figures"]),
        ("tests/fixtures/shared.py", ["unit/test_figures"]),
        ("mpn_rl/stages/late.py", ["unit/test_runner"]),
        ("mpn_rl/stages/runner.py", ["unit/test_runner"]),
        ("tests/unit/test_config.py", ["unit/test_config"]),
        ("docs/cluster.md", []),
    ],
)
def test_tests_are_chosen_by_what_they_import_or_name(
    changed: str, chosen: list[str], tmp_path: Path
) -> None:
    for name, text in FILES.items():
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    assert Tree(tmp_path).of([changed]) == [f"tests/{name}.py" for name in chosen]


@pytest.mark.parametrize("changed", ["pyproject.toml", "tests/unit/conftest.py"])
def test_what_concerns_all_chooses_all(changed: str, tmp_path: Path) -> None:
    assert Tree(tmp_path).of(["mpn_rl/errors.py", changed]) == list(PLACES)
