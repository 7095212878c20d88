"""What is made from the schemas and from the parsers: one schema file, AsyncAPI, checks in Python, the manual page."""
