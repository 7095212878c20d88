"""Explores a client: conversations from the space of input, lanes for what takes time, and narrowing of what fails."""
