"""Of what breaks in a small recording, the judge names the right requirement, no other, and the frame at fault."""

import pytest

from chatproof_conformance.core.findings import END, Cause
from chatproof_conformance.judges.server import PendingLeave, judge
from chatproof_schemas.transcript import Event, Kind
from conformance.judges.server.written_history import TWO, history

CAT = "c> join cat\n c< system cat joined the chat\n a< system cat joined the chat\n b< system cat joined the chat\n"
NONE = ()
TIME = '"timestamp":"12:00:00"'
SHOWN = {
    "a first join is not answered": ("c> join cat", ["JOIN-1"], "c", 0),
    "a join under a used name is not answered": ("c> join ann", ["JOIN-4"], "c", 0),
    "a list is taken for the type in it": (
        'a> {"type":["message"],"content":"xy"}\n a< says ann xy\n b< says ann xy',
        ["ERROR-3"],
        "a",
        1,
    ),
    "a name with a bidi control is accepted": (
        'c> {"type":"join","username":"x\u202a"}\n c< system x\u202a joined the chat',
        ["JOIN-8"],
        "c",
        0,
    ),
    "constructor is said to be taken": ("c> join constructor\n c< error Username already taken", ["JOIN-1"], "c", 0),
    "a join that must be refused is taken": (
        'c> {"type":"Join","username":"cat"}\n'
        + CAT.partition("\n")[2]
        + "c> join dog\n c< error no\n c> tell ann x\n c< error",
        ["ERROR-3"],
        "c",
        0,
    ),
    "a join that is no JSON is taken after an error": (
        'c> []\n c< error no\n c> {"type":"join","username":"cat",}\n' + CAT.partition("\n")[2],
        ["ERROR-6"],
        "c",
        1,
    ),
    "a name is taken over": (
        (
            "b> join ann\n b< error no\n c> join ann\n c< system ann joined the chat\n b< system ann joined the chat\n"
            "a> say 1\n b< says ann 1\n"
            "b< system ann joined the chat\n c> say 1\n c< says ann 1\n b< says ann 1\n"
            "b> tell ann x\n b< told ann x\n c< tells bob x"
        ),
        ["JOIN-4"],
        "c",
        0,
    ),
    "a guest whispers, and joins": (
        "c> tell ann x\n a< tells guest x\n c< error no\n" + CAT,
        ["JOIN-9"],
        "c",
        0,
    ),
    "what a guest said is said when it joins": (
        "c> say x\n c< error no\n" + CAT + "c< says cat x\n a< says cat x\n b< says cat x",
        ["JOIN-9"],
        "c",
        0,
    ),
    "what a guest said between two joins is said": (
        "c> join ann\n c< error Username already taken\n c> say x\n c< error no\n c> say y\n c< error no\n"
        + CAT
        + "c< says cat x\n a< says cat x\n b< says cat x",
        ["JOIN-9"],
        "c",
        1,
    ),
    "what is no text is made one": (
        'a> {"type":"message","content":[]}\n a< says ann []\n b< says ann []',
        ["ERROR-4"],
        "a",
        1,
    ),
    "a public message is taken for a private one": (
        'a> {"type":"message","content":"x","target":"eve"}\n a< untold eve x',
        ["PUBLIC-3"],
        "a",
        1,
    ),
    "what was denied to who was not there comes when it joins": (
        "a> tell cat x\n a< untold cat x\n" + CAT + "c< tells ann x",
        ["CONFIRM-2"],
        "a",
        1,
    ),
    "a valid name behind white space is called invalid": (
        'c>  {"type":"join","username":"cat"}\n c< {"type":"error","message":"no","code":"username_invalid"}',
        ["JOIN-1"],
        "c",
        0,
    ),
    "a client's confirmation is passed on": (
        (
            'a> {"type":"private_confirmation","target":"bob","content":"x","delivered":true}\n a< error no\n'
            "a< told bob x\n b< told bob x"
        ),
        ["ERROR-9"],
        "a",
        1,
    ),
    "who sends a bad frame is said to leave": (
        "a> []\n a< error no\n b< system ann left the chat",
        ["ERROR-11"],
        "a",
        1,
    ),
    "a name is refused whose join got no answer": (
        "c> join cat\n d> join cat\n d< error Username already taken",
        ["JOIN-1"],
        "c",
        0,
    ),
    "the holder of a name hears that another wants it": (
        (
            "c> join cat12345\n c< system cat12345 joined the chat\n a< system cat12345 joined the chat\n"
            "b< system cat12345 joined the chat\n c< system welcome cat12345\n c> []\n c< error no\n"
            "d> join cat12345\n c< system cat12345 is wanted\n d< error Username already taken"
        ),
        ["JOIN-4"],
        "d",
        0,
    ),
    "a user whose name begins with that of another comes": (
        (
            "c> join cat12345\n c< system cat12345 joined the chat\n a< system cat12345 joined the chat\n"
            "b< system cat12345 joined the chat\n c> []\n c< error no\n"
            "d> join cat12345\n d< error Username already taken\n e> join cat12345.\n e< system +cat12345.\n"
            "a< system +cat12345.\n b< system +cat12345.\n c< system +cat12345."
        ),
        ["JOIN-3"],
        "e",
        0,
    ),
    "an old message comes between the error before a join and its notice": (
        "a> say x\n a< says ann x\n b< says ann x\n c> []\n c< error no\n c> join cat\n c< says ann x\n"
        + CAT.partition("\n")[2],
        ["JOIN-2"],
        "a",
        1,
    ),
    "a valid name is called invalid": (
        'c> join cat\n c< {"type":"error","message":"no","code":"username_invalid"}',
        ["JOIN-1"],
        "c",
        0,
    ),
    "a deep value ends a guest's connection": (
        'c> {"type":"message","content":"x","y":' + "[" * 40 + "]" * 40 + "}\n c! server_close",
        ["ERROR-10"],
        "c",
        0,
    ),
    "an announcement loses a space": ("x! announce a  b\n a< server a b\n b< server a b", ["SERVER-1"] * 2, None, 0),
    "one recipient gets nothing": (
        CAT + "a> say 1\n a< says ann 1\n b< says ann 1\n b> say 2\n a< says bob 2\n b< says bob 2",
        ["PUBLIC-1"],
        "a",
        1,
    ),
    "an error at a passive connection": ("a> []\n a< error no\n b< error no", ["ERROR-11"], "a", 1),
    "an error at one that had erred before": (
        "b> []\n b< error no\n a> []\n a< error no\n b< error no",
        ["ERROR-11"],
        "a",
        1,
    ),
    "a confirmation at another": (
        CAT + "a> tell bob x\n a< told bob x\n b< tells ann x\n c< told bob x",
        ["PRIVATE-2"],
        "a",
        1,
    ),
    "a message after the leave": (
        "b> say x\n b! half_close\n a< system bob left the chat\n a< says bob x",
        ["ORDER-2"],
        "b",
        1,
    ),
    "a message before the join notice": (
        "c> join cat\n a> say hi\n a< says ann hi\n b< says ann hi\n c< says ann hi\n" + CAT.partition("\n")[2],
        ["JOIN-2"],
        "a",
        1,
    ),
    "the end after an error": ("a> []\n a< error no\n a! server_close", ["ERROR-2"], "a", 1),
    "the end instead of an error": ("a> []\n a! server_close", ["ERROR-2"], "a", 1),
    "the end of who is idle": ("a! server_close", ["LEAVE-7"], "a", 0),
    "the end before a join": ("c! open\n c! server_close", ["JOIN-12"], None, 0),
    "the end long before a join": ("c! open\n -! note\n c! server_close", NONE, None, 0),
    "the end after a refused join": (
        "c> join ann\n c> say x\n c< error Username already taken\n c! server_close",
        ["JOIN-5"],
        "c",
        0,
    ),
    "a refused private message": ("a> tell bob x\n a< error no", ["PRIVATE-1"], "a", 1),
    "a refused private message to nobody": ("a> tell eve x\n a< error no", ["CONFIRM-2"], "a", 1),
    "delivered is false to itself": ("a> tell ann x\n a< untold ann x", ["PRIVATE-3"], "a", 1),
    "names alike to whoever ignores case": ("c> join BOB\n c< error Username already taken", ["JOIN-7"], "c", 0),
    "a member is passed on": (
        (
            'a> {"type":"message","content":"x","hue":1}\n b< says ann x\n'
            'a< {"type":"message","username":"ann","content":"x","timestamp":"12:00:00","hue":1}'
        ),
        ["PUBLIC-4"],
        "a",
        1,
    ),
    "the server has members of its own, one of which a client has, too": (
        (
            'a> say 1\n a< {"type":"message","username":"ann","content":"1","timestamp":"12:00:00","hue":7}\n'
            'b< says ann 1\n a> {"type":"message","content":"x","hue":1}\n b< says ann x\n'
            'a< {"type":"message","username":"ann","content":"x","timestamp":"12:00:00","hue":8}'
        ),
        NONE,
        None,
        0,
    ),
    "a notice has the name in a member of its own": (
        (
            'c> join cat\n c< {"type":"system","message":"cat joined the chat","timestamp":"12:00:00",'
            '"username":"cat"}\n'
            "a< system cat joined the chat\n b< system cat joined the chat"
        ),
        NONE,
        None,
        0,
    ),
    "a reason that a client has given": (
        (
            'a> {"type":"private_message","target":"eve","content":"x","reason":"7k2m9x4q"}\n'
            'a< {"type":"private_confirmation","target":"eve","content":"x","delivered":false,"timestamp":"12:00:00",'
            '"reason":"7k2m9x4q"}'
        ),
        ["PUBLIC-4"],
        "a",
        1,
    ),
    "a join is told again": ("a< system bob joined the chat", ["JOIN-13"], "b", 0),
    "a list comes before the join notice": (
        (
            "c> join cat\n c< system 2 users are here\n c< system cat joined the chat\n"
            "a< system cat joined the chat\n b< system cat joined the chat"
        ),
        ["JOIN-2"],
        "c",
        0,
    ),
    "a leave of who is there": ("a< system bob left the chat", ["JOIN-13"], "b", END),
    "a leave that is not told": ("b! half_close\n -! note", ["LEAVE-1"], "b", END),
    "a leave that is only chattered about": (
        "a< system bob is typing\n a< system bob is typing\n b! half_close\n a< system bob is typing\n -! note",
        ["LEAVE-1"],
        "b",
        END,
    ),
    "a lone surrogate comes back": (
        (
            r'a> {"type":"message","content":"\ud800"}'
            "\n"
            r'a< {"type":"message","username":"ann","content":"\ud800","timestamp":"12:00:00"}'
        ),
        ["ERROR-7"],
        "a",
        1,
    ),
    "a character beyond U+FFFF comes as two surrogates": (
        (
            r'a> {"type":"message","content":"\ud800"}'
            "\n a< error no\n a> say x\n"
            'a< {"type":"message","username":"ann","content":"\ud83d\ude00","timestamp":"12:00:00"}\n b< says ann x'
        ),
        ["FRAME-1"],
        "a",
        2,
    ),
    "what came first to who has joined cannot be read": (
        (
            "c> join cat\n c< {\n a< system cat joined the chat\n b< system cat joined the chat\n"
            "a> say x\n a< says ann x\n b< says ann x\n c< says ann x"
        ),
        ["FRAME-1"],
        "c",
        0,
    ),
    "a guest is thrown out for its age, after an error that others survive": (
        "c! open\n d> []\n d< error no\n d> []\n d< error no\n -! note 3\n c> []\n c< error no\n c! server_close",
        ["JOIN-12"],
        "c",
        0,
    ),
    "a message is lost long before the end": (
        "a> say x\n -! note 3\n a! half_close\n b< system ann left the chat",
        ["PUBLIC-1"],
        "a",
        1,
    ),
    "a message is lost by the end": (
        "a> say x\n a! half_close\n b< system ann left the chat",
        ["LEAVE-6"],
        "a",
        1,
    ),
    "holders hear that others want their names, not which": (
        (
            "c> join ann\n a< system Hands off!\n c< error Username already taken\n"
            "d> join bob\n b< system Hands off!\n d< error Username already taken\n"
            "e> join ann\n a< system Hands off!\n e< error Username already taken"
        ),
        ["JOIN-4"],
        "c",
        0,
    ),
    "everyone hears something now and then, while others want names": (
        (
            "c> join ann\n a< system Hello!\n b< system Hello!\n c< error Username already taken\n"
            "d> join bob\n d< error Username already taken\n"
            "e> join ann\n a< system Hello!\n b< system Hello!\n e< error Username already taken"
        ),
        NONE,
        None,
        0,
    ),
    "a private message goes to everyone, also to who has a name like its target's": (
        (
            "c> join ANN\n"
            "c< system ANN joined the chat\n a< system ANN joined the chat\n b< system ANN joined the chat\n"
            "b> tell ann hush now\n a< tells bob hush now\n c< tells bob hush now\n b< tells bob hush now\n"
            "b< told ann hush now"
        ),
        ["PRIVATE-2"],
        "b",
        1,
    ),
    "no echo": ("a> say 1\n b< says ann 1\n a> []\n a< error no\n a> say 2\n b< says ann 2", ["PUBLIC-1"], "a", 1),
    "others' talk, joins and leaves, and copies of our texts": (
        (
            "a< system zoe joined the chat\n a> say hello there\n a< says ann hello there\n b< says ann hello there\n"
            "a< says zoe hello there\n a< tells zoe hello there\n a< system zoe left the chat\n a< system yan left"
        ),
        NONE,
        None,
        0,
    ),
    "a valid message is called too long": (
        'a> say hello\n a< {"type":"error","message":"no","code":"frame_too_long"}',
        ["FRAME-4"],
        "a",
        1,
    ),
    "a leave is told twice, of whose name another had asked for and gone": (
        (
            "c> join bob\n c< error Username already taken\n c! half_close\n b! half_close\n"
            "a< system bob left the chat\n a< system bob left the chat"
        ),
        ["LEAVE-1"],
        "b",
        END,
    ),
    "one refused its name ends, and that is told": (
        "c> join bob\n c< error Username already taken\n c! half_close\n a< system bob left the chat",
        ["LEAVE-5"],
        "c",
        END,
    ),
    "our text under an unknown name only": (
        "a> say hello there\n a< says ann hello there\n b< says zoe hello there",
        ["PUBLIC-2"],
        "a",
        1,
    ),
}


