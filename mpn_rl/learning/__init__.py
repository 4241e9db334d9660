"""Recurrent double Q-learning on replayed sequences."""
