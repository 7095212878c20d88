"""Runs programs of others within limits, away from what is not theirs, without needing to be root (Linux)."""
