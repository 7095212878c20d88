"""Reproduction: a saved failure is played again, and judged as it was the first time."""
