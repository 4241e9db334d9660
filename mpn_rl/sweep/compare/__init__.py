"""Experiments, runs and whole sweeps beside each other."""
