"""What ``chatproof validate`` does: reads lines, judges each, reports what is wrong."""
