"""A core, a task and an analysis of one's own for mpn-rl."""
