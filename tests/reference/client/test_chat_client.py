import json
import socket
import threading

import pytest

from chatproof_reference.client import ChatClient, MessageRefused, events, link
from chatproof_schemas import CLIENT_FRAME_BYTES, Direction, read_frame, vectors
from common.system.vanishing import needs_packet_filters, vanish
from reference.client.scripted_server import ScriptedServer

TIME = {"timestamp": "10:00:00"}


@pytest.fixture
def server():
    with ScriptedServer() as scripted:
        yield scripted


@pytest.fixture
def client():
    client = ChatClient()
    yield client
    client.disconnect_from_server()
    client.wait_closed(10)
    assert not [thread for thread in threading.enumerate() if thread.name == "chat client"]


@needs_packet_filters
def test_a_server_whose_machine_vanished_is_noticed(client, server, monkeypatch):
    monkeypatch.setattr(link, "VANISHED_SECONDS", 4.0)
    join(client, server)
    vanish(server.peer)
    ended = client.events.get(timeout=60)
    assert ended.reason == "Connection lost: Connection timed out."


def next_event(client, kind):
    event = client.events.get(timeout=10)
    assert isinstance(event, kind), event
    return event


def join(client, server, name="alice"):
    client.connect_to_server("127.0.0.1", server.port, name)
    assert server.welcome() == name
    next_event(client, events.Connected)
    assert next_event(client, events.Joined).username == name
    next_event(client, events.SystemMessage)


def test_the_first_frame_is_a_valid_join(client, server):
    client.connect_to_server("127.0.0.1", server.port, "Ann Lee 🎉")
    server.accept()
    assert read_frame(server.read_bytes()[:-1], Direction.CLIENT) == {"type": "join", "username": "Ann Lee 🎉"}


@pytest.mark.parametrize("name", ["", " alice", "a\nb", "x" * 33, "a\u200bb"])
def test_an_invalid_name_is_refused_before_anything_is_sent(client, server, name):
    with pytest.raises(MessageRefused, match="username"):
        client.connect_to_server("127.0.0.1", server.port, name)


def test_nothing_is_sent_before_the_server_took_the_name(client, server):
    client.connect_to_server("127.0.0.1", server.port, "alice")
    server.accept()
    next_event(client, events.Connected)
    with pytest.raises(MessageRefused, match="Not joined yet"):
        client.send_message("hi")


