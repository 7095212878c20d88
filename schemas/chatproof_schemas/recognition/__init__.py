"""Recognises frames that are valid by their shape alone, many at a time: much faster than a parser and a schema."""