@pytest.mark.parametrize("name", SHOWN)
def test_it_is_found_under_its_id_alone_with_its_cause(name):
    text, ids, connection, line = SHOWN[name]
    findings = judge(history(TWO + text), settled=True).findings
    assert [found.requirement for found in findings] == list(ids)
    assert {found.cause for found in findings} == (
        {None if connection is None else Cause(connection, line)} if ids else set()
    )


def test_a_leave_that_is_not_told_yet_is_pending():
    judgement = judge(history(TWO + "b! half_close"), settled=True)
    assert judgement.findings == ()
    assert judgement.pending == (PendingLeave("bob", "a", 5),)
    assert judge(history(TWO + "b! half_close\n a< system bob left the chat"), settled=True).pending == ()
    assert judge(history(TWO + "b! half_close"), settled=False).pending == ()


def event(kind, data, time):
    return Event(time, "a", kind, data)


def test_an_error_with_no_lf_is_named_and_spoils_nothing_else():
    sent = [event(Kind.CLIENT_DATA, b"\n[]\n", 1), event(Kind.SERVER_DATA, b'{"type":"error","message":"no"}', 1.1)]
    echo = b'{"type":"message","username":"ann","content":"x",%b}\n' % TIME.encode()
    more = [event(Kind.CLIENT_DATA, b'{"type":"message","content":"x"}\n', 1.2), event(Kind.SERVER_DATA, echo, 1.3)]
    heard = Event(1.4, "b", Kind.SERVER_DATA, echo)
    for events in (sent, [*sent, *more, heard]):
        last = Event(3, "", Kind.NOTE)
        [found] = judge([*history(TWO), *events, last], settled=True).findings
        assert (found.requirement, found.cause) == ("FRAME-1", Cause("a", 2))
        assert found.actual.startswith('"error" with no LF')


