"""Runs cases in an isolated pytest and judges what they saw."""
