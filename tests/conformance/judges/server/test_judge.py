"""Hand-written histories: for each kind of finding one that has it and the nearest that has not.

A history is a line an event: ``a>`` a sends, ``a<`` a receives, ``a!`` something happens to a's connection.
"""

import json
from datetime import datetime, timezone

import pytest

from chatproof_conformance.judges.server import judge
from chatproof_schemas.transcript import Event, Kind

AT = "12:00:00"
STARTED = datetime(2026, 1, 31, 12, 0, 0, tzinfo=timezone.utc)


def _sent(words):
    verb, _, rest = words.partition(" ")
    match verb:
        case "join":
            return {"type": "join", "username": rest}
        case "say":
            return {"type": "message", "content": rest}
        case "tell":
            target, _, content = rest.partition(" ")
            return {"type": "private_message", "target": target, "content": content}
    return None


def _received(words):
    verb, _, rest = words.partition(" ")
    first, _, second = rest.partition(" ")
    match verb:
        case "system":
            return {"type": "system", "message": rest, "timestamp": AT}
        case "server":
            return {"type": "server", "message": rest, "timestamp": AT}
        case "error":
            return {"type": "error", "message": rest}
        case "says":
            return {"type": "message", "username": first, "content": second, "timestamp": AT}
        case "tells":
            return {"type": "private_message", "sender": first, "content": second, "timestamp": AT}
        case "told" | "untold":
            confirmation = {"type": "private_confirmation", "target": first, "content": second, "timestamp": AT}
            reason = {} if verb == "told" else {"reason": "User not found"}
            return confirmation | {"delivered": verb == "told"} | reason
    return None


def history(text):
    """Return the events of a compact text."""
    events = []
    for number, line in enumerate(line.strip() for line in text.strip().splitlines()):
        label, sign, words = line[0], line[1], line[2:].strip()
        if sign == "!":
            kind, data = Kind(words.split(" ")[0]), words.partition(" ")[2].encode()
            label = "" if kind is Kind.ANNOUNCE else label
        else:
            kind = Kind.CLIENT_DATA if sign == ">" else Kind.SERVER_DATA
            message = (_sent if sign == ">" else _received)(words)
            data = (json.dumps(message).encode() if message else words.encode()) + b"\n"
        events.append(Event(number * 0.01, label, kind, data))
    return events


def found(text, *, settled=True):
    return {finding.requirement for finding in judge(history(text), settled=settled, started=STARTED).findings}


TWO = """
a> join ann
a< system ann joined the chat
b> join bob
b< system bob joined the chat
a< system bob joined the chat
"""

