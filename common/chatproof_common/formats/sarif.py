"""SARIF 2.1.0 (OASIS): what a static analysis found, as code hosts and editors read it.

Results are written as they come, so any number of them takes no memory; what is known only at the end follows them.
GitHub code scanning, with which most people read such a file, refuses all of it if one result has no place in a file,
or if there are too many (https://docs.github.com/code-security/reference/code-scanning/sarif-files/sarif-support).
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

from chatproof_common.printable import escaped_json, readable, shortened

Level = Literal["none", "note", "warning", "error"]

_HEAD = {
    "$schema": "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json",
    "version": "2.1.0",
}


MOST_RESULTS = 25_000
"""How many results GitHub code scanning takes of one run."""
_LONGEST_DESCRIPTION = 1024


@dataclass(frozen=True, slots=True)
class Rule:
    """What can be broken.

    Attributes:
        id: stable: ``PRIVATE-2``, ``malformed_json``.
        text: one sentence.
        level: that of its results, unless they have another.
        help_uri: where more about it can be read: an absolute URI.
    """

    id: str
    text: str
    level: Level = "error"
    help_uri: str | None = None


Json = dict[str, Any]


def result(  # noqa: PLR0913  what a result may have, each by its name
    rule: str,
    message: str,
    *,
    uri: str,
    line: int | None = None,
    column: int | None = None,
    level: Level | None = None,
    logical: str | None = None,
    fingerprints: dict[str, str] | None = None,
    properties: Json | None = None,
    suppressed: str | None = None,
) -> Json:
    """Return one thing that was found.

    Args:
        rule: the id of a rule.
        message: for a person.
        uri: the file: a path, relative or absolute, or a URI (see :func:`file_uri`).
        line: from 1, as the column; None: the file as a whole.
        column: in code points.
        level: None: the rule's.
        logical: the place by name, such as ``c1/client#3`` (a connection's third frame).
        fingerprints: what stays the same from run to run, by name with a version: ``{"frame/v1": "…"}``.
        properties: whatever else a reader might want.
        suppressed: why it does not count; None if it does.
    """
    start, at = line or 1, column or 1
    region = {"startLine": start, "startColumn": at, "endLine": start, "endColumn": at + 1}
    location = {
        "physicalLocation": {"artifactLocation": {"uri": uri}, "region": region},
        "logicalLocations": [{"fullyQualifiedName": logical}] if logical else None,
    }
    return _given(
        {
            "ruleId": rule,
            "level": level,
            "message": {"text": readable(message)},
            "locations": [_given(location)],
            "partialFingerprints": fingerprints,
            "properties": properties,
            "suppressions": [{"kind": "external", "justification": readable(suppressed)}] if suppressed else None,
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
    properties: Json | None = None,
) -> Json:
    """Return how the program ran.

    Args:
        successful: whether it could do its work, whatever it found.
        exit_code: of the process.
        command_line: as it was called.
        started: with its zone.
        ended: with its zone.
        notifications: what kept it from doing all of its work.
        properties: whatever else a reader might want.
    """
    notes = [{"level": "error", "message": {"text": readable(note)}} for note in notifications]
    return _given(
        {
            "executionSuccessful": successful,
            "exitCode": exit_code,
            "commandLine": command_line,
            "startTimeUtc": _utc(started),
            "endTimeUtc": _utc(ended),
            "toolExecutionNotifications": notes or None,
            "properties": properties,
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
        self._results = self._left_out = 0
        driver = {"name": name, "version": version, "rules": list(map(_rule, rules))}
        head = _text(_HEAD)[:-1]
        run = _text({"tool": {"driver": driver}})[:-1]
        out.write(f'{head}, "runs": [{run}, "columnKind": "unicodeCodePoints", "results": [')

    def write(self, found: Json) -> None:
        """Write a result (see :func:`result`), or only count it if there are too many.

        Raises:
            KeyError: if its rule is none of those given.
        """
        if self._results == MOST_RESULTS:
            self._left_out += 1
            return
        members = {"ruleIndex": self._indexes[found["ruleId"]], **found}
        self._out.write((",\n" if self._results else "\n") + _text(members))
        self._results += 1

    def close(self, ran: Json) -> None:
        """End the document, not the stream, with how the program ran (see :func:`invocation`)."""
        if self._left_out:
            note = f"{self._left_out} more results are left out: a run may have {MOST_RESULTS}"
            notes = ran.get("toolExecutionNotifications", ())
            ran = {**ran, "toolExecutionNotifications": [*notes, {"level": "warning", "message": {"text": note}}]}
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
    description = {"text": shortened(rule.text, _LONGEST_DESCRIPTION)}
    return _given(
        {
            "id": rule.id,
            "shortDescription": description,
            "fullDescription": description,
            "help": {"text": rule.text},
            "helpUri": rule.help_uri,
            "defaultConfiguration": {"level": rule.level},
        }
    )


def _utc(moment: datetime | None) -> str | None:
    return moment.astimezone(timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ") if moment else None


def _given(members: Json) -> Json:
    return {name: value for name, value in members.items() if value is not None}


def _text(value: object) -> str:
    # A lone surrogate is not text (it may come from a file's name): it becomes a question mark.
    return escaped_json(json.dumps(value, ensure_ascii=False).encode("utf-8", "replace").decode())
