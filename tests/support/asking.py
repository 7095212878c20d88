"""How a process that a test has started is asked to stop, on each system."""

import signal
import subprocess

APART = {"creationflags": subprocess.CREATE_NEW_PROCESS_GROUP} if hasattr(signal, "CTRL_BREAK_EVENT") else {}
"""What Popen needs for that: on Windows only a group of its own can be sent Ctrl+Break."""
NUMBERS = (
    [signal.CTRL_BREAK_EVENT] if hasattr(signal, "CTRL_BREAK_EVENT") else [signal.SIGTERM, signal.SIGINT, signal.SIGHUP]
)
"""The signals that ask, the usual one first."""


def ask_to_stop(process):
    """Ask it, and return at once."""
    process.send_signal(NUMBERS[0])
