"""A client with no driver: a person uses it, the harness plays the server, and only its wire is judged."""

from collections.abc import Callable
from dataclasses import dataclass, field, replace

from chatproof_common.command_line.values import CommandError
from chatproof_common.system.waiting import wait_for
from chatproof_conformance.core.evidence import Evidence
from chatproof_conformance.core.findings import Finding
from chatproof_conformance.core.options import Options
from chatproof_conformance.core.outcomes import TargetGone
from chatproof_conformance.core.roles import Role, role_of
from chatproof_conformance.core.text import quoted
from chatproof_conformance.core.verdicts import CaseResult, RunResult, judge_requirements
from chatproof_conformance.endpoints.served.connections import Listener, ServedConnection
from chatproof_conformance.judges.client.client_history import decoded, read_client_history
from chatproof_conformance.judges.client.sent import wire_findings
from chatproof_conformance.reporting.run import Run, VerdictPolicy, console_for
from chatproof_conformance.reporting.summary import RunRequest
from chatproof_conformance.space.conversation.bad_frames import NEAR_JSON, NOT_JSON, NOT_UTF8, UNKNOWN_TYPES
from chatproof_conformance.space.conversation.messages import completed
from chatproof_conformance.space.spellings import plain
from chatproof_schemas import requirements
from chatproof_schemas.transcript import Transcript

PERSON_SECONDS = 120.0
"""How long a person may take for each thing that the harness asks for."""
_JOIN_SECONDS = 10.0
_SENDING_SECONDS = 10.0
_PEER = "harness"
_CASE = "on_the_wire"
_BAD = (*NOT_JSON[:4], *NEAR_JSON[:6], *NOT_UTF8[:3], *map(plain, UNKNOWN_TYPES[:4]))
_UNSEEN = "only its screen shows that; give --command with a driver (docs/driver-protocol.md)"


def check_listening(port: int, options: Options, policy: VerdictPolicy, *, seconds: float = PERSON_SECONDS) -> int:
    """Wait for a client, guide the person who uses it, judge its wire; return the exit code.

    Raises:
        CommandError: if the port cannot be listened on.
        TargetGone: if nobody connects.
    """
    described, words = f"a client at port {port}", f" --listen {port}"
    request = RunRequest(role=Role.CLIENT, described=described, target_words=words, options=options, seeded=False)
    console = console_for(request, policy)
    run = Run(console.conclude, request)
    try:
        listener = Listener(port=port)
    except OSError as error:
        raise CommandError(f"--listen {port}: {error.strerror or error}") from None
    visit = _Visit(console.say, seconds)
    try:
        visit.welcome(listener)
        visit.talk()
    finally:
        visit.close()
        listener.close()
    cases = visit.results()
    ids = [id_ for id_, row in requirements().items() if role_of(row) is Role.CLIENT]
    return run.conclude(RunResult(tuple(judge_requirements(cases, ids)), tuple(cases)), policy)


