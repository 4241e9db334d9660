"""Statistics of scores over seeds."""
