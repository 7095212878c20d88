"""Recordings and frames written by hand."""

import json

from chatproof_schemas.transcript import Kind, Transcript


def recording(*events, **facts):
    """A transcript of (connection, kind, data), ten milliseconds apart."""
    transcript = Transcript(settled=True, **facts)
    for connection, kind, *data in events:
        transcript.append(connection, Kind(kind), *data)
    return transcript


def frame(**members):
    return json.dumps(members, ensure_ascii=False).encode() + b"\n"


def join(name):
    return frame(type="join", username=name)


def notice(name, what="joined"):
    return frame(type="system", message=f"{name} {what} the chat", timestamp="12:00:00")
