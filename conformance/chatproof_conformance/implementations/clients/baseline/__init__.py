"""A conforming client in small pieces, from which faults are made."""
