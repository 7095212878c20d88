"""The client for programs: requests as JSON lines on standard input, events as JSON lines on standard output.

This is the driver protocol, through which a harness drives any client in any language: docs/driver-protocol.md is its
text. Requests are handled when they are read, without waiting for what the one before leads to.
"""

import contextlib
import json
import sys
import threading
from collections.abc import Callable, Iterable
from typing import Any

from chatproof_common.system.errors import described_error, is_closed_pipe
from chatproof_reference.client import events
from chatproof_reference.client.client import ChatClient
from chatproof_reference.client.input_lines import LONGEST_LINE, bounded_lines
from chatproof_reference.client.outgoing import MessageRefused

_CANNOT_WRITE = 2
_MEMBERS: dict[str, dict[str, type]] = {
    "connect": {"host": str, "port": int, "username": str},
    "join": {"username": str},
    "say": {"content": str},
    "say_privately": {"target": str, "content": str},
    "leave": {},
}


class InvalidRequest(ValueError):  # noqa: N818  it is an answer, not a failure
    """A line that is not a request; the text gives the reason."""


def run_program_mode(first: dict[str, Any] | None = None, *, requests: Iterable[bytes] | None = None) -> int:
    """Serve requests until their end; ``first`` is a request to begin with.

    Returns:
        The exit code: 0, or 2 if the events could not be written.
    """
    client = ChatClient()
    troubles: list[OSError] = []
    printer = threading.Thread(target=_print_events, args=(client, troubles), daemon=True)
    printer.start()
    if first is not None:
        _handle(client, first)
    for line in bounded_lines(sys.stdin.buffer.readline, b"\n") if requests is None else requests:
        if line.strip():
            try:
                _handle(client, _read_request(line))
            except InvalidRequest as error:
                _write({"event": "invalid_request", "reason": str(error)})
    client.disconnect_from_server()
    client.wait_closed()
    client.events.put(_END)
    printer.join()
    return _CANNOT_WRITE if troubles else 0


_writing = threading.Lock()


def _write(event: dict[str, Any]) -> None:
    # Escapes keep every content intact on any console's encoding.
    with _writing:
        sys.stdout.write(json.dumps(event) + "\n")
        sys.stdout.flush()


_END = events.FrameIgnored("the end of the events")


def _print_events(client: ChatClient, troubles: list[OSError]) -> None:
    is_wanted = True
    while (event := client.events.get()) is not _END:
        if is_wanted and (members := as_driver_event(event)):
            try:
                _write(members)
            except OSError as error:
                is_wanted = False  # the rest is not wanted if its reader has gone, and would be a gap if not
                if not is_closed_pipe(error):
                    troubles.append(error)
                    with contextlib.suppress(OSError):
                        reason = f"Cannot write events: {described_error(error.errno)}"
                        print(reason, file=sys.stderr, flush=True)  # noqa: T201  for its user


def as_driver_event(event: events.Event) -> dict[str, Any] | None:  # noqa: C901, PLR0911  one table, one row an event
    """Return an event in the driver protocol's form; None if the protocol has no such event."""
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
    if len(line) > LONGEST_LINE:
        raise InvalidRequest(f"the line is too long; expected at most {LONGEST_LINE} bytes")
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


def _handle(client: ChatClient, request: dict[str, Any]) -> None:
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
            _write({"event": "refused", "username": request["username"], "reason": str(refusal)})
        else:
            _write(_failed(request, str(refusal), sent=False))
