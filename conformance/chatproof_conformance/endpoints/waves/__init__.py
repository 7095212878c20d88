"""Waves: many scripts at once against one instance of the server, recorded for the judge."""
