"""Explores a server: waves from the space of input, lanes for what takes time, and the narrowing of what fails."""
