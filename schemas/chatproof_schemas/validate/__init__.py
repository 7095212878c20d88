"""What ``chatproof validate`` does: reads lines, judges each, tells what is wrong."""
