"""How fast the harness itself is."""
