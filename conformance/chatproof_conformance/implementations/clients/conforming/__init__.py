"""Clients that keep every MUST, each in a way of its own."""
