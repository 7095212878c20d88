"""Where ``chatproof`` begins: until its own handlers of signals are there, Ctrl+C ends it without a word."""

from chatproof_common.system.interrupts import end_at_once


def start() -> int:
    """Run the command that the arguments of this process name; return its exit code."""
    end_at_once()
    from chatproof_common.command_line.main import main  # noqa: PLC0415  what takes time comes after that

    return main()
