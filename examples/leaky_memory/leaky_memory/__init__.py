"""A core and a task of one's own for mpn-rl."""
