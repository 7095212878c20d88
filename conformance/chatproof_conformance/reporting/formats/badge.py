"""A report as a badge: the JSON that a shields.io endpoint badge reads (https://shields.io/badges/endpoint-badge)."""

import json

from chatproof_conformance.core.verdicts import BROKEN, CONFORMS
from chatproof_conformance.reporting.shape import Report
from chatproof_conformance.reporting.wording import level_reached

_LABELS = {"server": "chat server", "client": "chat client", "recording": "chat recording"}


def render(report: Report) -> str:
    """Return the text of the file: how many requirements passed and the level reached, in the colour of the verdict."""
    message, colour = _message(report)
    message = ", ".join(filter(None, (message, level_reached(report["level"]))))
    label = _LABELS[report["checked"]["role"]]
    return json.dumps({"schemaVersion": 1, "label": label, "message": message, "color": colour}) + "\n"


def _message(report: Report) -> tuple[str, str]:
    totals = report["totals"]
    passed = f"{totals['pass']} of {totals['requirements']}"
    known = f", {totals['known']} known" if totals["known"] else ""
    if report["exit_code"] == BROKEN:
        broken = totals["fail"] + totals["warning"] * report["options"]["strict"] - totals["known"]
        return (f"{broken} broken{known}" if broken > 0 else "baseline outdated"), "red"
    if report["exit_code"] != CONFORMS:
        return f"{passed}, the rest unknown", "lightgrey"
    if totals["known"]:
        return f"{passed}{known}", "yellow"
    warned = f", {totals['warning']} warned" if totals["warning"] else ""
    return f"{passed}{warned}", "green" if warned or totals["not tested"] else "brightgreen"
