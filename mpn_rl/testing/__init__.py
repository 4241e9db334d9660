"""What a core, a task or an analysis of your own has to keep to, as checks for tests of yours."""

from mpn_rl.testing.analyses import check_analysis
from mpn_rl.testing.cores import check_core
from mpn_rl.testing.tasks import check_task

__all__ = ["check_analysis", "check_core", "check_task"]