CASES = [
    ("PUBLIC-1", "a> say hi\n a< says ann hi", "a> say hi\n a< says ann hi\n b< says ann hi"),
    ("PUBLIC-1", "a> say hi\n b< says ann hi", "a> say hi\n b< says ann hi\n a< says ann hi"),
    (
        "PUBLIC-1",
        "a> say hi\n a< says ann hi\n b< says ann hi\n b< says ann hi",
        "a> say hi\n a> say hi\n a< says ann hi\n a< says ann hi\n b< says ann hi\n b< says ann hi",
    ),
    ("PUBLIC-2", "a> say hi\n a< says ann hi\n b< says ann h1", "a> say hi\n a< says ann hi\n b< says ann hi"),
    (
        "PUBLIC-2",
        "a> say hi\n a< says ann hi\n b< says Ann hi",
        "a> say hi\n a< says ann hi\n b< says ann hi\n b< says Eve hi",
    ),
    (
        "ORDER-1",
        "a> say 1\n a> say 2\n a< says ann 1\n a< says ann 2\n b< says ann 2\n b< says ann 1",
        "a> say 1\n b> say 2\n a< says ann 1\n a< says bob 2\n b< says ann 1\n b< says bob 2",
    ),
    (
        "ORDER-3",
        "a> say 1\n b> say 2\n a< says ann 1\n a< says bob 2\n b< says bob 2\n b< says ann 1",
        "a> say 1\n b> tell ann 2\n a< says ann 1\n a< tells bob 2\n b< told ann 2\n b< says ann 1",
    ),
    ("PRIVATE-1", "a> tell bob x\n a< told bob x", "a> tell bob x\n a< told bob x\n b< tells ann x"),
    ("PRIVATE-1", "a> tell bob x\n a< untold bob x", "a> tell Bob x\n a< untold Bob x"),
    ("PRIVATE-3", "a> tell ann x\n a< told ann x", "a> tell ann x\n a< told ann x\n a< tells ann x"),
    ("CONFIRM-1", "a> tell bob x\n b< tells ann x", "a> tell bob x\n b< tells ann x\n a< told bob x"),
    ("CONFIRM-2", "a> tell eve x\n a< told eve x", "a> tell eve x\n a< untold eve x"),
    ("JOIN-7", "a> tell Bob x\n a< untold Bob x\n b< tells ann x", "a> tell Bob x\n a< untold Bob x"),
    ("ERROR-3", 'a> {"type":"dance"}', 'a> {"type":"dance"}\n a< error no'),
    ("ERROR-1", "a> nonsense\n a< error no\n a< error no", "a> nonsense\n a> nonsense\n a< error no\n a< error no"),
    ("ERROR-11", "a> nonsense\n a< error no\n b< error no", "a> nonsense\n b> nonsense\n a< error no\n b< error no"),
    ("ERROR-12", 'a> []\n a< {"type":"error","message":"no","code":"unknown_type"}', "a> []\n a< error no"),
    (
        "ERROR-8",
        'a> {"type":"message","content":"x","content":"y"}\n a< says ann y\n b< says ann y',
        'a> {"type":"message","content":"x","content":"y"}\n a< error no',
    ),
    ("JOIN-10", "a> join eve\n a< system eve joined the chat", "a> join eve\n a< error no"),
    ("JOIN-4", "c> join ann\n c< system ann joined the chat", "c> join ann\n c< error Username already taken"),
    ("JOIN-5", "c> join ann\n c< error no", "c> join ann\n c< error Username already taken"),
    ("JOIN-1", "c> join cat\n c< error Username already taken", "c> join ann\n c< error Username already taken"),
    ("JOIN-7", "c> join Ann\n c< error Username already taken", "c> join ann\n c< error Username already taken"),
    ("JOIN-9", "c> say x\n c< says cat x", "c> say x\n c< error no"),
    (
        "JOIN-11",
        "c! open\n a> say x\n a< says ann x\n b< says ann x\n c< says ann x",
        "c! open\n a> say x\n a< says ann x\n b< says ann x",
    ),
    ("LEAVE-1", "b! half_close", "b! half_close\n a< system bob left the chat"),
    ("LEAVE-2", "b! reset", "b! reset\n a< system bob left the chat"),
    (
        "LEAVE-1",
        "b! half_close\n a< system bob left the chat\n a< system bob left the chat",
        "b! half_close\n a< system bob left the chat",
    ),
    ("LEAVE-3", "b! half_close\n a< system bob has gone", "b! half_close\n a< system bob left the chat"),
    (
        "LEAVE-4",
        "b! half_close\n a< system bob left the chat\n c> join bob\n c< error Username already taken",
        "b! half_close\n c> join bob\n c< error Username already taken\n a< system bob left the chat",
    ),
    (
        "LEAVE-6",
        "b> say x\n b! half_close\n a< system bob left the chat",
        "b> say x\n b! reset\n a< system bob left the chat",
    ),
    (
        "LEAVE-6",
        "b> say x\n b! half_close\n a< system bob left the chat",
        "b> say x\n b! half_close\n b! reset\n a< system bob left the chat",
    ),
    (
        "ORDER-2",
        "b> say x\n b! half_close\n a< system bob left the chat\n a< says bob x",
        "b> say x\n b! half_close\n a< says bob x\n a< system bob left the chat",
    ),
    ("SERVER-1", "x! announce hello\n a< server hello", "x! announce hello\n a< server hello\n b< server hello"),
    (
        "TIME-1",
        'a> say x\n b< says ann x\n a< {"type":"message","username":"ann","content":"x","timestamp":"12:07:00"}',
        "a> say x\n b< says ann x\n a< says ann x",
    ),
    ("FRAME-1", "a< {'type':'system'}", "a< system welcome"),
    ("FRAME-7", "a>\n a< error no", "a>\n a> []\n a< error no"),
    ("FRAME-8", 'a< {"type":"system","message":"welcome"}', "a< system welcome"),
]


@pytest.mark.parametrize(
    ("requirement", "bad", "good"), CASES, ids=[f"{number}-{one[0]}" for number, one in enumerate(CASES)]
)
def test_it_is_found_there_and_not_next_to_it(requirement, bad, good):
    assert requirement in found(TWO + bad)
    assert found(TWO + good) == set()


@pytest.mark.parametrize(
    "lost", ["a> say hi\n a< says ann hi", "a> tell bob x\n a< told bob x", "a> nonsense", "b! half_close"]
)
def test_what_lacks_at_the_end_of_a_recording_that_is_not_settled_is_no_finding(lost):
    assert found(TWO + lost, settled=False) == set()


