"""Data and axes in, axes out."""
