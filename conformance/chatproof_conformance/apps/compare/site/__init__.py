"""A folder of reports as static pages: a row for each implementation, a page for each of them and each requirement."""
