"""Peers: connections to the server under test, in the vocabulary of the protocol."""
