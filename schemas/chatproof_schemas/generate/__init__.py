"""What is made from the schemas and from the parsers: one schema file, the AsyncAPI document, the manual page."""
