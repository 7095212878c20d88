"""The reference server and client of the TCP chat protocol, each with and without a window."""
