"""The other half: the harness plays the server and drives the client under test."""
