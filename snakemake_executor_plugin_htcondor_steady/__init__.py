"""Snakemake's HTCondor executor, made to keep a sweep whole when something dies.

A thin subclass of snakemake-executor-plugin-htcondor. What it adds, and why it cannot be had
from outside, is told in docs/cluster.md; `executor: htcondor-steady` in a profile selects it.
"""

from snakemake_executor_plugin_htcondor import common_settings

from snakemake_executor_plugin_htcondor_steady.executor import Executor
from snakemake_executor_plugin_htcondor_steady.settings import ExecutorSettings

__all__ = ["Executor", "ExecutorSettings", "common_settings"]
