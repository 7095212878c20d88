"""A tap from its beginning to its verdict."""

import contextlib
import sys
import time
from collections.abc import Collection, Iterator

from chatproof_common.command_line.values import CommandError
from chatproof_common.system.event_loop import Loop
from chatproof_common.system.limits import allow_files
from chatproof_common.system.sockets import listen
from chatproof_common.system.stop_signals import StopSignals
from chatproof_conformance.apps.tap.child import Child
from chatproof_conformance.apps.tap.display.console import TapConsole
from chatproof_conformance.apps.tap.options import TapOptions
from chatproof_conformance.apps.tap.proxy.connector import find_routes
from chatproof_conformance.apps.tap.proxy.proxied_connection import ProxyContext
from chatproof_conformance.apps.tap.proxy.proxy import Proxy, shown_address
from chatproof_conformance.apps.tap.recorder import Recorder
from chatproof_conformance.core.options import Options
from chatproof_conformance.core.roles import Role
from chatproof_conformance.core.verdicts import BROKEN
from chatproof_conformance.judges.recorded_clients import CLIENT_IDS
from chatproof_conformance.judges.recordings import examine_recording, selected_rows
from chatproof_conformance.reporting.run import Run, VerdictPolicy
from chatproof_conformance.reporting.summary import RunRequest
from chatproof_schemas import Requirement

_LOOK_SECONDS = 1.0
_ENDING_SECONDS = 1.0
"""How long connections that are ending are given, once the tap is to end."""
_CHILD_ENDING_SECONDS = 10.0
"""The same after the end of the command, whose clients end with it."""
_SWITCH_SECONDS = 0.0002
"""How long the thread that shows may keep the one that passes traffic waiting; Python's own 5 ms are too long."""


def run_tap(options: TapOptions, policy: VerdictPolicy) -> int:
    """Tap until the end, judge, and return the exit code.

    Raises:
        CommandError: if an address cannot be used, the command cannot be run, or a file cannot be written.
    """
    sys.setswitchinterval(_SWITCH_SECONDS)
    allow_files()  # each connection takes two
    console = TapConsole(options, aside=policy.need_standard_output)
    with _errors_of(f"--to {shown_address(options.to)}"):
        routes = find_routes(*options.to)
    with _errors_of(f"--listen {shown_address(options.listen)}", "; port 0 lets the system choose one"):
        listening = listen(options.listen)
    with listening, contextlib.closing(Loop()) as loop:
        with _errors_of(f"--record {options.record}"):
            recorder = Recorder(options.framing, options.record, console.show)
        proxy = Proxy(listening, routes, ProxyContext(options.faults, options.seed, loop, recorder), console.warn)
        run = _run(options, console)
        passing = _Passing(options, proxy, loop, recorder, console)
        try:
            passing.to_the_end(listening.getsockname()[:2])
        finally:
            console.stop_showing()
    console.judging(recorder.transcript)
    found = examine_recording(recorder.transcript, judged_rows(options.judged))
    return _exit_code(run.conclude(found, policy), passing.child, console)


def judged_rows(roles: Collection[Role]) -> list[Requirement]:
    """Return the requirements of those who are judged."""
    rows = selected_rows(()) if Role.SERVER in roles else []
    return rows + (selected_rows(CLIENT_IDS) if Role.CLIENT in roles else [])


def _run(options: TapOptions, console: TapConsole) -> Run:
    request = RunRequest(
        described=f"what passed to {shown_address(options.to)}",
        target_words=options.words,
        options=Options(framing=options.framing),
        command="tap",
        seeded=False,
        recording=options.record,
    )
    return Run(console.conclude, request)


class _Passing:
    """The time in which traffic passes."""

    def __init__(self, options: TapOptions, proxy: Proxy, loop: Loop, recorder: Recorder, console: TapConsole) -> None:
        self.child: Child | None = None
        self._options = options
        self._proxy = proxy
        self._loop = loop
        self._recorder = recorder
        self._console = console
        self._signals = StopSignals(loop)
        self._until = time.monotonic() + (options.seconds or float("inf"))
        self._trouble_reported = False

    def to_the_end(self, address: tuple[str, int]) -> None:
        with self._signals:
            try:
                self._console.begin(shown_address(address), shown_address(self._options.to))
                if self._options.command:
                    self.child = Child(self._options.command, address, self._console.out)
                while not self._is_to_end():
                    self._turn(min(self._until, time.monotonic() + _LOOK_SECONDS))
                self._let_end()
                settled = self._is_settled()
            finally:
                self._proxy.close()
                if self.child is not None:
                    self.child.kill()
        self._recorder.finish(settled=settled)

    def _turn(self, until: float) -> bool:
        happened = self._loop.turn(until)
        self._recorder.flush()
        trouble = self._recorder.trouble
        if trouble is not None and not self._trouble_reported:
            self._trouble_reported = True
            self._console.warn(f"the record {self._options.record} is not whole: {trouble.strerror}")
        return happened

    def _is_to_end(self) -> bool:
        child, signals, options = self.child, self._signals, self._options
        if child is not None:
            # Ctrl+C reaches the command too; it may ignore it until it is asked twice.
            if signals.terminated or signals.stopped > 1:
                child.ask_to_end()
            return child.status is not None
        if signals.stopped or time.monotonic() >= self._until:
            return True
        return options.connections is not None and self._proxy.count >= options.connections and self._proxy.is_idle

    def _let_end(self) -> None:
        """Let what is under way end, for a while; a further signal cuts that short."""
        asked = self._signals.stopped
        give_up = time.monotonic() + (_ENDING_SECONDS if self.child is None else _CHILD_ENDING_SECONDS)
        while self._is_going_on() and time.monotonic() < give_up and self._signals.stopped == asked:
            self._turn(min(give_up, time.monotonic() + _LOOK_SECONDS / 10))
        while self._turn(0.0) and time.monotonic() < give_up:
            pass

    def _is_going_on(self) -> bool:
        if self.child is None:
            return any(connection.is_ending for connection in self._proxy.open)
        return not (self._proxy.is_idle or self._is_quiet())

    def _is_quiet(self) -> bool:
        return time.monotonic() - self._recorder.last_at >= self._options.settle

    def _is_settled(self) -> bool:
        """Whether everything that the traffic caused had arrived: nobody is left to whom it could, or long silence."""
        connections = self._proxy.open
        return not connections or (self._is_quiet() and not any(connection.holds for connection in connections))


def _exit_code(verdict: int, child: Child | None, console: TapConsole) -> int:
    """Return the verdict; if it is not a failure and the command failed, the command's exit status."""
    if child is None or not child.status:
        return verdict
    console.warn(f"the command failed: {child.described()}")
    return verdict if verdict == BROKEN else child.status


@contextlib.contextmanager
def _errors_of(option: str, hint: str = "") -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise CommandError(f"{option}: {error.strerror or error}{hint}") from None
