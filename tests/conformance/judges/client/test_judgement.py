"""The judge of clients, on recordings made by hand: every outcome that is allowed passes, and each fault has its id."""

import json

import pytest

from chatproof_conformance.judges.client import find_culprit, judge_client
from chatproof_conformance.judges.client.client_history import CONNECTS_ANEW, INPUT_ENDED, OLD_ENDED
from chatproof_conformance.judges.client.texts import is_contained, is_shown
from chatproof_schemas.transcript import Event, Kind

TIME = {"timestamp": "10:00:00"}
JOIN = b'{"type":"join","username":"ann"}\n'


def server(**message):
    if message["type"] != "error":
        message = TIME | message
    return Event(0.0, "c1", Kind.SERVER_DATA, json.dumps(message).encode() + b"\n")


def raw(data):
    return Event(0.0, "c1", Kind.SERVER_DATA, data)


def client(data):
    return Event(0.0, "c1", Kind.CLIENT_DATA, data if isinstance(data, bytes) else json.dumps(data).encode() + b"\n")


def asked(do, **members):
    return Event(0.0, "", Kind.REQUEST, json.dumps({"do": do, **members}).encode())


def told(event, **members):
    return Event(0.0, "", Kind.DRIVER_EVENT, json.dumps({"event": event, **members}).encode())


def heard(content, who="bob"):
    return server(type="message", username=who, content=content)


def shown(content, who="bob"):
    return told("shown", kind="message", username=who, content=content)


def act(kind):
    return Event(0.0, "c1", kind)


def joined(*events):
    """A recording of a client that has joined, and of these events."""
    notice = "ann joined the chat"
    return [
        asked("connect", host="h", port=1, username="ann"), act(Kind.OPEN), client(JOIN),
        server(type="system", message=notice), told("joined", username="ann"),
        told("shown", kind="system", message=notice), *events,
    ]  # fmt: skip


def refused(*events):
    """A recording of a client whose join was refused, and of these events."""
    return [act(Kind.OPEN), client(JOIN), server(type="error", message="Taken"), *events]


SAY = asked("say", content="hi")
SAID = client({"type": "message", "content": "hi"})
MINE = heard("hi", "ann")
SHOWN = shown("hi", "ann")
WHISPER = asked("say_privately", target="bob", content="hi")
WHISPERED = client({"type": "private_message", "target": "bob", "content": "hi"})
LOST = server(type="private_confirmation", target="bob", content="hi", delivered=False)
FAILED = told("failed", do="say_privately", target="bob", content="hi", reason="gone")
LONE = raw(b'{"type":"server","message":"\\ud800","timestamp":"10:00:00"}\n')
EXTENDED = server(type="system", message="x", more=1)
NOTICED = told("shown", kind="system", message="x")
PROBLEM = told("problem", reason="no message")

