"""Servers that keep the protocol in ways of their own."""
