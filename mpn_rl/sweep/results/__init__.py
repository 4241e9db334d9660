"""Finished trainings as Python objects: tables, recordings, agents and figures."""
