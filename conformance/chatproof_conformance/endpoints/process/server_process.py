"""A server that the harness starts by a command line, on a free port, and stops."""

import threading
import time
from collections.abc import Mapping

from chatproof_common.command_line.program import PROGRAM
from chatproof_common.system.limits import restrict_files
from chatproof_common.system.ports import free_port
from chatproof_common.system.process_tree import ProcessTree
from chatproof_common.system.processes import described_status
from chatproof_common.system.shell_words import fill_words, join_words, shell_hint, split_words
from chatproof_conformance.core.addresses import Address
from chatproof_conformance.core.outcomes import NotTested, TargetGone
from chatproof_conformance.core.text import listed
from chatproof_conformance.endpoints.process.await_listening import await_listening, require_unused
from chatproof_conformance.endpoints.process.helper_command import run_helper
from chatproof_conformance.endpoints.process.last_words import words_around
from chatproof_conformance.endpoints.process.server_log import ServerLog
from chatproof_conformance.endpoints.process.stopping import NO_WAY, StopRequest

_HOST = "127.0.0.1"
_STOP_SECONDS = 5.0
_WRAPPER_SECONDS = 1.0
_ANNOUNCE_SECONDS = 10.0
_POLL_SECONDS = 0.02
_BY_SIGTERM = (-15, 143)
"""How a process ends that SIGTERM ends; as Java's virtual machine has it, and a shell."""
_UNHANDLED = ", which ended it at once: it has no handler for that"

BUNDLED = f"{join_words(PROGRAM)} server --headless --host {_HOST} --port {{port}}"
"""The command line of the bundled reference server; it announces what it reads from its standard input."""


