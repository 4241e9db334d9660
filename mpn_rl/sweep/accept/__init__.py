"""Accepting results of older code whose bytes the present code would leave as they are."""