@pytest.mark.parametrize(
    ("pieces", "requirement"),
    [
        ([b'{"type":"message","content":"1"}\n{"type":"message","content":"2"}\n'], "FRAME-3"),
        ([b'{"type":"message","content":"1"}\n{"type":', b'"message","content":"2"}\n'], "FRAME-2"),
    ],
)
def test_a_lost_frame_is_filed_under_how_it_was_sent(pieces, requirement):
    echo = b'{"type":"message","username":"ann","content":"1",%b}\n' % TIME.encode()
    events = [event(Kind.CLIENT_DATA, piece, 1) for piece in pieces]
    events += [Event(1.1, label, Kind.SERVER_DATA, echo) for label in "ab"]
    [found] = judge([*history(TWO), *events], settled=True).findings
    assert (found.requirement, found.cause) == (requirement, Cause("a", 2))


@pytest.mark.parametrize("tail", [b'{"type":"message","content":"x"}', b'{"type":"mess'])
def test_what_stands_after_the_last_lf_may_get_an_error_with_any_code(tail):
    answer = b'{"type":"error","message":"no","code":"username_invalid"}\n'
    for answers in ([event(Kind.SERVER_DATA, answer, 1.2)], []):
        events = [*history(TWO), event(Kind.CLIENT_DATA, tail, 1), *answers]
        assert judge(events, settled=True).findings == ()


