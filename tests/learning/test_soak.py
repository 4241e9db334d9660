"""Memory stays flat over many trainings and evaluations in one process."""

import sys

import pytest

from tests.learning.soak import soak


@pytest.mark.slow
@pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")
def test_memory_is_flat_for_five_minutes() -> None:
    result = soak(5)
    assert len(result.megabytes) > 10
    assert result.slope < 0.1  # MB per round; a leaked replay buffer or network would show
