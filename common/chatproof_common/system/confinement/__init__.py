"""Runs programs of others within limits, away from what is not theirs, without needing to be root (Linux)."""

import sys

IS_SUPPORTED = sys.platform == "linux"
"""Whether this system can: the modules of this package must not be imported where it cannot."""
