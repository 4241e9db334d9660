"""Sweeps: from one YAML file to results that are known to be fresh, on a laptop or a pool."""
