"""What the tests of `interop` share: servers and clients of the catalogue as those that meet, and reports of them."""

import functools
from datetime import datetime, timezone

import jsonschema_rs

from chatproof_common.system.shell_words import join_words
from chatproof_conformance.apps.interop.document import Meetings, document_of
from chatproof_conformance.apps.interop.manifest import Manifest, Party
from chatproof_conformance.apps.interop.meeting import Meeting
from chatproof_conformance.apps.interop.shape import FORM
from chatproof_conformance.apps.interop.stopping import Stop
from chatproof_conformance.apps.selftest.implementations import find_implementations
from chatproof_conformance.core.roles import Role
from support.made_reports import closed

STARTED = datetime(2026, 1, 31, 14, 30, 25, tzinfo=timezone.utc)


@functools.cache
def catalogue():
    return {one.name: one for one in find_implementations()}


def party(entry, **facts):
    """One of the catalogue as it meets others."""
    one = catalogue()[entry]
    announce = "stdin" if one.role is Role.SERVER else None
    return Party(**{"role": one.role, "name": entry, "command": join_words(one.command), "announce": announce} | facts)


def had(server, *clients, seed=1):
    """How a chat went; several clients are together."""
    return Meeting(server, clients, is_together=len(clients) > 1).hold(seed, Stop())


def blamed(outcome):
    """Who breaks what in a chat."""
    return {(breach.party.name, breach.finding.requirement) for breach in outcome.breaches}


def report(*outcomes, planned=None, **facts):
    """The report of chats that were had."""
    servers = {one.server.label: one.server for one in outcomes}
    clients = {party.label: party for one in outcomes for party in one.clients}
    given = {
        "manifest": Manifest(tuple(servers.values()), tuple(clients.values())),
        "file": "implementations.toml",
        "outcomes": outcomes,
        "planned": len(outcomes) if planned is None else planned,
        "started": STARTED,
        "seconds": 2.5,
        "seed": 7,
        "strict": False,
        "only": (),
        "saved": {},
    }
    return document_of(Meetings(**given | facts))


def interop_validator():
    """Judge of reports by their schema, which refuses members that it does not describe."""
    schema = FORM.schema()
    schema["$defs"]["chat"]["properties"]["breaches"]["items"]["properties"]["finding"].pop("properties", None)
    return jsonschema_rs.Draft202012Validator(closed(schema), validate_formats=True)
