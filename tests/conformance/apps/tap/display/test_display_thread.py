"""What the tap shows: a slow terminal delays nobody and costs bounded memory, and what is left out is told."""

import errno
import io
import os
import threading
from datetime import datetime, timezone

import pytest

from chatproof_conformance.apps.tap.display import display_thread
from chatproof_conformance.apps.tap.display.display_thread import DisplayThread
from chatproof_conformance.apps.tap.display.frames import FrameReader
from chatproof_conformance.apps.tap.display.lines import LineWriter
from chatproof_schemas.transcript import Event, Kind
from support.recordings import frame, join, notice
from support.tapping import SENT, pair, read_exactly

WRITER = LineWriter(datetime(2026, 1, 31, 12, 0, 0, tzinfo=timezone.utc), colours=False)


class SlowTerminal(io.StringIO):
    """Takes nothing until it is let go."""

    def __init__(self):
        super().__init__()
        self.reached = threading.Event()
        self.let_go = threading.Event()

    def write(self, text):
        self.reached.set()
        self.let_go.wait(30)
        return super().write(text)


def sent(data, connection="c1"):
    return Event(0.5, connection, Kind.CLIENT_DATA, data)


def received(data):
    return Event(0.5, "c1", Kind.SERVER_DATA, data)


def message(number):
    return frame(type="message", content=f"number {number}")


def test_a_slow_terminal_does_not_keep_the_traffic_waiting(monkeypatch):
    monkeypatch.setattr(display_thread, "_MOST_WAITING", 20)
    terminal = SlowTerminal()
    display = DisplayThread(WRITER, terminal, "lf")
    display.show(sent(join("ann")))
    assert terminal.reached.wait(30)
    for number in range(100):
        display.show(sent(message(number)))
    terminal.let_go.set()
    display.close()
    lines = terminal.getvalue().splitlines()
    shown = [line for line in lines if "number" in line]
    assert len(shown) == 20
    assert lines[-1] == "… 80 lines left out: they came faster than they could be shown"


def test_a_frame_whose_beginning_was_left_out_is_not_taken_for_a_bad_one(monkeypatch):
    monkeypatch.setattr(display_thread, "_MOST_WAITING", 1)
    terminal = SlowTerminal()
    display = DisplayThread(WRITER, terminal, "lf")
    display.show(sent(join("ann")))
    assert terminal.reached.wait(30)
    torn = message(2)
    for data in (message(1), torn[:10]):
        display.show(sent(data))
    terminal.let_go.set()
    while display._waiting.qsize():  # noqa: SLF001  nothing else tells that it has caught up
        pass
    display.show(sent(torn[10:] + message(3)))
    display.close()
    text = terminal.getvalue()
    assert "✗" not in text
    assert "1 line left out" in text
    assert "number 1" in text
    assert "number 3" in text


def test_with_no_framing_the_rest_of_an_object_whose_beginning_was_left_out_is_not_shown():
    object_ = notice("ann").strip()
    reader = FrameReader("none")
    reader.tear(received(object_[:10]))
    assert [*reader.read(received(object_[10:20])), *reader.read(received(object_[20:]))] == []
    seen = list(reader.read(received(object_ + object_)))
    assert [(one.frame, one.problem) for one in seen] == [(object_, "")] * 2


def test_where_nobody_reads_any_more_nothing_breaks():
    class Gone(io.StringIO):
        def write(self, *_):
            raise BrokenPipeError

    display = DisplayThread(WRITER, Gone(), "lf")
    for number in range(10):
        display.show(sent(message(number)))
    display.close()


def shown(*events, framing="lf"):
    out = io.StringIO()
    display = DisplayThread(WRITER, out, framing)
    for event in events:
        display.show(event)
    display.close()
    return [line.split(maxsplit=2)[2] for line in out.getvalue().splitlines()]


def got(**members):
    return Event(0.5, "c1", Kind.SERVER_DATA, frame(timestamp="12:00:00", **members))


def test_every_type_is_shown_with_what_it_says():
    assert shown(
        sent(join("ann")),
        sent(frame(type="private_message", target="bob", content="psst")),
        got(type="message", username="bob", content="hi"),
        got(type="private_message", sender="bob", content="psst"),
        got(type="private_confirmation", target="bob", content="x", delivered=True),
        got(type="private_confirmation", target="bob", content="x", delivered=False, reason="User not found"),
        got(type="system", message="bob left the chat"),
        got(type="server", message="Tea at four"),
        Event(0.5, "c1", Kind.SERVER_DATA, frame(type="error", message="No", code="not_joined")),
    ) == [
        "→ join                 ann",
        "→ private_message      to bob: psst",
        "← message              bob: hi",
        "← private_message      from bob: psst",
        "← private_confirmation to bob, delivered: x",
        "← private_confirmation to bob, not delivered (User not found): x",
        "← system               bob left the chat",
        "← server               Tea at four",
        "← error                No [not_joined]",
    ]


def test_a_frame_in_pieces_is_shown_once_and_blank_lines_are_not():
    text = join("ann")
    assert shown(sent(text[:5]), sent(text[5:]), sent(b"\r\n \n")) == ["→ join                 ann"]


def test_frames_that_nothing_ends_are_told_apart():
    objects = join("ann").strip() + b' {"type":"message","content":"a } and a \\" {"}'
    assert shown(sent(objects[:40]), sent(objects[40:]), framing="none") == [
        "→ join                 ann",
        '→ message              a } and a " {',
    ]


def test_with_no_framing_garbage_is_shown_at_once_and_what_follows_it_as_usual():
    garbage, *_, joined = shown(sent(b"nonsense"), sent(b'{"type":'), sent(b'"join","username":"ann"}'), framing="none")
    assert garbage == "→ ✗ nonsense"
    assert joined == "→ join                 ann"


def test_with_no_framing_the_record_has_an_event_for_each_object_and_the_wire_what_was_sent():
    first, second = join("ann").strip(), message(1).strip()
    with pair(framing="none") as (client, server, tap):
        client.sendall(first + second[:7])
        assert read_exactly(server, len(first) + 7) == first + second[:7]
        client.sendall(second[7:] + b'{"cut off')
        assert read_exactly(server, len(second) + 2) == second[7:] + b'{"cut off'
        client.close()
        tap.wait_for(Kind.HALF_CLOSE)
    assert tap.bytes_of(SENT) == [first, second, b'{"cut off']


class Gone(io.StringIO):
    """Cannot be written."""

    def __init__(self, number):
        super().__init__()
        self.number = number

    def write(self, _):
        raise OSError(self.number, os.strerror(self.number))


@pytest.mark.parametrize(("number", "told"), [(errno.EPIPE, []), (errno.ENOSPC, [OSError])])
def test_only_a_reader_who_has_gone_is_no_trouble(monkeypatch, number, told):
    raised = []
    monkeypatch.setattr(threading, "excepthook", lambda ended: raised.append(ended.exc_type))
    display = DisplayThread(WRITER, Gone(number), "lf")
    display.show(sent(join("ann")))
    display.close()
    assert raised == told


def test_a_fault_of_ours_is_not_taken_for_a_reader_who_has_gone(monkeypatch):
    class Faulty:
        def happening(self, _):
            raise OSError("of ours")

    raised = []
    monkeypatch.setattr(threading, "excepthook", lambda ended: raised.append(str(ended.exc_value)))
    display = DisplayThread(Faulty(), io.StringIO(), "lf")
    display.show(Event(0.5, "c1", Kind.OPEN))
    display.close()
    assert raised == ["of ours"]
