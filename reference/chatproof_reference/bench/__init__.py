"""Measures a chat server under load: deliveries a second, latency, and whether each arrived once and in order."""
