"""``chatproof new``: a small program to begin with."""
