"""Clients that each break one thing, by the requirement that they break first."""
