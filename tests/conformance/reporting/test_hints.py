"""What is said beside a verdict if the run itself may be what does not fit."""

import pytest

from chatproof_conformance.core.exploration import Exploration, run_result
from chatproof_conformance.core.findings import Finding
from chatproof_conformance.core.options import Options
from chatproof_conformance.reporting.hints import find_hint
from chatproof_conformance.reporting.run import Run, VerdictPolicy
from chatproof_conformance.reporting.summary import RunRequest
from chatproof_schemas.transcript import Event, Kind
from support.made_reports import SEEN

UNSERVED = (Kind.OPEN, Kind.CLIENT_DATA, Kind.SERVER_CLOSE)
SERVED = (Kind.OPEN, Kind.CLIENT_DATA, Kind.SERVER_DATA, Kind.SERVER_CLOSE)


def ended(label, kinds):
    data = b'{"type":"error","message":"no"}\n'
    events = tuple(Event(0.0, label, kind, data if kind is Kind.SERVER_DATA else b"") for kind in kinds)
    return Finding("JOIN-1", "that it goes on", "got the end of the connection", connection=label, events=events)


@pytest.mark.parametrize(
    ("kinds", "seen", "hinted"),
    [((UNSERVED, UNSERVED), SEEN, True), ((UNSERVED, SERVED), SEEN, False), ((UNSERVED, UNSERVED), None, False)],
)
def test_a_server_that_ends_some_before_a_byte_may_limit_connections(kinds, seen, hinted):
    findings = tuple(ended(f"c{number}", these) for number, these in enumerate(kinds))
    found = Exploration(findings=findings, **({"total": seen} if seen else {}))
    kept = []
    request = RunRequest(described="a server", target_words="", options=Options())
    Run(kept.append, request).conclude(run_result(found, ["JOIN-1"]), VerdictPolicy())
    assert ("limits those of one address" in find_hint(kept[0])) == hinted
