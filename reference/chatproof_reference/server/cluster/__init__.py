"""One chat on many nodes: the order and the names are kept by an engine that they share, Redis or Valkey.

Nothing is imported from here unless a cluster is asked for: the client library of the engine is an extra.
"""
