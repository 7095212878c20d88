"""Many submissions graded by a scheme: each built, started confined, checked, and reported to its author."""
