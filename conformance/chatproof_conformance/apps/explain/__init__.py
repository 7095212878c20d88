"""Explains requirements, sections, causes, error codes and terms."""