ALLOWED = {
    "nothing": joined(),
    "shown in order": joined(heard("1"), heard("2"), shown("1"), shown("2")),
    "own message when it comes back": joined(SAY, SAID, heard("x"), MINE, shown("x"), SHOWN),
    "own message when it is sent": joined(SAY, SAID, SHOWN, heard("x"), shown("x"), MINE),
    "own message when it is sent, before a frame that may be shown": joined(
        SAY, SAID, SHOWN, heard("x"), server(type="message", username="bob", content="y", huge=1e300), MINE,
        shown("x"), shown("y"),
    ),
    "own message at once, and never back": joined(SAY, SAID, SHOWN, act(Kind.SERVER_CLOSE), told("disconnected")),
    "the same words of two people": joined(SAY, SAID, heard("hi"), MINE, SHOWN, shown("hi")),
    "control characters spelt out": joined(heard("a\x1b[31mb"), shown("a\\x1b[31mb")),
    "control characters left out": joined(heard("a\x1b\u202eb"), shown("ab")),
    "a bad frame is told": joined(raw(b"{\n"), heard("x"), PROBLEM, shown("x")),
    "a bad frame is told late": joined(raw(b"{\n"), heard("x"), shown("x"), PROBLEM),
    "bad frames in a row are told together": joined(raw(b"{\n}\n\xff\n"), PROBLEM),
    "a blank line": joined(raw(b"\r\n \n"), heard("x"), shown("x")),
    "a lone surrogate is shown": joined(LONE, told("shown", kind="server", message="?")),
    "a lone surrogate is told": joined(LONE, PROBLEM),
    "a byte order mark before the same words": joined(
        raw(b"\xef\xbb\xbf" + heard("x").data), heard("y"), heard("x"), shown("x"), shown("y"), shown("x")
    ),
    "an error is shown": joined(server(type="error", message="No"), told("shown", kind="error", message="No")),
    "an error is a failure": joined(SAY, SAID, server(type="error", message="No"), told("failed", reason="bad: No")),
    "a failed delivery": joined(WHISPER, WHISPERED, LOST, FAILED),
    "a message too long": joined(asked("say", content="x" * 2000), told("failed", do="say", reason="too long")),
    "nothing of an empty one": joined(asked("say", content="")),
    "what the driver cannot do": joined(asked("say", content="\n"), told("unsupported", do="say", reason="no key")),
    "an error with a member twice told as a failure": joined(
        WHISPER, WHISPERED, server(type="private_confirmation", target="bob", content="hi", delivered=True),
        told("shown", kind="private_confirmation", target="bob", content="hi"),
        raw(b'{"type":"error","message":"a","message":"b"}\n'),
        told("failed", do="say_privately", target="bob", content="hi", reason="b"),
    ),
    "a refusal": refused(told("refused", username="ann", reason="Taken, sorry")),
    "a refusal shown as an error, and the end": refused(
        told("shown", kind="error", message="Taken"), told("disconnected", reason="bye"), act(Kind.CLOSE)
    ),
    "another name": refused(
        told("refused", reason="Taken"), asked("join", username="bea"), client(b'{"type":"join","username":"bea"}\n'),
        server(type="system", message="bea joined the chat"), told("joined"),
        told("shown", kind="system", message="bea joined the chat"), SAY, SAID,
    ),
    "its own notice told as joined alone": joined()[:-1],
    "refused before it has joined": [
        act(Kind.OPEN), client(JOIN), SAY, told("failed", do="say", content="hi", reason="not joined"),
        server(type="system", message="ann joined the chat"), told("joined", username="ann"),
    ],
    "the end in a frame": joined(raw(b'{"type":'), act(Kind.SERVER_CLOSE), told("disconnected", reason="over")),
    "a reset that overtakes": joined(heard("x"), act(Kind.SERVER_RESET), told("disconnected", reason="over")),
    "the client leaves first": joined(asked("leave"), act(Kind.CLOSE), act(Kind.SERVER_CLOSE)),
    "the end behind a message with no LF": joined(
        raw(heard("x").data[:-1]), act(Kind.SERVER_CLOSE), told("disconnected", reason="over")
    ),
    "a message behind its join, refused with it": refused(
        SAY, SAID, server(type="error", message="First a join", code="not_joined"), told("refused", reason="Taken"),
        told("shown", kind="error", message="First a join"),
    ),
    "left with what it had kept, and a word": [
        act(Kind.OPEN), client(JOIN), SAY, asked("leave"), told("failed", do="say", content="hi", reason="left"),
        act(Kind.CLOSE),
    ],
    "the driver's input ends": joined(Event(0.0, "", Kind.NOTE, INPUT_ENDED), act(Kind.CLOSE)),
    "it leaves, and looks at nothing more": joined(
        heard("1"), shown("1"), heard("2"), asked("leave"), heard("3"), act(Kind.CLOSE)
    ),
    "it goes to another connection": joined(SAY, Event(0.0, "", Kind.NOTE, CONNECTS_ANEW), SAID, act(Kind.CLOSE)),
    "each message that is not sent told by the end": joined(
        SAY, WHISPER, act(Kind.SERVER_RESET), *[told("disconnected", reason="x")] * 3
    ),
    "its own message shown at once, and told as not sent at the end": joined(
        SAY, SHOWN, act(Kind.SERVER_RESET), told("disconnected", reason="x"), told("failed", content="hi", reason="x")
    ),
    "the end of another connection, told late": [told("disconnected", reason="left"), *joined()],
    "what may be an escape may be too long": joined(
        asked("say", content="é" * 300), told("failed", do="say", content="é" * 300, reason="too long")
    ),
}  # fmt: skip

