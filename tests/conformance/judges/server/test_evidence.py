"""Deliveries, silences and evidence are counted."""

from chatproof_conformance.judges.server import judge
from conformance.judges.server.written_history import TWO, history


def test_deliveries_silences_and_evidence_are_counted():
    judgement = judge(
        history(TWO + "a> tell bob x\n a< told bob x\n b< tells ann x\n a> []\n a< error no"), settled=True
    )
    assert judgement.findings == ()
    assert judgement.deliveries == 4
    assert judgement.silences > 0
    assert judgement.evidence["PRIVATE-1"] == 1
    assert judgement.evidence["ERROR-2"] == 1
