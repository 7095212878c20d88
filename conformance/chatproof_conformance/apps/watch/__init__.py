"""``chatproof check --watch``: checks again whenever a file changes, what failed last time first."""
