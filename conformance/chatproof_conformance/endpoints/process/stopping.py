"""How a server that we have started is asked to stop: by a signal, at its standard input, or by a command."""

from chatproof_common.command_line.values import CommandError
from chatproof_common.system.process_tree import ProcessTree
from chatproof_common.system.processes import CONSOLE_STATUS, STOP_SIGNAL
from chatproof_common.system.shell_words import split_words
from chatproof_conformance.core.addresses import Address
from chatproof_conformance.core.text import quoted
from chatproof_conformance.endpoints.process.helper_command import run_helper

SIGNAL, END_OF_INPUT, LINE = "signal", "eof", "stdin:"
_WRITE_SECONDS = 5.0
_ELSE = "--stop says how to ask it: signal, eof, stdin:TEXT or a command"


def require_stop(stop: str | None, command: str | None) -> None:
    """Make sure that it is a way to ask a server of ours to stop, if one is given.

    Raises:
        CommandError: if it is not.
    """
    if stop is None:
        return
    if command is None:
        raise CommandError("--stop needs --command: a server that the harness did not start is not ours to stop")
    if stop in (SIGNAL, END_OF_INPUT) or stop.startswith(LINE):
        return
    if "{pid}" not in stop and "{port}" not in stop:
        ways = "signal, eof, stdin:TEXT, or a command with {pid} or {port}, which stand for the server's"
        raise CommandError(f"--stop {stop!r}: expected {ways}")
    try:
        split_words(stop)
    except ValueError as error:
        raise CommandError(f"--stop {stop!r} cannot be split into words: {error}") from None


class StopRequest:
    """One way to ask.

    Attributes:
        is_signal: whether it is asked by a signal, which wrappers may not pass on.
    """

    def __init__(self, stop: str | None) -> None:
        """Take the way that the user has named; None: a signal, as far as the system has one that servers heed."""
        self._stop = stop or SIGNAL
        self._is_default = stop is None
        self.is_signal = self._stop == SIGNAL

    def send(self, process: ProcessTree, address: Address) -> str | None:
        """Ask; return what was done, as a clause, None if there is no way here.

        Raises:
            NotTested: if the user's command for that fails.
        """
        if self.is_signal:
            described = process.described
            return f"{STOP_SIGNAL} was sent to {described}" if process.ask_to_stop() else None
        if self._stop == END_OF_INPUT:
            process.end_input()
            return f"the standard input of {process.described} was ended"
        if self._stop.startswith(LINE):
            line = self._stop.removeprefix(LINE)
            process.write(f"{line}\n".encode(), _WRITE_SECONDS)
            return f"the line {quoted(line)} was written to the standard input of {process.described}"
        run_helper("stops", self._stop, pid=process.pid, port=address[1], host=address[0])
        return f"{self._stop} was run"

    def unheeded(self, status: int | None, *, ended: bool) -> str | None:
        """Return why it says nothing about the server that it did not stop in order; None if it does.

        Windows has no signal that a server must heed. What ends at Ctrl+Break at once has no handler for it, and Java
        reports its threads then.

        Args:
            status: how its process has ended; None if it runs.
            ended: whether its connections have ended.
        """
        if not self._is_default or STOP_SIGNAL == "SIGTERM":
            return None
        if status == CONSOLE_STATUS:
            return f"it has no handler for {STOP_SIGNAL}, which ended it at once; {_ELSE}"
        return None if ended else f"it does not heed {STOP_SIGNAL}; {_ELSE}"


NO_WAY = f"this system has no way to ask it to stop; {_ELSE}"
