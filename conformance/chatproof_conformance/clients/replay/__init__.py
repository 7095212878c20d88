"""Reproduction: what was saved of a client's failure is played again, by the harness or by a script."""
