"""Tasks, vectorised and seeded."""
