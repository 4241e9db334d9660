"""A module per file format: the only reader and writer of it."""
