"""Several reports as one matrix: several servers, or one over time."""
