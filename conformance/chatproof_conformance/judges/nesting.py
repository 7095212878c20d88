"""How deeply a JSON value may be nested before its reader is free to refuse it."""

DEEP = 32
"""Levels. SPEC.md sets no limit and lets a peer refuse deep nesting (ERROR-10): the shallowest parser in wide use,
json-c, stops at 32 levels, that of .NET at 64."""
