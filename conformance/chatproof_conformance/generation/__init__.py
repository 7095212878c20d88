"""Hypothesis strategies: names, contents, near-JSON, segmentation."""
