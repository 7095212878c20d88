"""SARIF 2.1.0 (OASIS): what a static analysis found, as code hosts and editors read it.

Results are written as they come, so any number of them takes no memory; what is known only at the end follows them.
"""

import io
import json
import os
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
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


Json = dict[str, Any]


def result(  # noqa: PLR0913  what a result may have, each by its name
    rule: str,
    message: str,
    *,
    level: Level | None = None,
    uri: str | None = None,
    line: int | None = None,
    column: int | None = None,
    logical: str | None = None,
    fingerprints: dict[str, str] | None = None,
    properties: Json | None = None,
    suppressed: str | None = None,
) -> Json:
    """Return one thing that was found.

    Args:
        rule: the id of a rule.
        message: for a person.
        level: None: the rule's.
        uri: the file: a path, relative or absolute, or a URI (see :func:`file_uri`).
        line: from 1, as the column; None: the file as a whole.
        column: in code points.
        logical: the place by name, such as ``c1/client#3`` (a connection's third frame).
        fingerprints: what stays the same from run to run, by name with a version: ``{"frame/v1": "…"}``.
        properties: whatever else a reader might want.
        suppressed: why it does not count; None if it does.
    """
    region = _given({"startLine": line, "startColumn": column}) if line else None
    location = {
        "physicalLocation": _given({"artifactLocation": {"uri": uri}, "region": region}) if uri else None,
        "logicalLocations": [{"fullyQualifiedName": logical}] if logical else None,
    }
    return _given(
        {
            "ruleId": rule,
            "level": level,
            "message": {"text": message},
            "locations": [_given(location)] if uri or logical else None,
            "partialFingerprints": fingerprints,
            "properties": properties,
            "suppressions": [{"kind": "external", "justification": suppressed}] if suppressed else None,
        }
    )


def invocation(  # noqa: PLR0913  the same
    *,
    successful: bool,
    exit_code: int | None = None,
    command_line: str | None = None,
    started: datetime | None = None,
    ended: datetime | None = None,
    notifications: Iterable[str] = (),
) -> Json:
    """Return how the program ran.

    Args:
        successful: whether it could do its work, whatever it found.
        exit_code: of the process.
        command_line: as it was called.
        started: with its zone.
        ended: with its zone.
        notifications: what kept it from doing all of its work.
    """
    notes = [{"level": "error", "message": {"text": note}} for note in notifications]
    return _given(
        {
            "executionSuccessful": successful,
            "exitCode": exit_code,
            "commandLine": command_line,
            "startTimeUtc": _utc(started),
            "endTimeUtc": _utc(ended),
            "toolExecutionNotifications": notes or None,
        }
    )


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

    def write(self, found: Json) -> None:
        """Write a result (see :func:`result`).

        Raises:
            KeyError: if its rule is none of those given.
        """
        members = {"ruleIndex": self._indexes[found["ruleId"]], **found}
        self._out.write((",\n" if self._results else "\n") + _text(members))
        self._results += 1

    def close(self, ran: Json) -> None:
        """End the document, not the stream, with how the program ran (see :func:`invocation`)."""
        self._out.write(f'\n], "invocations": [{_text(ran)}]}}]}}\n')


def sarif_document(name: str, version: str, rules: Sequence[Rule], results: Iterable[Json], ran: Json) -> str:
    """Return the text of a document."""
    out = io.StringIO()
    writer = SarifWriter(out, name, version, rules)
    for found in results:
        writer.write(found)
    writer.close(ran)
    return out.getvalue()


def file_uri(path: str) -> str:
    """Return a path as a URI reference: relative stays relative, since code hosts join it to the repository's root."""
    place = Path(path)
    return place.as_uri() if place.is_absolute() else quote(os.fsencode(place.as_posix()))


def _rule(rule: Rule) -> Json:
    return {
        "id": rule.id,
        "shortDescription": {"text": rule.text},
        "defaultConfiguration": {"level": rule.level},
    }


def _utc(moment: datetime | None) -> str | None:
    return moment.astimezone(timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ") if moment else None


def _given(members: Json) -> Json:
    return {name: value for name, value in members.items() if value is not None}


def _text(value: object) -> str:
    # A lone surrogate is not text (it may come from a file's name): it becomes a question mark.
    return json.dumps(value, ensure_ascii=False).encode("utf-8", "replace").decode()
