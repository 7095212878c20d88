"""Pure functions from a history to findings; they neither connect nor print."""
