"""The client for programs: requests as JSON lines on standard input, events as JSON lines on standard output.

This is the driver protocol: a harness drives any client through it, in any language. Both directions are UTF-8, one
object a line; unknown members are to be ignored.

Requests, each handled when it is read, without waiting for what the one before leads to:

    {"do": "connect", "host": "127.0.0.1", "port": 12345, "username": "alice"}   connect, and join under that name
    {"do": "join", "username": "bob"}                         after a refusal: try another name on this connection
    {"do": "say", "content": "hi"}                            a public message
    {"do": "say_privately", "target": "bob", "content": "hi"} a private message
    {"do": "leave"}                                           end the connection in order

The end of standard input is a ``leave`` and the end of the program, with exit code 0.

Events, what a user of the client would get to see, in the order shown:

    {"event": "joined", "username": "alice"}                  the server took the name
    {"event": "refused", "username": "alice", "reason": "…"}  it did not, or the name is no valid one; not joined
    {"event": "shown", "kind": "message", "username": "bob", "content": "hi", "own": false}
    {"event": "shown", "kind": "private_message", "sender": "bob", "content": "hi"}
    {"event": "shown", "kind": "private_confirmation", "target": "bob", "content": "hi"}     it was delivered
    {"event": "shown", "kind": "system", "message": "…"}      so too "server"; "error" has a "code" as well, if any
    {"event": "failed", "do": "say", "content": "hi", "reason": "…", "sent": false}
    {"event": "failed", "do": "say_privately", "target": "bob", "content": "hi", "reason": "…", "sent": true}
    {"event": "problem", "reason": "…"}                       a frame that is no valid message; the connection goes on
    {"event": "disconnected", "reason": "…", "by_user": false}  no connection any more, or none came about

``failed`` is a message that was refused before it was sent (``sent`` false: too long, not joined), or that the server
says it did not deliver. A ``shown`` message carries the server's ``timestamp`` too. A message of an unknown type
is told as ``problem`` with ``"unknown_type": true``. A request that cannot be read is answered by
``{"event": "invalid_request", "reason": "…"}``.
"""

import contextlib
import json
import sys
import threading
from collections.abc import Callable, Iterable
from typing import Any, TextIO

from chatproof_reference.client import events
from chatproof_reference.client.client import ChatClient
from chatproof_reference.client.outgoing import MessageRefused

_MEMBERS: dict[str, dict[str, type]] = {
    "connect": {"host": str, "port": int, "username": str},
    "join": {"username": str},
    "say": {"content": str},
    "say_privately": {"target": str, "content": str},
    "leave": {},
}


class InvalidRequest(ValueError):  # noqa: N818  it is an answer, not a failure
    """A line that is no request; the text says why."""


def run_program_mode(first: dict[str, Any] | None = None, *, requests: Iterable[bytes] | None = None) -> int:
    """Serve requests until their end; ``first`` is a request to begin with. Return the exit code, 0."""
    client = ChatClient()
    writer = _Writer(sys.stdout)
    printer = threading.Thread(target=_print_events, args=(client, writer), daemon=True)
    printer.start()
    if first is not None:
        _handle(client, writer, first)
    for line in sys.stdin.buffer if requests is None else requests:
        if line.strip():
            try:
                _handle(client, writer, _read_request(line))
            except InvalidRequest as error:
                writer.write({"event": "invalid_request", "reason": str(error)})
    client.disconnect_from_server()
    client.wait_closed()
    client.events.put(_END)
    printer.join()
    return 0


class _Writer:
    """Writes whole lines, from more than one thread."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream
        self._lock = threading.Lock()

    def write(self, event: dict[str, Any]) -> None:
        # Escapes keep every content intact on any console's encoding.
        with self._lock:
            self._stream.write(json.dumps(event) + "\n")
            self._stream.flush()


_END = events.FrameIgnored("the end of the events")


def _print_events(client: ChatClient, writer: _Writer) -> None:
    # Where the reader of our output went, the rest is not wanted.
    with contextlib.suppress(BrokenPipeError):
        while (event := client.events.get()) is not _END:
            told = told_as(event)
            if told:
                writer.write(told)


def told_as(event: events.Event) -> dict[str, Any] | None:  # noqa: C901, PLR0911  one table, one row an event
    """Return an event as the driver protocol tells it; None for what it does not tell."""
    match event:
        case events.Joined(username):
            return {"event": "joined", "username": username}
        case events.JoinRefused(username, reason):
            return {"event": "refused", "username": username, "reason": reason}
        case events.PublicMessage(username, content, timestamp, own):
            return _shown("message", username=username, content=content, own=own, timestamp=timestamp)
        case events.PrivateMessage(sender, content, timestamp):
            return _shown("private_message", sender=sender, content=content, timestamp=timestamp)
        case events.PrivateConfirmation(target, content, True, _, timestamp):
            return _shown("private_confirmation", target=target, content=content, timestamp=timestamp)
        case events.PrivateConfirmation(target, content, False, reason):
            return _failed({"do": "say_privately", "target": target, "content": content}, reason, sent=True)
        case events.SystemMessage(message, timestamp):
            return _shown("system", message=message, timestamp=timestamp)
        case events.ServerMessage(message, timestamp):
            return _shown("server", message=message, timestamp=timestamp)
        case events.ErrorMessage(message, code):
            return _shown("error", message=message, **({"code": code} if code else {}))
        case events.FrameIgnored(reason, unknown_type):
            return {"event": "problem", "reason": reason, **({"unknown_type": True} if unknown_type else {})}
        case events.ConnectionFailed(reason):
            return {"event": "disconnected", "reason": reason, "by_user": False}
        case events.ConnectionEnded(reason, by_user):
            return {"event": "disconnected", "reason": reason, "by_user": by_user}
    return None


def _shown(kind: str, **members: object) -> dict[str, Any]:
    return {"event": "shown", "kind": kind, **members}


def _failed(request: dict[str, Any], reason: str, *, sent: bool) -> dict[str, Any]:
    return {"event": "failed", **request, "reason": reason, "sent": sent}


def _read_request(line: bytes) -> dict[str, Any]:
    try:
        request: Any = json.loads(line)
    except (ValueError, RecursionError) as error:
        raise InvalidRequest(f"not JSON: {error}") from None
    name = request.get("do") if isinstance(request, dict) else None
    members = _MEMBERS.get(name) if isinstance(name, str) else None
    if members is None:
        raise InvalidRequest('expected an object whose "do" is one of ' + ", ".join(_MEMBERS))
    for member, kind in members.items():
        if type(request.get(member)) is not kind:
            raise InvalidRequest(f'"{name}" needs the member "{member}", {"a string" if kind is str else "a number"}')
    return {"do": name, **{member: request[member] for member in members}}


def _handle(client: ChatClient, writer: _Writer, request: dict[str, Any]) -> None:
    name, *arguments = request.values()
    actions: dict[str, Callable[..., object]] = {
        "connect": client.connect_to_server,
        "join": client.join,
        "say": client.send_message,
        "say_privately": lambda target, content: client.send_message(content, target),
        "leave": client.disconnect_from_server,
    }
    try:
        actions[name](*arguments)
    except MessageRefused as refusal:
        if name in ("connect", "join"):
            writer.write({"event": "refused", "username": request["username"], "reason": str(refusal)})
        else:
            writer.write(_failed(request, str(refusal), sent=False))
