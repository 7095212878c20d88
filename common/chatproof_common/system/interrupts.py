"""Ctrl+C while there is nothing to tidy up. It imports nothing that takes time: it is asked for first."""

import signal


def end_at_once() -> None:
    """Let Ctrl+C end this process from now on, without a word: there is nothing of it that must be ended in order."""
    if signal.getsignal(signal.SIGINT) is signal.default_int_handler:  # not what somebody else has decided
        signal.signal(signal.SIGINT, signal.SIG_DFL)
