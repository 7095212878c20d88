from chatproof_conformance.wire.differences import find_differences
from chatproof_conformance.wire.steps import ServerStep, find_stalled, find_steps
from chatproof_schemas.transcript import Kind
from support.recordings import frame, join, notice, recording


def test_a_wait_stands_before_the_act_that_came_after_it():
    recorded = recording(
        ("c1", "open"),
        ("c1", "client", join("ann")),
        ("c1", "server", notice("ann")[:10]),
        ("c1", "server", notice("ann")[10:] + b"\n" + notice("bob")),
        ("", "note", b"for a person"),
        ("c1", "half_close"),
        ("c1", "server_close"),
    )
    assert find_steps(recorded) == [
        ServerStep(Kind.OPEN, "c1"),
        ServerStep(Kind.CLIENT_DATA, "c1", join("ann")),
        ServerStep(Kind.SERVER_DATA, "c1", frames=2),
        ServerStep(Kind.HALF_CLOSE, "c1"),
        ServerStep(Kind.SERVER_CLOSE, "c1"),
    ]


def test_a_connection_that_is_opened_again_counts_its_frames_again():
    once = [("c1", "open"), ("c1", "client", b"x\n"), ("c1", "server", b"{}\n{}\n"), ("c1", "close")]
    waits = [step.frames for step in find_steps(recording(*once, *once)) if step.kind is Kind.SERVER_DATA]
    assert waits == [2, 2]


def test_frames_without_line_ends_are_counted():
    answers = notice("ann").strip() * 2 + b'{"type":'
    recorded = recording(("c1", "client", b"{}"), ("c1", "server", answers), framing="none")
    assert find_steps(recorded)[-1].frames == 2


def test_a_client_that_stopped_reading_is_known_by_what_others_got():
    much = ("c2", "server", b"x" * 2_000_000)
    assert find_stalled(recording(("c1", "open"), ("c2", "open"), much)) == {"c1"}


def test_differences_leave_times_and_order_aside():
    recorded = recording(("c1", "server", notice("ann") + frame(type="message", username="a", content="x")))
    same = [b'{"content":"x","username":"a","type":"message"}', notice("ann").replace(b"12:00:00", b"13:01:02").strip()]
    assert find_differences(recorded, {"c1": same}) == []
    (line,) = find_differences(recorded, {"c1": [*same[:1], *same[:1]]})
    assert line.startswith("c1: ")
    assert "ann joined the chat" in line
    assert "did not come" in line
