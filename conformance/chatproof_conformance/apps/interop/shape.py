"""The types of the report of `interop`: interop.schema.json describes it to programs, docs/interop.md to people."""

from typing import TypedDict, cast

from chatproof_conformance.core.json_files import Form, read_document
from chatproof_conformance.reporting.shape import FindingJson

VERSION = 1
FORM = Form("interop", VERSION, "apps/interop", "`chatproof interop FILE --report json=FILE` writes one")


class PartyJson(TypedDict):
    """A server or client."""

    role: str
    label: str
    name: str
    version: str
    address: str
    language: str
    command: str
    announce: str | None
    supports: list[str]


class SightingJson(TypedDict):
    """A part of the conversation, and how much of it was seen."""

    kind: str
    meaning: str
    wanted: int
    seen: int
    lacking: str


class BreachJson(TypedDict):
    """Something that was broken, and by whom."""

    role: str
    label: str
    requirement: str
    level: str
    sentence: str
    finding: FindingJson


class ChatJson(TypedDict):
    """One chat: a cell of the matrix."""

    server: str
    clients: list[str]
    together: bool
    guests: list[dict[str, str]]
    """Who took part: ``client``, ``username``, and ``connection``, with which the names of its connections begin."""
    status: str
    seconds: float
    seen: list[SightingJson]
    unsupported: list[dict[str, str]]
    """``client``, ``request``, and the driver's ``reason``."""
    undeclared: dict[str, list[str]]
    gone: dict[str, str] | None
    """``role``, ``label`` and ``reason``."""
    breaches: list[BreachJson]
    kept: list[str]
    saved: str | None


class InteropReport(TypedDict):
    """All chats."""

    chatproof: str
    version: int
    tool: dict[str, str]
    manifest: str
    started: str
    seconds: float
    seed: int
    strict: bool
    repeat: str
    exit_code: int
    headline: str
    ended_early: bool
    totals: dict[str, int]
    servers: list[PartyJson]
    clients: list[PartyJson]
    chats: list[ChatJson]


def read_interop(name: str) -> InteropReport:
    """Read a report from a file.

    Raises:
        DocumentError: if it cannot be read or is not a report of this version.
    """
    return cast("InteropReport", read_document(name, FORM))
