"""A cluster on the baseline: nodes, and the hub that puts what they do into one order."""
