"""`mpn-rl`: the stages of the pipeline on one experiment, by hand."""

from mpn_rl.sweep.cli.main import main

__all__ = ["main"]
