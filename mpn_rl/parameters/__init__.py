"""Hyper-parameters: declared once by what uses them, checked, and named by an id."""
