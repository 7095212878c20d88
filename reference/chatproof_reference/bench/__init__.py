"""Measures a chat server under load: deliveries a second, latency, and whether each message arrived once and in order."""
