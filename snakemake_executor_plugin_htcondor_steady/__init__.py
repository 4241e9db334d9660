"""Snakemake's HTCondor executor, made to keep a sweep whole when something dies.

A thin subclass of snakemake-executor-plugin-htcondor. What it adds, and why it cannot be had
from outside, is told in docs/cluster.md; `executor: htcondor-steady` in a profile selects it.
Without that plugin, an extra of mpn-rl, it says so when it is selected: the engine loads all
executors at each start.
"""

from importlib.util import find_spec

if find_spec("snakemake_executor_plugin_htcondor"):
    from snakemake_executor_plugin_htcondor import common_settings

    from snakemake_executor_plugin_htcondor_steady.executor import Executor
    from snakemake_executor_plugin_htcondor_steady.settings import ExecutorSettings
else:
    from snakemake_executor_plugin_htcondor_steady.missing import (
        Executor,
        ExecutorSettings,
        common_settings,
    )

__all__ = ["Executor", "ExecutorSettings", "common_settings"]
