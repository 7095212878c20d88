"""Traffic as lines for programs: one JSON object each."""

import json
from collections.abc import Iterator
from typing import Any

from chatproof_common.printable import printable
from chatproof_conformance.apps.tap.display.frames import SeenFrame
from chatproof_conformance.reporting.summary import Summary
from chatproof_schemas.transcript import Event, event_line


class JsonWriter:
    """Writes events and frames: those of a transcript, frames in the place of bytes."""

    def happening(self, event: Event) -> Iterator[str]:
        """Yield the line of an event other than data."""
        yield event_line(event).decode().rstrip("\n")

    def frame(self, event: Event, seen: SeenFrame) -> Iterator[str]:
        """Yield a frame's line, with what is wrong with it."""
        members: dict[str, Any] = {
            "time": event.time,
            "connection": event.connection,
            "event": "frame",
            "direction": seen.direction.value,
            "frame": seen.frame.decode("utf-8", "backslashreplace"),
            "valid": not seen.problem,
        }
        if seen.problem:
            members |= {"requirement": seen.requirement, "problem": seen.problem}
        yield json_line(members)

    def left_out(self, count: int) -> str:
        """Return the line that reports how many lines were left out."""
        return json_line({"event": "left_out", "lines": count})


def verdict_line(summary: Summary) -> str:
    """Return the line of the verdict, with each finding."""
    findings = [
        {
            "requirement": finding.requirement,
            "level": result.requirement.level.value,
            "expected": finding.expected_there,
            "actual": finding.actual,
            "at": finding.case,
        }
        for result in summary.result.judged
        for finding in result.findings
    ]
    return json_line({"event": "verdict", "exit_code": summary.exit_code, "findings": findings})


def json_line(members: dict[str, Any]) -> str:
    """Return an object as one line, which is harmless on a terminal too."""
    return printable(json.dumps(members, ensure_ascii=True))
