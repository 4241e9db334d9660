"""How far a sweep is, from the files that it leaves as it goes: nothing is asked of its jobs."""
