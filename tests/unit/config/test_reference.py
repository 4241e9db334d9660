"""The tables of the README."""

from mpn_rl.sweep.config.reference import renewed
from tests.fixtures.config_files import CONFIG


def test_the_readme_has_the_generated_tables():
    """Renew them with `python -m mpn_rl.sweep.config.reference`."""
    text = (CONFIG / "README.md").read_text()
    assert renewed(text) == text
