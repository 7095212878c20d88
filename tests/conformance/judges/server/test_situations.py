"""Which cells of SPEC.md a recording reached."""

import re
from importlib.resources import files

from chatproof_conformance.judges.server import judge
from chatproof_conformance.judges.server.situations import (
    ABSENT,
    BAD_NAME,
    BLANK,
    CLOSED,
    END,
    EVENTS,
    FREE,
    IN_USE,
    MESSAGE,
    OTHER,
    OTHERS,
    PRESENT,
    planned_cells,
)
from support.recordings import frame, join, notice, recording

SPEC = files("chatproof_schemas").joinpath("SPEC.md").read_text("utf-8")


def error(code):
    return frame(type="error", message="no", code=code, timestamp="12:00:00")


def said(name, content):
    return frame(type="message", username=name, content=content, timestamp="12:00:00")


def confirmed(target, *, delivered):
    return frame(
        type="private_confirmation", target=target, content="psst", delivered=delivered, timestamp="12:00:00",
        **({} if delivered else {"reason": "User not found"}),
    )  # fmt: skip


def private(target):
    return frame(type="private_message", target=target, content="psst")


def reached(*events):
    recorded = recording(*events)
    situations = judge(recorded.events, settled=True).situations
    assert set(situations) <= set(planned_cells(stopping=False))
    return {(cell[1], cell[3]) for cell in situations}


def test_the_events_are_the_rows_of_the_table_in_spec():
    table = re.search(r"\| event \| connected \| joined \|\n\|[-|]+\|\n((?:\|.*\n)+)", SPEC)[1]
    assert [row.split("|")[1].strip().replace("`", "") for row in table.splitlines()] == list(EVENTS)
    assert len(planned_cells(stopping=True)) == 25 + 14


def test_frames_errors_and_ends_are_told_apart_by_the_state_of_their_connection():
    assert reached(
        ("ann", "open"),
        ("ann", "client", b"\n"),
        ("ann", "client", frame(type="message", content="early")),
        ("ann", "server", error("not_joined")),
        ("ann", "client", frame(type="join", username="")),
        ("ann", "server", error("username_invalid")),
        ("ann", "client", join("ann")),
        ("ann", "server", notice("ann")),
        ("bob", "open"),
        ("bob", "client", join("ann")),
        ("bob", "server", error("username_taken")),
        ("ann", "client", b"nonsense\n"),
        ("ann", "server", error("malformed_json")),
        ("ann", "client", frame(type="message", content="hi")),
        ("ann", "server", said("ann", "hi")),
        ("ann", "client", private("ann")),
        ("ann", "server", frame(type="private_message", sender="ann", content="psst", timestamp="12:00:00")),
        ("ann", "server", confirmed("ann", delivered=True)),
        ("ann", "client", private("nobody")),
        ("ann", "server", confirmed("nobody", delivered=False)),
        ("bob", "reset"),
        ("ann", "server_close"),
    ) == {
        (BLANK, "connected"),
        (MESSAGE, "connected"),
        ("not_joined", "connected"),
        (BAD_NAME, "connected"),
        ("username_invalid", "connected"),
        (FREE, "connected"),
        (IN_USE, "connected"),
        ("username_taken", "connected"),
        (OTHER, "joined"),
        ("malformed_json", "joined"),
        (MESSAGE, "joined"),
        (PRESENT, "joined"),
        (ABSENT, "joined"),
        (OTHERS, "connected"),
        (END, "connected"),
        (CLOSED, "joined"),
    }


def test_what_others_say_is_met_by_those_who_have_joined():
    assert (OTHERS, "joined") in reached(
        ("ann", "open"),
        ("ann", "client", join("ann")),
        ("ann", "server", notice("ann")),
        ("ann", "server", said("stranger", "hello")),
    )
