"""Where ``chatproof`` begins: until its own handlers of signals are there, Ctrl+C ends it without a word."""

import signal


def start() -> int:
    """Run the command that the arguments of this process name; return its exit code."""
    if signal.getsignal(signal.SIGINT) is signal.default_int_handler:  # not what somebody else has decided
        signal.signal(signal.SIGINT, signal.SIG_DFL)
    from chatproof_common.command_line.main import main  # noqa: PLC0415  what takes time comes after that

    return main()
