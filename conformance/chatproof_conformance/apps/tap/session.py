"""A tap from its beginning to its verdict."""

import contextlib
import socket
import sys
import time
from collections.abc import Collection, Iterator, Sequence

from chatproof_common.addresses import shown_address
from chatproof_common.command_line.values import CommandError
from chatproof_common.system.event_loop import Loop
from chatproof_common.system.limits import allow_files
from chatproof_common.system.sockets import is_ours, listen
from chatproof_common.system.stop_signals import StopSignals
from chatproof_conformance.apps.tap.capture.capture import Capture
from chatproof_conformance.apps.tap.child import Child
from chatproof_conformance.apps.tap.display.console import TapConsole
from chatproof_conformance.apps.tap.options import TapOptions
from chatproof_conformance.apps.tap.proxy.connector import Route, find_routes
from chatproof_conformance.apps.tap.proxy.proxied_connection import ProxyContext
from chatproof_conformance.apps.tap.proxy.proxy import Proxy
from chatproof_conformance.apps.tap.recorder import Recorder
from chatproof_conformance.core.options import Options
from chatproof_conformance.core.roles import Role
from chatproof_conformance.core.verdicts import BROKEN
from chatproof_conformance.judges.recorded_clients import CLIENT_IDS
from chatproof_conformance.judges.recordings import examine_recording, selected_rows
from chatproof_conformance.reporting.run import Run, VerdictPolicy
from chatproof_conformance.reporting.summary import RunRequest
from chatproof_schemas import Requirement

_MEBIBYTE = 1024 * 1024
_ANY_ADDRESS = ("0.0.0.0", "::")
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
    console = TapConsole(options, aside=policy.need_standard_output, situations=policy.situations)
    with _errors_of(f"--to {shown_address(options.to)}"):
        routes = find_routes(*options.to)
    with _errors_of(f"--listen {shown_address(options.listen)}", "; port 0 lets the system choose one"):
        listening = listen(options.listen)
    _refuse_a_circle(options, listening, routes)
    with listening, contextlib.closing(Loop()) as loop:
        with _errors_of(f"--record {options.record}"):
            most = options.record_mib * _MEBIBYTE
            recorder = Recorder(options.framing, options.record, console.show, most_bytes=most)
        with _errors_of(f"--pcap {options.pcap}"):
            capture = None if options.pcap is None else Capture(options.pcap)
        context = ProxyContext(options.faults, options.seed, loop, recorder, capture)
        proxy = Proxy(listening, routes, context, console.warn)
        run = _run(options, console)
        passing = _Passing(options, proxy, context, console)
        try:
            passing.to_the_end(listening.getsockname()[:2])
        finally:
            console.stop_showing()
    console.judging(recorder.transcript)
    found = examine_recording(recorder.transcript, judged_rows(options.judged))
    return _exit_code(run.conclude(found, policy), None if passing.has_ended_child else passing.child, console)


def _refuse_a_circle(options: TapOptions, listening: socket.socket, routes: Sequence[Route]) -> None:
    """Refuse a tap whose server is the tap: it would connect to itself, again and again.

    Raises:
        CommandError: if it is so.
    """
    host, port = listening.getsockname()[:2]
    for _, address in routes:
        if address[1] == port and (address[0] == host or (host in _ANY_ADDRESS and is_ours(address[0]))):
            listening.close()
            raise CommandError(
                f"--to {shown_address(options.to)}: that is the tap itself; expected the server's address"
            )


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
    """The time in which traffic passes.

    Attributes:
        child: the command; None: there is none.
        has_ended_child: whether we have asked it to end, since our time was over: how it ends, is no fault of its own.
    """

    def __init__(self, options: TapOptions, proxy: Proxy, context: ProxyContext, console: TapConsole) -> None:
        self.child: Child | None = None
        self.has_ended_child = False
        self._options = options
        self._proxy = proxy
        self._loop = context.loop
        self._recorder = context.recorder
        self._capture = context.capture
        self._console = console
        self._signals = StopSignals(context.loop)
        self._until = time.monotonic() + (options.seconds or float("inf"))
        self._full_reported = False
        self._files: list[tuple[str, Recorder | Capture]] = [(f"the record {options.record}", self._recorder)]
        if self._capture is not None:
            self._files.append((f"the capture {options.pcap}", self._capture))
        self._reported: set[str] = set()

    def to_the_end(self, address: tuple[str, int]) -> None:
        with self._signals:
            try:
                self._console.begin(shown_address(address), shown_address(self._options.to))
                if self._options.command:
                    self.child = Child(self._options.command, address, self._console.out)
                while not self._is_to_end():
                    look_at = time.monotonic() + _LOOK_SECONDS
                    self._turn(look_at if self.has_ended_child else min(self._until, look_at))
                self._let_end()
                settled = self._is_settled()
            finally:
                self._proxy.close()
                if self.child is not None:
                    self.child.kill()
        self._recorder.finish(settled=settled)
        if self._capture is not None:
            self._capture.close()

    def _turn(self, until: float) -> bool:
        happened = self._loop.turn(until)
        self._flush()
        if self._recorder.is_full and not self._full_reported:
            self._full_reported = True
            size = self._options.record_mib
            self._console.warn(
                f"{size} MiB are recorded (--record-mib): what follows is passed on, but neither shown nor judged"
            )
        return happened

    def _flush(self) -> None:
        """Write what has passed to the files, and report each that cannot be written further, once."""
        for described, writer in self._files:
            writer.flush()
            if writer.trouble is not None and described not in self._reported:
                self._reported.add(described)
                self._console.warn(f"{described} is not whole: {writer.trouble.strerror}")

    def _is_to_end(self) -> bool:
        child, signals = self.child, self._signals
        if child is not None:
            # Ctrl+C reaches the command too; it may ignore it until it is asked twice.
            is_over = self._is_over() and child.status is None
            self.has_ended_child = self.has_ended_child or is_over
            if is_over or signals.terminated or signals.stopped > 1:
                child.ask_to_end()
            return child.status is not None
        return bool(signals.stopped) or self._is_over()

    def _is_over(self) -> bool:
        """Whether the time is over, or all connections that were waited for have ended."""
        wanted = self._options.connections
        enough = wanted is not None and self._proxy.count >= wanted and self._proxy.is_idle
        return enough or time.monotonic() >= self._until

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
