"""The fixtures that tests of several rooms share."""

from tests.fixtures.results import home, results

__all__ = ["home", "results"]