class ServerProcess:
    """One server process, with all that it starts.

    Attributes:
        address: where it listens while it runs.
        started_by_us: whether nobody else can be on it.
    """

    started_by_us = True

    def __init__(  # noqa: PLR0913  each names itself where it is given
        self,
        command: str,
        announce: str | None = None,
        *,
        address: Address | None = None,
        environment: Mapping[str, str] | None = None,
        log: ServerLog | None = None,
        wait: float | None = None,
        stop: str | None = None,
        values: Mapping[str, object] | None = None,
    ) -> None:
        """Start nothing yet.

        Args:
            command: the command line, which no shell reads; ``{port}`` and ``{host}`` stand for where to listen.
            announce: None, ``stdin`` (a line of its standard input is announced), or a command line with ``{text}``.
            address: a free port of this machine if left out.
            environment: what it has beside ours: ``{"TZ": "Asia/Kolkata"}``.
            log: what it prints goes there too.
            wait: for so many seconds it may start, as :func:`await_listening` has it.
            stop: how it is asked to stop, as ``--stop`` has it; None: by a signal.
            values: what else stands for names in the command: ``{"node": 2}``.
        """
        self.address = address or (_HOST, free_port())
        self._command = command
        self._announce = announce
        self._environment = environment or {}
        self._log = log
        self._wait = wait
        self._stop = stop
        self._values = values or {}
        self._stop_request = StopRequest(stop)
        self._process: ProcessTree | None = None
        self._is_given_up = False
        self._expected_to_run = False
        self._asked: list[str] = []
        self._listened_itself = False

    @property
    def addresses(self) -> tuple[Address, ...]:
        """Where it listens: there."""
        return (self.address,)

    @property
    def can_announce(self) -> bool:
        """Whether it is known how."""
        return self._announce is not None

    def announce(self, *texts: str) -> None:
        """Write lines to its standard input, all at once, or run the command that announces for each."""
        if self._announce != "stdin":
            for text in texts:
                run_helper("announces", self._announce or "", text=text)
        elif self._process is not None:
            self._process.write("".join(f"{text}\n" for text in texts).encode(), _ANNOUNCE_SECONDS)

    def another(
        self, *, address: Address | None = None, environment: Mapping[str, str] | None = None
    ) -> "ServerProcess":
        """Return a server of the same kind, not yet started, on another port if no address is given."""
        environment = {**self._environment, **(environment or {})}
        return ServerProcess(
            self._command,
            self._announce,
            address=address,
            environment=environment,
            log=self._log,
            wait=self._wait,
            stop=self._stop,
            values=self._values,
        )

    def again(self) -> "ServerProcess":
        """Return the same server, not yet started, for the same address."""
        return self.another(address=self.address)

    def start(self) -> Address:
        """Start it and return its address when it accepts connections there.

        Raises:
            TargetGone: if the command cannot be run, ends, listens elsewhere for 3 seconds, or does not listen in time.
        """
        host, port = self.address
        words = fill_words(split_words(self._command), port=port, host=host, **self._values)
        require_unused(self.address)
        log = self._log.writer(f"{self._command}, port {port}") if self._log else None
        try:
            self._process = ProcessTree(words, more_environment=self._environment, log=log)
        except OSError as error:
            if error.filename is None:
                raise  # not the command: the system lets us start nothing more
            reason = f"{error.strerror}: {words[0]}{shell_hint(words)}"
            raise TargetGone(f"the command cannot be run: {reason}") from None
        if self._is_given_up:  # in another thread, before there was a process to be killed
            self.kill()
            raise TargetGone("it was ended while it was started")
        try:
            await_listening(self._process, self.address, self._wait)
        except BaseException:
            self.kill()
            raise
        self._expected_to_run = True
        return self.address

    def restart(self) -> Address:
        """Kill what is left of it and start it again, on another port: its own may linger.

        Raises:
            TargetGone: as for :meth:`start`.
        """
        self.kill()
        self.address = (self.address[0], free_port())
        return self.start_once_more()

    def start_once_more(self) -> Address:
        """Start it at its address, after it was killed.

        Raises:
            TargetGone: as for :meth:`start`.
        """
        self._is_given_up = False
        return self.start()

    def restrict_files(self, more: int) -> bool:
        """Let it, and each that it has started, open only so many more files; return whether the system can."""
        return self._process is not None and restrict_files(self._process.descendants(), more)

    def pause(self) -> bool:
        """Have the system stop it, with all that it has started, at any instruction; return whether it can."""
        return self._process is not None and self._process.pause()

    def resume(self) -> None:
        """Let it go on after a pause."""
        if self._process is not None:
            self._process.resume()

    def ask_to_stop(self) -> bool:
        """Ask it to stop; return whether there is a way.

        A signal may reach a wrapper, such as a shell, ``go run`` or ``npm start``, and not the server. If it ends and
        leaves some behind, these are asked too; and if it still runs a second later, whatever listens: a wrapper that
        has passed the signal on needs no help, one that waits for the server does.

        Raises:
            NotTested: if the user's command for that fails.
        """
        self._expected_to_run = False
        if self._process is None:
            return False
        self._listened_itself = self._process.listens_itself
        asked = self._stop_request.send(self._process, self.address)
        self._asked = [asked] if asked else []
        if asked and self._stop_request.is_signal:
            threading.Thread(target=_ask_the_rest, args=(self._process, self._asked), daemon=True).start()
        return bool(asked)

    def unheeded_stop(self, *, ended: bool) -> str | None:
        """Return why it says nothing about the server that it has not stopped in order; None if it does.

        ``ended``: whether its connections have ended.
        """
        if not self._asked:
            return NO_WAY
        # How its process has ended is worth a moment.
        status = None if self._process is None else self._process.wait(_WRAPPER_SECONDS if ended else 0.0)
        return self._stop_request.unheeded(status, ended=ended)

    @property
    def asked_to_stop(self) -> str:
        """Who was asked to stop until now, as a clause, and whether a signal has ended it; empty if nobody was."""
        ended = self._process is not None and self._process.status in _BY_SIGTERM
        is_alone = self._stop_request.is_signal and len(self._asked) == 1  # else it may be a wrapper that has none
        return "; ".join(self._asked) + _UNHANDLED * (is_alone and ended)

    @property
    def needed_more_signals(self) -> bool:
        """Whether others were asked to stop than the process of the command: it is a wrapper."""
        return len(self._asked) > 1

    def wait_for_exit(self, seconds: float) -> int | None:
        """Return its exit status, or None if it still runs after that.

        What it has left behind still runs if it was asked to stop, and if it has ended well: it has started a daemon.
        """
        if self._process is None:
            return None
        give_up = time.monotonic() + seconds
        status = self._process.wait(seconds)
        others_count = status == 0 or not self._expected_to_run
        while status is not None and others_count and self._process.descendants():
            if time.monotonic() >= give_up:
                return None
            time.sleep(_POLL_SECONDS)
        return status

    @property
    def left_listening(self) -> str | None:
        """Who still listens although the process of the command, which listened too, has ended; None if nobody.

        A wrapper does not listen: what it leaves behind is the server.
        """
        if self._process is None or not self._listened_itself or self._process.status is None:
            return None
        return listed(self._process.listeners()) or None

    def stop(self, seconds: float = _STOP_SECONDS) -> int | None:
        """Ask it to stop, wait so long, kill what is left; return its exit status, None if it had to be killed."""
        try:
            status = self.wait_for_exit(seconds) if self.ask_to_stop() else None
        except NotTested:
            status = None
        self.kill()
        return status

    def kill(self) -> None:
        """Kill it and all that it has started, also if it is just being started. Harmless when repeated."""
        self._expected_to_run, self._is_given_up = False, True
        if self._process is not None:
            self._process.end(0.0)

    def exit_reason(self, seconds: float = 0) -> str | None:
        """Return how the process died, or dies within this time, and what it printed; None if it was to end."""
        ended = self.how_ended(seconds)
        return None if ended is None or self._process is None else f"{ended}{self._process.last_words()}"

    def how_ended(self, seconds: float = 0) -> str | None:
        """Return how the process died, or dies within this time; None if it was to end."""
        if self._process is None or not self._expected_to_run or (status := self.wait_for_exit(seconds)) is None:
            return None
        return f"the server's process ended with {described_status(status)}"

    def last_words(self, around: float | None = None) -> str:
        """Return at most 20 lines, harmless to a terminal, of what it printed around a time of the monotonic clock.

        If no time is given, the last ones.
        """
        return "" if self._process is None else words_around(self._process.printed, around)


def _ask_the_rest(process: ProcessTree, asked: list[str]) -> None:
    """Ask whoever must be asked besides the process itself, and note who that was."""
    if process.wait(_WRAPPER_SECONDS) is None and (listeners := process.ask_listeners_to_stop()):
        asked.append(f"{_WRAPPER_SECONDS:g} s later to {listed(listeners)}, which listened behind it")
    if process.wait(_STOP_SECONDS) is not None and (left := process.ask_the_rest_to_stop()):
        asked.append(f"when that had ended, to {listed(left)}, which it left behind")
