"""The forms of a report: one module each, with a function ``render`` from the report's data to the file's text."""
