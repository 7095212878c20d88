"""All chats as a report's JSON values, from which the console, the page and the Markdown are made."""

import dataclasses
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from importlib.metadata import version
from pathlib import Path

from chatproof_common.system.shell_words import join_words
from chatproof_conformance.apps.interop.chat.sightings import KINDS
from chatproof_conformance.apps.interop.manifest import Manifest, Party
from chatproof_conformance.apps.interop.outcome import Breach, Outcome, Status
from chatproof_conformance.apps.interop.shape import FORM, VERSION, BreachJson, ChatJson, InteropReport, PartyJson
from chatproof_conformance.core.findings import Finding
from chatproof_conformance.core.verdicts import BROKEN, CONFORMS, UNKNOWN
from chatproof_conformance.reporting.document import finding_json
from chatproof_conformance.reporting.shape import FindingJson
from chatproof_conformance.reporting.summary import RunRequest
from chatproof_conformance.reporting.wording import plural
from chatproof_schemas import requirements

_MOST_OF_ONE = 3
"""Findings of a party in a chat that are shown with their traffic."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Meetings:
    """What was had, and how.

    Attributes:
        manifest: who met.
        file: where that is written.
        outcomes: how each chat went; fewer than planned if the user ended the run.
        planned: how many chats were to be had.
        started: when it began, with its zone.
        seconds: how long it took.
        seed: what repeats it.
        strict: whether a broken SHOULD fails the run.
        only: the names to which it was narrowed.
        saved: the files of recordings, by server and clients.
    """

    manifest: Manifest
    file: str
    outcomes: Sequence[Outcome]
    planned: int
    started: datetime
    seconds: float
    seed: int
    strict: bool
    only: Sequence[str]
    saved: dict[tuple[str, str], Path]


def exit_code_of(outcomes: Sequence[Outcome], *, strict: bool, whole: bool) -> int:
    """Return 1 if anybody breaks a MUST (``strict``: or a SHOULD) or what it declares, 2 if not all could be seen."""
    statuses = {outcome.status for outcome in outcomes}
    if statuses & {Status.BROKEN, Status.UNSUPPORTED} or (strict and Status.WARNING in statuses):
        return BROKEN
    return UNKNOWN if statuses & {Status.GONE, Status.UNKNOWN} or not whole or not statuses else CONFORMS


def document_of(run: Meetings) -> InteropReport:
    """Return the report that interop.schema.json describes."""
    whole = len(run.outcomes) == run.planned
    code = exit_code_of(run.outcomes, strict=run.strict, whole=whole)
    counts = Counter(outcome.status for outcome in run.outcomes)
    words = ["chatproof", "interop", run.file, f"--seed={run.seed}", *(["--strict"] if run.strict else [])]
    return {
        "chatproof": FORM.kind,
        "version": VERSION,
        "tool": {"name": "chatproof", "version": version("chatproof")},
        "manifest": run.file,
        "started": run.started.isoformat(timespec="seconds"),
        "seconds": round(run.seconds, 3),
        "seed": run.seed,
        "strict": run.strict,
        "repeat": join_words([*words, *(f"--only={name}" for name in run.only)]),
        "exit_code": code,
        "headline": _headline(counts, run.planned),
        "ended_early": not whole,
        "totals": {"chats": len(run.outcomes), **{status.value: counts[status] for status in Status}},
        "servers": [party_json(party) for party in run.manifest.servers],
        "clients": [party_json(party) for party in run.manifest.clients],
        "chats": [_chat(outcome, run) for outcome in run.outcomes],
    }


def party_json(party: Party) -> PartyJson:
    """Return a server or client as reports have it."""
    return {
        "role": party.role.value,
        "label": party.label,
        "name": party.name,
        "version": party.version,
        "address": party.address,
        "language": party.language,
        "command": party.command,
        "announce": party.announce,
        "supports": list(party.supports),
    }


def key_of(outcome: Outcome) -> tuple[str, str]:
    """Return what names a chat: its server, and its clients, or that they are together."""
    return outcome.server.label, "together" if outcome.is_together else outcome.clients[0].label


def _headline(counts: Counter[Status], planned: int) -> str:
    all_chats = plural(planned, "chat")
    missing = planned - sum(counts.values())
    bad = {
        "went wrong": counts[Status.BROKEN],
        "lacked what is declared": counts[Status.UNSUPPORTED],
        "could not be had": counts[Status.GONE],
        "showed too little": counts[Status.UNKNOWN],
        "were not tried": missing,
    }
    words = [f"{count} {what}" for what, count in bad.items() if count]
    if words:
        return f"Of {all_chats}, {', '.join(words)}."
    warned = f", {counts[Status.WARNING]} with a broken SHOULD" if counts[Status.WARNING] else ""
    return f"All understand each other: {all_chats}{warned}."


def _chat(outcome: Outcome, run: Meetings) -> ChatJson:
    saved = run.saved.get(key_of(outcome))
    return {
        "server": outcome.server.label,
        "clients": [party.label for party in outcome.clients],
        "together": outcome.is_together,
        "guests": [
            {"client": guest.party.label, "username": guest.username, "connection": guest.prefix}
            for guest in outcome.guests
        ],
        "status": outcome.status.value,
        "seconds": round(outcome.seconds, 3),
        "seen": [{**dataclasses.asdict(one), "meaning": KINDS[one.kind]} for one in outcome.sightings],  # type: ignore[typeddict-item]
        "unsupported": [
            {"client": party.label, "request": do, "reason": reason} for party, do, reason in outcome.unsupported
        ],
        "undeclared": dict(outcome.undeclared),
        "gone": _gone(outcome),
        "breaches": list(_breaches(outcome, run)),
        "kept": list(outcome.kept),
        "saved": str(saved) if saved else None,
    }


def _gone(outcome: Outcome) -> dict[str, str] | None:
    if outcome.gone is None:
        return None
    party, reason = outcome.gone
    return {"role": party.role.value, "label": party.label, "reason": reason}


def _breaches(outcome: Outcome, run: Meetings) -> list[BreachJson]:
    """Return what was broken: of each party and requirement once, the first few with their traffic."""
    shown: Counter[tuple[str, str]] = Counter()
    first: dict[tuple[str, str, str], Breach] = {}
    for breach in outcome.breaches:
        first.setdefault((breach.party.role.value, breach.party.label, breach.finding.requirement), breach)
    found: list[BreachJson] = []
    for breach in first.values():
        party, row = breach.party, requirements()[breach.finding.requirement]
        shown[party.role.value, party.label] += 1
        traffic = shown[party.role.value, party.label] <= _MOST_OF_ONE
        found.append(
            {
                "role": party.role.value,
                "label": party.label,
                "requirement": row.id,
                "level": row.level.value,
                "sentence": row.sentence,
                "finding": _finding(breach.finding, party, outcome, run, traffic=traffic),
            }
        )
    return found


def _finding(finding: Finding, party: Party, outcome: Outcome, run: Meetings, *, traffic: bool) -> FindingJson:
    names = [outcome.server.label, *(client.label for client in outcome.clients)]
    words = [run.file, *(f"--only={name}" for name in names), f"--seed={run.seed}"]
    request = RunRequest(
        role=party.role, described=party.label, target_words=f" {join_words(words)}", command="interop", seeded=False
    )
    return finding_json(finding, request, None, traffic=traffic)


def file_stem(server: str, clients: str) -> str:
    """Return how the file of a chat is called, without its ending."""
    words = f"{server}--{clients}"
    return "".join(char if char.isalnum() or char in "._-" else "_" for char in words)
