"""What a core or a task of your own has to keep to, as checks to call in a test of yours."""

from mpn_rl.testing.cores import check_core
from mpn_rl.testing.tasks import check_task

__all__ = ["check_core", "check_task"]
