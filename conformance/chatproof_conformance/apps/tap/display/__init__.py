"""Traffic as lines on a terminal or for a program."""
