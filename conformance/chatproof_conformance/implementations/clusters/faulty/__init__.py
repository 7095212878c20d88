"""Clusters with one fault each."""