def test_what_lacks_before_something_later_of_the_same_sender_is_lost_in_any_recording():
    text = "a> say 1\n a> say 2\n a< says ann 1\n a< says ann 2\n b< says ann 2"
    assert found(TWO + text, settled=False) == {"PUBLIC-1"}


def test_a_frame_may_be_refused_as_soon_as_it_is_too_long():
    events = history(TWO + "a< error The frame is too long")
    for start, answered in ((b"x" * 1025, True), (b"x" * 1024, False)):
        sent = [Event(1.0, "a", Kind.CLIENT_DATA, start), Event(1.1, "a", Kind.CLIENT_DATA, b"xx\n")]
        findings = judge([*events[:-1], sent[0], events[-1], sent[1]], settled=True).findings
        assert bool(findings) is not answered


def _in_other_words(visitors):
    """A stays while each visitor comes as bob and goes, all told in other words than those of SPEC.md."""
    lines = ["a> join ann", "a< system hello ann"]
    for visitor in visitors:
        lines += [f"{visitor}> join bob", f"{visitor}< system hello bob", "a< system hello bob"]
        lines += [f"{visitor}! half_close", f"{visitor}! server_close", "a< system bob is gone"]
    return "\n".join([*lines, ""])


def test_notices_in_other_words_leave_the_messages_explained():
    private = (
        "y> join bob\n y< system hello bob\n a< system hello bob\n y> tell ann x\n y< told ann x\n a< tells bob x\n"
    )
    private += "a! reset\n y< system ann is gone"
    assert found(_in_other_words("bcd") + private) == {"JOIN-3", "LEAVE-3"}


def test_two_winners_of_a_race_for_a_name():
    race = "a> join x\n b> join x\n a< system x joined the chat\n b< system x joined the chat"
    assert "JOIN-6" in found(race)
    assert found("a> join x\n b> join x\n a< system x joined the chat\n b< error Username already taken") == set()


def test_deliveries_silences_and_evidence_are_counted():
    judgement = judge(
        history(TWO + "a> tell bob x\n a< told bob x\n b< tells ann x\n a> []\n a< error no"), settled=True
    )
    assert judgement.findings == ()
    assert judgement.deliveries == 4
    assert judgement.silences > 0
    assert judgement.evidence["PRIVATE-1"] == 1
    assert judgement.evidence["ERROR-2"] == 1


def test_a_notice_of_a_later_join_is_not_taken_for_one_of_a_name_that_changed_hands_long_before():
    talk = [f"talk {number}" for number in range(45)]
    long_before = "\n".join(
        [
            "a> join red",
            "a< system red joined the chat",
            *(f"a> say {text}" for text in talk),
            *(f"a< says red {text}" for text in talk),
            "a! half_close",
            "a! server_close",
        ]
    )
    later = """
    c> join blue
    c< system blue joined the chat
    d> join red
    d< system red joined the chat
    c> say hello
    c< system red joined the chat
    c< says blue hello
    d< says blue hello
    d> say x
    d< says red x
    d! half_close
    d! server_close
    c< says red x
    c< system red left the chat
    """
    assert found(f"{long_before}\n{later.strip()}") == set()
    lost = later.replace("    c< system red joined the chat\n", "")
    assert found(f"{long_before}\n{lost.strip()}") == {"JOIN-1"}


def test_a_list_of_those_present_is_told_from_joins_however_long_they_have_talked():
    talk = "\n".join(["a> join red", "a< system red joined the chat", *["a> say hi", "a< says red hi"] * 50])
    late = "\nc> join blue\nc< system blue joined the chat\na< system blue joined the chat"
    listed = f"{talk}{late}\nc< system red joined the chat\na> say hi\na< says red hi\n"
    assert found(f"{listed}c< says red hi") == set()
    assert found(listed) == {"PUBLIC-1"}
    assert found(f"{listed}c< says red hi\nc< says red hi") == {"PUBLIC-1"}
    assert found(f"{listed}c< says red hi\nc< system red joined the chat") == {"JOIN-1"}


def test_a_short_text_that_a_stranger_says_too_is_not_taken_for_one_from_before_a_join():
    unjoined = "a> join ann\n a< system ann joined the chat\n u> say {0}\n u< error Join first\n a< says zoe {0}"
    assert found(unjoined.format("hi")) == set()
    assert found(unjoined.format("nobody says this by chance")) == {"JOIN-9"}
    to_its_target = "a> join ann\n a< system ann joined the chat\n u> tell ann hi\n u< error Join first\n"
    assert found(f"{to_its_target} a< tells guest hi") == {"JOIN-9"}
