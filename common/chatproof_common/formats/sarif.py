"""SARIF 2.1.0 (OASIS): what a static analysis found, as code hosts and editors read it.

Results are written as they come, so any number of them takes no memory; what is known only at the end follows them.
"""

import io
import json
import os
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timezone
from pathlib import Path
from typing import Any, Literal, TextIO
from urllib.parse import quote

Level = Literal["none", "note", "warning", "error"]

_HEAD = {
    "$schema": "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json",
    "version": "2.1.0",
}


@dataclass(frozen=True, slots=True)
class Rule:
    """What can be broken.

    Attributes:
        id: stable: ``PRIVATE-2``, ``malformed_json``.
        text: one sentence.
        level: that of its results, unless they have another.
    """

    id: str
    text: str
    level: Level = "error"


@dataclass(frozen=True, slots=True)
class Place:
    """Where something was found.

    Attributes:
        uri: the file: a path, relative or absolute, or a URI (see :func:`file_uri`).
        line: from 1, as the column; None: the file as a whole.
        column: in code points.
        logical: the place by name, such as ``c1/client#3`` (a connection's third frame).
    """

    uri: str | None = None
    line: int | None = None
    column: int | None = None
    logical: str | None = None


@dataclass(frozen=True, slots=True)
class Result:
    """One thing that was found.

    Attributes:
        rule: the id of a rule.
        message: for a person.
        level: None: the rule's.
        place: None if it has none.
        fingerprints: what stays the same from run to run, by name with a version: ``{"frame/v1": "…"}``.
        properties: whatever else a reader might want.
        suppressed: why it does not count; None if it does.
    """

    rule: str
    message: str
    level: Level | None = None
    place: Place | None = None
    fingerprints: dict[str, str] = field(default_factory=dict)
    properties: dict[str, Any] = field(default_factory=dict)
    suppressed: str | None = None


@dataclass(frozen=True, slots=True)
class Invocation:
    """How the program ran.

    Attributes:
        successful: whether it could do its work, whatever it found.
        started: with its zone, as ``ended``.
        notifications: what kept it from doing all of its work.
    """

    successful: bool
    exit_code: int | None = None
    command_line: str | None = None
    started: datetime | None = None
    ended: datetime | None = None
    notifications: tuple[str, ...] = ()


class SarifWriter:
    """Writes one document with one run: each result by :meth:`write`, then the rest by :meth:`close`."""

    def __init__(self, out: TextIO, name: str, version: str, rules: Sequence[Rule]) -> None:
        """Begin the document of a program; ``out`` must take UTF-8.

        Raises:
            OSError: if ``out`` cannot be written, here and in every method.
        """
        self._out = out
        self._indexes = {rule.id: index for index, rule in enumerate(rules)}
        self._results = 0
        driver = {"name": name, "version": version, "rules": list(map(_rule, rules))}
        head = _text(_HEAD)[:-1]
        run = _text({"tool": {"driver": driver}})[:-1]
        out.write(f'{head}, "runs": [{run}, "columnKind": "unicodeCodePoints", "results": [')

    def write(self, result: Result) -> None:
        """Write a result.

        Raises:
            KeyError: if its rule is none of those given.
        """
        members = {"ruleId": result.rule, "ruleIndex": self._indexes[result.rule]} | _result(result)
        self._out.write((",\n" if self._results else "\n") + _text(members))
        self._results += 1

    def close(self, invocation: Invocation) -> None:
        """End the document, not the stream."""
        self._out.write(f'\n], "invocations": [{_text(_invocation(invocation))}]}}]}}\n')


def sarif_document(
    name: str, version: str, rules: Sequence[Rule], results: Iterable[Result], invocation: Invocation
) -> str:
    """Return the text of a document."""
    out = io.StringIO()
    writer = SarifWriter(out, name, version, rules)
    for result in results:
        writer.write(result)
    writer.close(invocation)
    return out.getvalue()


def file_uri(path: str) -> str:
    """Return a path as a URI reference: relative stays relative, since code hosts join it to the repository's root."""
    place = Path(path)
    return place.as_uri() if place.is_absolute() else quote(os.fsencode(place.as_posix()))


def _rule(rule: Rule) -> dict[str, Any]:
    return {
        "id": rule.id,
        "shortDescription": {"text": rule.text},
        "defaultConfiguration": {"level": rule.level},
    }


def _result(result: Result) -> dict[str, Any]:
    members = {
        "level": result.level,
        "message": {"text": result.message},
        "locations": [_location(result.place)] if result.place else None,
        "partialFingerprints": result.fingerprints or None,
        "properties": result.properties or None,
        "suppressions": result.suppressed and [{"kind": "external", "justification": result.suppressed}],
    }
    return _given(members)


def _location(place: Place) -> dict[str, Any]:
    region = {"startLine": place.line, "startColumn": place.column}
    physical = {"artifactLocation": {"uri": place.uri}, "region": _given(region) if place.line else None}
    members = {
        "physicalLocation": _given(physical) if place.uri is not None else None,
        "logicalLocations": [{"fullyQualifiedName": place.logical}] if place.logical else None,
    }
    return _given(members)


def _invocation(invocation: Invocation) -> dict[str, Any]:
    notes = [{"level": "error", "message": {"text": note}} for note in invocation.notifications]
    members = {
        "executionSuccessful": invocation.successful,
        "exitCode": invocation.exit_code,
        "commandLine": invocation.command_line,
        "startTimeUtc": _utc(invocation.started),
        "endTimeUtc": _utc(invocation.ended),
        "toolExecutionNotifications": notes or None,
    }
    return _given(members)


def _utc(moment: datetime | None) -> str | None:
    return moment.astimezone(timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ") if moment else None


def _given(members: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in members.items() if value is not None}


def _text(value: object) -> str:
    # A lone surrogate is not text (it may come from a file's name): it becomes a question mark.
    return json.dumps(value, ensure_ascii=False).encode("utf-8", "replace").decode()