@dataclass(slots=True)
class _Visit:
    """One client's connection, and what was asked of the person who uses it.

    Attributes:
        say: prints a line to the person.
        seconds: how long they may take.
        survived: how many bad frames the client has survived, None while that is not known.
    """

    say: Callable[[str], None]
    seconds: float
    transcript: Transcript = field(default_factory=lambda: Transcript(checked=Role.CLIENT.value))
    survived: int | None = None
    ended_at_bad_frames: bool = False
    messages: int = 0
    _connection: ServedConnection | None = None
    _username: str = ""
    _seen: int = 0

    def welcome(self, listener: Listener) -> None:
        """Wait for the client to connect and join."""
        host, port = listener.address
        self.say(f"Connect your client to {host}:{port}, under any name. (Waiting {self.seconds:.0f} s for each step.)")
        if not wait_for([listener], lambda: True, self.seconds):
            raise TargetGone(f"no client connected to {host}:{port} within {self.seconds:.0f} s")
        self._connection = listener.accept("c1", self.transcript)
        self.say("A client has connected.")
        join = self._next(_JOIN_SECONDS)
        if join is None or join.get("type") != "join":
            self.say("Its first frame is no join.")
            return
        self._username = str(join.get("username"))
        self.say(f"It joins as {quoted(self._username)}.")
        self._send({"type": "system", "message": f"{self._username} joined the chat"})
        self._send({"type": "message", "username": _PEER, "content": "Welcome! Please follow what the terminal says."})

    def talk(self) -> None:
        """Have the person send messages of each kind, and the client meet bad frames."""
        if not self._username:
            return
        self._ask("Send a public message, such as: hello", "message")
        self._ask(f"Send a private message to {_PEER}, such as: psst. (No private messages? Send a public one.)", None)
        self._ask(
            "Paste a message of more than 1,100 characters and send it. Where your client refuses it, that is right: "
            "then send: ok",
            None,
        )
        for frame in _BAD:
            self._write(frame + b"\n")
        self._send({"type": "message", "username": _PEER, "content": f"You got {len(_BAD)} bad frames."})
        answered = self._ask("Your client just got bad frames and should have told you. Send: still here", None)
        self.survived = len(_BAD) if answered else None
        self.ended_at_bad_frames = not answered and not self._there.open
        self.say("The server ends the connection now. Your client should show that.")

    def close(self) -> None:
        """End the connection in order."""
        if self._connection is not None:
            self._connection.close()

    def results(self) -> list[CaseResult]:
        """Return what was seen, as results of cases."""
        wrongs = list(wire_findings(read_client_history(enumerate(self.transcript.events))))
        if self.ended_at_bad_frames:
            wrongs.append(Finding("CLIENT-4", "a client to go on after bad frames", "it ended the connection"))
        events, started = self.transcript.events, self.transcript.started
        first = {wrong.requirement: wrong for wrong in reversed(wrongs)}.values()
        findings = tuple(replace(wrong, case=_CASE, events=events, started=started) for wrong in first)
        frames = len(self._there.frames)
        seen = Evidence(deliveries=frames, frames=frames)
        results = [CaseResult(_CASE, "what it sends", ("CLIENT-1",), findings, self._silent(), evidence=seen)]
        if self.messages:
            results.append(CaseResult(_CASE, "what it sends", ("CLIENT-2",), evidence=Evidence(self.messages)))
        else:
            results.append(_not_tested("CLIENT-2", "it sent no message but the join"))
        survived = f"it survived {self.survived} bad frames; whether it told its user, " if self.survived else ""
        results += [
            _not_tested(id_, (survived if id_ == "CLIENT-4" else "") + _UNSEEN)
            for id_, row in requirements().items()
            if role_of(row) is Role.CLIENT and id_ not in ("CLIENT-1", "CLIENT-2")
        ]
        return results

    @property
    def _there(self) -> ServedConnection:
        assert self._connection is not None  # noqa: S101  welcome() has raised if there is none
        return self._connection

    def _silent(self) -> str:
        return "" if self._there.frames else "it sent nothing"

    def _ask(self, text: str, kind: str | None) -> bool:
        """Ask for a message and answer it as a server does; return whether one arrived."""
        if not self._there.open:
            return False
        self.say(f"→ {text}")
        message = self._next(self.seconds)
        while message is not None and kind is not None and message.get("type") != kind:
            self._answer(message)
            message = self._next(self.seconds)
        if message is None:
            self.say("  Nothing came." if self._there.open else "  The client ended the connection.")
            return False
        self._answer(message)
        return True

    def _answer(self, message: dict[str, object]) -> None:
        self.messages += 1
        self.say(f"  It sent {quoted(str(message.get('content')))}.")
        content = str(message.get("content") or "?")
        if message.get("type") == "private_message":
            target = str(message.get("target"))
            self._send({"type": "private_confirmation", "target": target, "content": content})
            self._send({"type": "private_message", "sender": _PEER, "content": "psst yourself"})
        else:
            self._send({"type": "message", "username": self._username, "content": content})

    def _next(self, seconds: float) -> dict[str, object] | None:
        """Return the next message of the client; empty if its frame is not one; None if none arrives."""
        connection, seen = self._there, self._seen

        def arrived() -> bool:
            connection.receive()
            return len(connection.frames) > seen or not connection.open

        if len(connection.frames) <= seen:
            wait_for([connection], arrived, seconds)
        if len(connection.frames) <= seen:
            return None
        self._seen += 1
        return decoded(connection.frames[seen])

    def _send(self, message: dict[str, object]) -> None:
        self._write(plain(completed(message)) + b"\n")

    def _write(self, data: bytes) -> None:
        self._there.send(data, _SENDING_SECONDS)


def _not_tested(id_: str, reason: str) -> CaseResult:
    return CaseResult(_CASE, "what it shows", (id_,), reason=reason, not_tested=True)