WRONG = {
    "CLIENT-1": {
        "a message first": [act(Kind.OPEN), SAY, SAID],
        "an invalid join": [act(Kind.OPEN), client(b'{"type":"join","username":""}\n')],
    },
    "CLIENT-2": {
        "cut": joined(asked("say", content="x" * 2000), client({"type": "message", "content": "x" * 900})),
        "too long": joined(asked("say", content="x" * 2000), client({"type": "message", "content": "x" * 2000})),
        "invalid": joined(SAY, client(b'{"type":"message"}\n')),
        "no LF": joined(SAY, client(b'{"type":"message","content":"hi"}'), act(Kind.CLOSE)),
        "neither sent nor refused": joined(asked("say", content="x" * 2000)),
        "refused with no word": joined(asked("say", content="x" * 2000), told("failed", do="say", reason="")),
    },
    "CLIENT-3": {
        "lost": joined(heard("1"), heard("2"), heard("3"), shown("1"), shown("3")),
        "a problem with a valid frame": joined(heard("1"), PROBLEM),
    },
    "CLIENT-4": {
        "not told": joined(raw(b"{\n"), heard("x"), shown("x")),
        "told only once of two": joined(raw(b"{\n"), heard("x"), raw(b"{\n"), shown("x"), PROBLEM),
        "silent afterwards": joined(raw(b"{\n"), heard("x"), PROBLEM),
        "surrogates encoded one by one": joined(
            raw(b'{"type":"system","message":"\xed\xa0\xbd\xed\xb8\x80","timestamp":"10:00:00"}\n'),
            told("shown", kind="system", message="\U0001f600"),
        ),
        "shown": joined(
            raw(b'{"type":"system","message":"x","timestamp":"25:00:00"}\n'), PROBLEM,
            told("shown", kind="system", message="x"),
        ),
    },
    "CLIENT-5": {
        "lost": joined(EXTENDED, heard("y"), shown("y")),
        "a problem": joined(EXTENDED, NOTICED, PROBLEM),
    },
    "CLIENT-6": {
        "the reason is not shown": refused(told("refused", reason="no")),
        "joined all the same": refused(told("refused", reason="Taken"), told("joined", username="ann")),
        "speaks all the same": refused(told("refused", reason="Taken"), SAY, SAID),
        "speaks after a second refusal": refused(
            told("refused", reason="Taken"), SAY, told("failed", do="say", content="hi", reason="not joined"),
            asked("join", username="bea"), client(b'{"type":"join","username":"bea"}\n'),
            server(type="error", message="Taken"), told("refused", reason="Taken"), told("joined"), SAY, SAID,
        ),
    },
    "CLIENT-7": {
        "not noticed": joined(act(Kind.SERVER_CLOSE)),
        "a reset not noticed": joined(act(Kind.SERVER_RESET)),
        "told twice": joined(act(Kind.SERVER_CLOSE), *[told("disconnected", reason="x")] * 2),
        "told twice amid messages, and with another word for those that come later": joined(
            SAY, WHISPER, act(Kind.SERVER_RESET), *[told("disconnected", reason="x")] * 2,
            SAY, told("failed", do="say", content="hi", reason="over"),
        ),
        "told of a connection that stands": joined(told("disconnected", reason="x")),
        "ended by itself amid a silence": joined(
            heard("1"), shown("1"), act(Kind.CLOSE), told("disconnected", reason="timed out"), heard("2")
        ),
        "the end of the one before taken for its own": joined(
            Event(0, "", Kind.NOTE, OLD_ENDED), told("disconnected", reason="x"), act(Kind.CLOSE)
        ),
    },
    "CLIENT-8": {
        "own message twice": joined(SAY, SAID, SHOWN, MINE, SHOWN),
        "another's message twice": joined(heard("x"), shown("x"), shown("x")),
        "the same words only once": joined(heard("x"), heard("x"), shown("x")),
    },
    "CLIENT-9": {
        "not told": joined(WHISPER, WHISPERED, LOST),
        "shown as delivered": joined(
            WHISPER, WHISPERED, LOST, told("shown", kind="private_confirmation", target="bob", content="hi")
        ),
    },
    "CLIENT-10": {
        "garbled": joined(heard("é"), shown("Ã©")),
        "under another name": joined(heard("x", "bob"), shown("x", "carol")),
        "sender and text swapped": joined(heard("x", "bob"), shown("bob", "x")),
        "as another kind": joined(heard("x"), told("shown", kind="private_message", sender="bob", content="x")),
        "an announcement as a notice": joined(server(type="server", message="x"), NOTICED),
    },
    "CLIENT-11": {"out of order": joined(heard("1"), heard("2"), shown("2"), shown("1"))},
    "CLIENT-12": {
        "invented": joined(heard("1"), shown("1"), shown("2")),
        "a message with no LF": joined(
            raw(heard("x").data[:-1]), act(Kind.SERVER_CLOSE), shown("x"), told("disconnected", reason="over")
        ),
        "what it refused to send": joined(
            asked("say", content="x" * 2000),
            shown("x" * 2000, "ann"),
            told("failed", content="x" * 2000, reason="long"),
        ),
    },
    "CLIENT-13": {
        "joined by another's notice": joined(
            server(type="system", message="anna joined the chat"), told("joined", username="ann"),
            told("shown", kind="system", message="anna joined the chat"),
        ),
        "joined twice": joined(told("joined", username="ann")),
    },
    "CLIENT-14": {
        "not what was asked": joined(SAY, client({"type": "message", "content": "HI"})),
        "cut to what was said before": joined(SAY, SAID, asked("say", content="hi\nthere"), SAID),
        "sent twice": joined(SAY, SAID, SAID),
        "sent twice beside a refusal": joined(asked("say", content="\n"), told("failed", reason="no"), SAY, SAID, SAID),
        "neither sent nor refused": joined(SAY),
        "nor refused by what was not delivered": joined(WHISPER, WHISPERED, LOST, FAILED, SAY),
        "nor refused by a failure told of what was sent": joined(
            SAY, SAID, server(type="error", message="No"), told("failed", do="say", content="hi", reason="No"), WHISPER
        ),
        "in another order": joined(SAY, WHISPER, WHISPERED, SAID),
        "not asked for": joined(SAID),
        "kept until another join": [
            act(Kind.OPEN), client(JOIN), SAY, server(type="error", message="Taken"), told("refused", reason="Taken"),
            asked("join", username="bea"), client(b'{"type":"join","username":"bea"}\n'),
            server(type="system", message="bea joined the chat"), told("joined"), SAID,
        ],
    },
    "CLIENT-15": {
        "valid and refused": joined(SAY, told("failed", do="say", content="hi", reason="mind your language")),
        "a control character refused": joined(
            asked("say", content="a\x01"), told("failed", do="say", content="a\x01", reason="not printable")
        ),
        "what fits as it writes it": joined(
            asked("say", content="é"), client('{"type":"message","content":"é"}\n'.encode()),
            asked("say", content="é" * 300), told("failed", do="say", content="é" * 300, reason="too long"),
        ),
    },
    "CLIENT-16": {
        "a reset as the input ends": joined(Event(0.0, "", Kind.NOTE, INPUT_ENDED), act(Kind.RESET)),
        "cut in a frame": joined(SAY, client(b'{"type":"mess'), asked("leave"), act(Kind.CLOSE)),
        "dropped for another connection": joined(SAY, Event(0.0, "", Kind.NOTE, CONNECTS_ANEW), act(Kind.CLOSE)),
        "kept, and dropped with no word": [act(Kind.OPEN), client(JOIN), SAY, asked("leave"), act(Kind.CLOSE)],
    },
}  # fmt: skip