def test_a_message_of_exactly_the_limit_is_sent_and_one_byte_more_is_refused(client, server):
    join(client, server)
    overhead = len(b'{"type":"message","content":""}')
    client.send_message("é" * ((CLIENT_FRAME_BYTES - overhead) // 2) + "x" * ((CLIENT_FRAME_BYTES - overhead) % 2))
    assert len(server.read_bytes()) == CLIENT_FRAME_BYTES + 1
    with pytest.raises(MessageRefused, match="Too long by 3 bytes"):
        client.send_message("x" * (CLIENT_FRAME_BYTES - overhead + 3))


@pytest.mark.parametrize(
    ("content", "target", "word"), [("", None, "content"), ("hi", "", "target"), ("\ud83d", None, "surrogate")]
)
def test_what_no_message_may_hold_is_refused(client, server, content, target, word):
    join(client, server)
    with pytest.raises(MessageRefused, match=word):
        client.send_message(content, target)


def test_any_code_point_arrives_as_sent(client, server):
    join(client, server)
    client.send_message("\0\n\u2028\ufffe👩\u200d👧\\", "bob")
    assert server.read() == {"type": "private_message", "target": "bob", "content": "\0\n\u2028\ufffe👩\u200d👧\\"}


def test_split_and_coalesced_frames_are_read_in_order(client, server):
    join(client, server)
    frames = b"".join(
        b'{"type":"message","username":"bob","content":"%s","timestamp":"10:00:00","x":1}\r\n\n' % text.encode()
        for text in ("één", "🎉", "three")
    )
    for byte in frames[:120]:
        server.send_bytes(bytes([byte]))
    server.send_bytes(frames[120:])
    assert [next_event(client, events.PublicMessage).content for _ in range(3)] == ["één", "🎉", "three"]


def test_every_bad_frame_is_told_and_survived(client, server):
    join(client, server)
    bad = [vector for vector in vectors() if vector.direction is Direction.SERVER and "valid" not in vector.verdicts]
    bad = [vector for vector in bad if not has_later_code(vector.frame)]
    assert len(bad) > 50
    for vector in bad:
        server.send_bytes(vector.frame + b"\n")
        server.send(type="server", message=vector.id, **TIME)
        event = next_event(client, events.FrameIgnored)
        assert event.unknown_type == (vector.codes == ("unknown_type",) or "unknown_type" in vector.codes), vector.id
        assert next_event(client, events.ServerMessage).message == vector.id
    assert client.joined


def has_later_code(frame):
    """Whether it is an error whose code a later version may know: its words are shown."""
    try:
        return frame.startswith(b'{"type":"error","message":"Username') and isinstance(json.loads(frame)["code"], str)
    except (ValueError, KeyError):
        return False


def test_an_overlong_frame_is_told_once_and_skipped(client, server):
    join(client, server)
    server.send_bytes(b"x" * 20_000 + b"\n")
    server.send(type="server", message="after", **TIME)
    assert "8192" in next_event(client, events.FrameIgnored).reason
    next_event(client, events.ServerMessage)


def test_a_refused_join_is_no_join_and_another_name_may_follow(client, server):
    client.connect_to_server("127.0.0.1", server.port, "alice")
    server.accept()
    server.read()
    next_event(client, events.Connected)
    server.send(type="error", message="Username already taken", code="username_taken")
    assert next_event(client, events.JoinRefused) == events.JoinRefused("alice", "Username already taken")
    assert not client.joined
    with pytest.raises(MessageRefused):
        client.send_message("hi")
    client.join("alicia")
    assert server.read() == {"type": "join", "username": "alicia"}
    server.send(type="system", message="alicia joined the chat", **TIME)
    next_event(client, events.Joined)
    assert client.username == "alicia"


def test_the_own_message_is_told_once_with_its_number(client, server):
    join(client, server)
    ids = [client.send_message("same"), client.send_message("same")]
    for _ in ids:
        server.send(type="message", username="alice", content="same", **TIME)
    server.send(type="message", username="bob", content="same", **TIME)
    told = [next_event(client, events.PublicMessage) for _ in range(3)]
    assert [event.sent_id for event in told] == [*ids, None]
    assert [event.own for event in told] == [True, True, False]


def test_a_failed_delivery_carries_its_reason_and_an_error_its_message(client, server):
    join(client, server)
    first, second = client.send_message("psst", "bob"), client.send_message("hello")
    server.send(
        type="private_confirmation", target="bob", content="psst", delivered=False, reason="User not found", **TIME
    )
    server.send(type="error", message="No")
    failed = next_event(client, events.PrivateConfirmation)
    assert (failed.sent_id, failed.delivered, failed.reason) == (first, False, "User not found")
    assert next_event(client, events.ErrorMessage).sent_id == second


def test_the_end_of_the_connection_names_what_was_not_answered(client, server):
    join(client, server)
    sent = client.send_message("hi")
    server.read()
    server.hang_up()
    ended = next_event(client, events.ConnectionEnded)
    assert (ended.by_user, ended.unanswered) == (False, (sent,))
    assert not client.joined
    with pytest.raises(MessageRefused, match="connect first"):
        client.send_message("hi")


def test_what_was_sent_before_leaving_still_arrives_and_the_end_is_no_reset(client, server):
    join(client, server)
    for number in range(200):
        client.send_message(f"{number} " + "x" * 900)
    client.disconnect_from_server()
    assert next_event(client, events.ConnectionEnded).by_user
    assert [int(server.read()["content"].split()[0]) for _ in range(200)] == list(range(200))
    assert server.read_bytes() == b""


def test_an_error_with_a_code_of_a_later_version_is_shown(client, server):
    join(client, server)
    server.send(type="error", message="Slow down", code="too_fast")
    assert next_event(client, events.ErrorMessage) == events.ErrorMessage("Slow down", "")
    server.send(type="error", message="Slow down", code=5)
    next_event(client, events.FrameIgnored)


def test_a_refused_connection_and_an_unknown_host_say_what_to_try(client):
    with socket.create_server(("127.0.0.1", 0)) as closed:
        port = closed.getsockname()[1]
    client.connect_to_server("127.0.0.1", port, "alice")
    assert "no server listens" in next_event(client, events.ConnectionFailed).reason
    client.connect_to_server("no.such.host.invalid", port, "alice")
    assert "No host is known" in next_event(client, events.ConnectionFailed).reason


@pytest.fixture
def deaf_port():
    """A port whose queue of connections is full: connecting there gets no answer."""
    listener = socket.socket()
    listener.bind(("127.0.0.1", 0))
    listener.listen(0)
    fillers = []
    for _ in range(8):
        filler = socket.socket()
        filler.settimeout(0)
        filler.connect_ex(listener.getsockname())
        fillers.append(filler)
    yield listener.getsockname()[1]
    for held in (*fillers, listener):
        held.close()


def test_connecting_to_a_host_that_does_not_answer_ends_by_itself(client, deaf_port):
    client.connect_to_server("127.0.0.1", deaf_port, "alice", timeout=0.2)
    assert "did not answer" in next_event(client, events.ConnectionFailed).reason


def test_connecting_can_be_cancelled(client, deaf_port):
    client.connect_to_server("127.0.0.1", deaf_port, "alice", timeout=600)
    client.disconnect_from_server("Cancelled.")
    assert next_event(client, events.ConnectionEnded).by_user
    client.wait_closed(10)


def send_many(client, count):
    for _ in range(count):
        client.send_message("x" * 900)


def test_a_server_that_stops_reading_blocks_nobody_who_sends(client, server):
    join(client, server)
    with pytest.raises(MessageRefused, match="does not read"):
        send_many(client, 100_000)
    client.disconnect_from_server()
