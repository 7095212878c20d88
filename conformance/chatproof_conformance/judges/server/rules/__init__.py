"""Rules that look at a finished model of a history."""