@pytest.mark.parametrize("name", ALLOWED)
def test_what_is_allowed_passes(name):
    assert judge_client(ALLOWED[name]).findings == ()


@pytest.mark.parametrize(("id_", "name"), [(id_, name) for id_, recordings in WRONG.items() for name in recordings])
def test_a_fault_has_its_id(id_, name):
    findings = judge_client(WRONG[id_][name]).findings
    assert findings
    assert findings[0].requirement == id_, findings


def test_who_tells_that_it_has_joined_does_so_each_time():
    recording = joined()
    silent = [event for event in recording if b'"joined"' not in event.data]
    assert judge_client(recording, tells_joined=True).findings == ()
    assert judge_client(silent).findings == ()
    assert [one.requirement for one in judge_client(silent, tells_joined=True).findings] == ["CLIENT-13"]


def test_evidence_counts_what_was_right():
    judged = judge_client(joined(SAY, SAID, MINE, SHOWN, raw(b"{\n"), PROBLEM))
    assert (judged.evidence.deliveries, judged.evidence.silences, judged.evidence.frames) == (3, 1, 2)
    assert judged.username == "ann"


def test_what_a_client_died_of():
    assert find_culprit(joined(heard("x"))) is None
    assert find_culprit(joined(heard("x"), raw(b"{\n"))) == "CLIENT-4"
    assert find_culprit(joined(server(type="system", message="x", more=1))) == "CLIENT-5"
    assert find_culprit(joined(act(Kind.SERVER_RESET))) == "CLIENT-7"


def test_texts_may_be_made_harmless_and_no_more():
    assert is_shown("a\u202eb\n", "a\\u202eb")
    assert is_shown("\x00", "")
    assert is_shown("a\u034fb\ufe0f", "a\\u034fb")
    assert not is_shown("ab", "a b")
    assert not is_shown("é", "e\u0301")
    assert not is_shown("a\x00b", "axxxxxxxxxxxxxxxxb")
    assert not is_shown("x", None)
    assert is_contained("Taken", "The name was refused: Taken.")
    assert not is_contained("Taken", "taken")
