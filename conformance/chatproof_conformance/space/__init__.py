"""The input of a check as a space: acts, states, segmentations, ends; pure data, no input or output."""
