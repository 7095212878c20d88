"""Both ends of a connection as the harness plays them, and the processes under test."""