def test_who_has_not_ended_a_line_for_10_seconds_may_be_ended_and_nobody_else():
    half = Event(1, "a", Kind.CLIENT_DATA, b'{"type":"mess')
    for seconds, ids in ((9, ["LEAVE-7"]), (11.5, [])):
        events = [*history(TWO), half, Event(1 + seconds, "a", Kind.SERVER_CLOSE), Event(20, "", Kind.NOTE)]
        found = [one.requirement for one in judge(events, settled=True).findings]
        assert [one for one in found if not one.startswith("LEAVE-1")] == ids


def test_who_is_ended_long_after_an_error_was_idle():
    refused = [event(Kind.CLIENT_DATA, b"[]\n", 1), event(Kind.SERVER_DATA, b'{"type":"error","message":"no"}\n', 1.1)]
    for seconds, requirement in ((1.2, "ERROR-2"), (4.0, "LEAVE-7")):
        events = [*history(TWO), *refused, Event(seconds, "a", Kind.SERVER_CLOSE), Event(5, "", Kind.NOTE)]
        assert requirement in {one.requirement for one in judge(events, settled=True).findings}


def test_a_name_that_is_not_freed_is_no_race():
    text = "b! half_close\n a< system bob left the chat\n c> join bob\n d> join bob\n"
    text += "c< error Username already taken\n d< error Username already taken"
    findings = judge(history(TWO + text), settled=True).findings
    assert {found.requirement for found in findings} == {"LEAVE-4"}


@pytest.mark.parametrize(
    ("text", "requirement", "instead"),
    [
        (
            (
                "c> join bob\n c< error Username already taken\n c! half_close\n b! half_close\n"
                "a< system bob left the chat\n a< system bob left the chat"
            ),
            "LEAVE-1",
            ("ORDER-2", "LEAVE-5"),
        ),
        ("b! half_close\n a< system bob left the chat\n a< system bob left the chat", "LEAVE-1", ("ORDER-2",)),
        (
            (
                "c> join cat\n c> say hello there\n a< system cat joined the chat\n b< system cat joined the chat\n"
                "a< says cat hello there\n b< says cat hello there\n c< says cat hello there"
            ),
            "JOIN-1",
            ("JOIN-2",),
        ),
    ],
    ids=["a leave twice, or that of one refused", "a leave twice", "its own notice is missing, or late"],
)
def test_what_cannot_be_told_from_another_fault_says_so(text, requirement, instead):
    found = judge(history(TWO + text), settled=True).findings
    assert [(one.requirement, one.instead) for one in found] == [(requirement, instead)]
