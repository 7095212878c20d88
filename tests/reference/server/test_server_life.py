import json
import socket
import struct
import threading
from pathlib import Path

import pytest

from chatproof_reference.server import ChatServer, EventKind
from chatproof_reference.server.listener import CannotListen
from chatproof_schemas import Direction, FrameRefused, members_of


def test_a_join_is_told_to_everyone_the_newcomer_first_of_all(server, join):
    alice = join(server, "Alice")
    join(server, "Bob")
    assert alice.read()["message"] == "Bob joined the chat"


def test_a_public_message_reaches_everyone_once_as_sent(chat):
    alice, _bob = chat
    content = 'line\nfeed \u2028 \x00 \U0001f600 \\ " </ \x7f'
    alice.say(content)
    for peer in chat:
        message = peer.read()
        assert (message["type"], message["username"], message["content"]) == ("message", "Alice", content)
        assert peer.read_until_fence() == []


def test_a_private_message_reaches_its_target_and_is_confirmed(server, join, chat):
    alice, bob = chat
    carol = join(server, "Carol")
    alice.read(), bob.read()
    alice.send({"type": "private_message", "target": "Bob", "content": "hush"})
    assert bob.read().items() >= {"type": "private_message", "sender": "Alice", "content": "hush"}.items()
    assert alice.read().items() >= {"type": "private_confirmation", "target": "Bob", "delivered": True}.items()
    assert carol.read_until_fence() == []


def test_one_may_be_ones_own_target(chat):
    alice, _ = chat
    alice.send({"type": "private_message", "target": "Alice", "content": "note"})
    assert {message["type"] for message in alice.read_many(2)} == {"private_message", "private_confirmation"}


def test_a_private_message_to_nobody_is_said_to_be_undelivered(chat):
    alice, _ = chat
    alice.send({"type": "private_message", "target": "bob", "content": "hush"})
    answer = alice.read()
    assert (answer["delivered"], answer["reason"], answer["content"]) == (False, "User not found", "hush")


def test_order_is_kept_between_public_and_private_messages(chat):
    alice, bob = chat
    sent = [("message" if n % 3 else "private_message", str(n)) for n in range(300)]
    alice.send(*({"type": kind, "target": "Bob", "content": content} for kind, content in sent))
    assert [(message["type"], message["content"]) for message in bob.read_many(300)] == sent


def test_a_taken_name_is_refused_and_the_connection_goes_on(server, connect, chat):
    late = connect(server)
    late.send({"type": "join", "username": "Alice"})
    assert late.read() == {"type": "error", "message": "Username already taken", "code": "username_taken"}
    late.join("alice")
    assert chat[0].read()["message"] == "alice joined the chat"


@pytest.mark.parametrize(
    ("frame", "code"),
    [
        (b"not json", "malformed_json"),
        (b"[1]", "invalid_message"),
        (b'{"type":"message","content":"early"}', "not_joined"),
        (b'{"type":"join","username":" x"}', "username_invalid"),
        (b'{"type":"join","username":7}', "invalid_message"),
        (b'{"type":"system","message":"fake"}', "unknown_type"),
        (b"x" * 1025, "frame_too_long"),
    ],
)
def test_a_bad_frame_gets_one_error_that_says_why(server, connect, frame, code):
    peer = connect(server)
    peer.send_bytes(frame + b"\n")
    answer = peer.read()
    assert (answer["type"], answer["code"]) == ("error", code)
    peer.join("Alice")


def test_a_second_join_is_refused_and_changes_nothing(server, chat):
    alice, bob = chat
    alice.send({"type": "join", "username": "Alan"})
    assert alice.read()["code"] == "already_joined"
    assert [info.username for info in server.list_clients()] == ["Alice", "Bob"]
    assert bob.read_until_fence() == []


def test_of_joins_at_the_same_time_exactly_one_succeeds(server, connect):
    peers = [connect(server) for _ in range(20)]
    ready = threading.Barrier(len(peers))

    def race(peer):
        ready.wait()
        peer.send({"type": "join", "username": "Only"})

    racers = [threading.Thread(target=race, args=(peer,)) for peer in peers]
    for racer in racers:
        racer.start()
    for racer in racers:
        racer.join()
    answers = [peer.read() for peer in peers]
    assert [answer["type"] for answer in answers].count("system") == 1
    assert [answer.get("code") for answer in answers].count("username_taken") == 19


def test_an_end_is_told_once_after_what_was_sent_before_it_and_the_sender_gets_its_answers(chat):
    alice, bob = chat
    alice.say("last words")
    alice.socket.shutdown(socket.SHUT_WR)
    assert [alice.read()["type"], alice.is_at_end()] == ["message", True]
    assert [message.get("content") or message["message"] for message in bob.read_many(2)] == [
        "last words",
        "Alice left the chat",
    ]
    assert bob.read_until_fence() == []


def test_a_reset_is_told_and_the_name_is_free(server, join, chat):
    alice, bob = chat
    alice.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    alice.close()
    assert bob.read()["message"] == "Alice left the chat"
    join(server, "Alice")


def test_the_end_of_a_connection_that_never_joined_is_told_to_nobody(server, connect, chat):
    events = server.subscribe(EventKind.DISCONNECTED)
    connect(server).close()
    assert events.drain(timeout=10)
    assert chat[0].read_until_fence() == []


def test_announcements_reach_everyone_joined(server, connect, chat):
    stranger = connect(server)
    server.send_server_message("tea is ready")
    for peer in chat:
        assert peer.read().items() >= {"type": "server", "message": "tea is ready"}.items()
    assert stranger.read_until_fence() == []


def test_an_announcement_that_does_not_fit_is_refused_with_its_excess(server):
    with pytest.raises(ValueError, match=r"1[0-9]{3} bytes too long"):
        server.send_server_message("é" * 4600)
    with pytest.raises(ValueError, match="at least one"):
        server.send_server_message("")


def test_a_message_of_the_servers_own_making_is_validated(server, chat):
    server.broadcast_message({"type": "system", "message": "welcome", "timestamp": "12:00:00"})
    assert chat[0].read()["message"] == "welcome"
    with pytest.raises(FrameRefused, match="timestamp"):
        server.broadcast_message({"type": "system", "message": "welcome", "timestamp": "noon"})


def test_the_original_view_of_the_clients(server, chat):
    alice, bob = chat
    assert [client["username"] for client in server.clients.values()] == ["Alice", "Bob"]
    assert [client["address"] for client in server.clients.values()] == [
        alice.socket.getsockname(),
        bob.socket.getsockname(),
    ]
    sockets = list(server.clients)
    server.handle_private_message(sockets[0], "Bob", "by hand")
    assert bob.read()["content"] == "by hand"
    server.disconnect_client(sockets[0])
    assert bob.read()["message"] == "Alice left the chat"
    with pytest.raises(KeyError):
        server.disconnect_client(sockets[0])


def test_a_user_can_be_disconnected_and_is_told(server, chat):
    alice, bob = chat
    assert server.disconnect_user("Alice")
    assert alice.read()["message"] == "The operator has disconnected you"
    assert alice.is_at_end()
    assert bob.read()["message"] == "Alice left the chat"
    assert not server.disconnect_user("Alice")


def test_stopping_tells_everyone_and_ends_every_stream_in_order(server, connect, chat):
    stranger = connect(server)
    assert stranger.read_until_fence() == []
    events = server.subscribe(EventKind.LEFT, EventKind.STOPPED)
    stopping = threading.Thread(target=server.stop_server)
    stopping.start()
    for peer in chat:
        assert peer.read()["type"] == "system"
        assert peer.is_at_end()
    assert stranger.is_at_end()
    for peer in (*chat, stranger):
        peer.close()
    stopping.join()
    assert not server.is_running
    assert [event.kind for event in events.drain()] == [EventKind.LEFT, EventKind.LEFT, EventKind.STOPPED]


def test_what_a_client_sends_while_the_server_stops_does_not_turn_the_end_into_a_reset(server, chat):
    alice, _ = chat
    stopping = threading.Thread(target=server.stop_server)
    stopping.start()
    while not alice.is_at_end():
        alice.say("still here")
    alice.say("and here")  # the server still reads: no reset
    alice.close()
    stopping.join()


def test_members_that_clients_add_are_not_passed_on(server, connect, chat):
    alice, bob = chat
    extra = {"id": 7, "username": "Mallory", "timestamp": "never", "more": {"type": "server"}}
    alice.send({"type": "message", "content": "hi", **extra})
    alice.send({"type": "private_message", "target": "Bob", "content": "hi", **extra})
    connect(server).send({"type": "join", **extra, "username": "Carol"})
    messages = [*alice.read_many(3), *bob.read_many(3)]
    assert {message["type"] for message in messages} == {
        "message",
        "private_message",
        "private_confirmation",
        "system",
    }
    for message in messages:
        assert message.keys() <= {"type", *members_of(Direction.SERVER, message["type"]).definitions}
        assert "Mallory" not in message.values()


def test_it_can_be_started_again_on_the_same_port_at_once(server, join):
    join(server, "Alice")
    port = server.address[1]
    server.stop_server()
    again = ChatServer("127.0.0.1", port)
    again.start_server()
    try:
        join(again, "Alice")
    finally:
        again.stop_server()
    server.start_server()
    with pytest.raises(RuntimeError, match="running"):
        server.start_server()
    join(server, "Alice")


@pytest.mark.parametrize(
    ("host", "port", "words"), [("127.0.0.1", None, "already in use"), ("no.such.host.invalid", 1, "unknown")]
)
def test_an_address_that_cannot_be_had_is_explained_in_one_line(server, host, port, words):
    with pytest.raises(CannotListen, match=words) as refused:
        ChatServer(host, port or server.address[1]).start_server()
    assert "\n" not in str(refused.value)


def descriptor_count():
    return sum(1 for _ in Path("/proc/self/fd").iterdir())


def test_a_thousand_connections_that_come_and_go_leave_nothing(server):
    events = server.subscribe(EventKind.LEFT, EventKind.DISCONNECTED)
    threads, descriptors = threading.active_count(), descriptor_count()
    for number in range(1000):
        with socket.create_connection(server.address, timeout=10) as client:
            if number % 3 == 0:
                client.sendall(b'{"type":"join","username":"n%d"}\n' % number)
                client.recv(1)
            elif number % 3 == 1:
                client.sendall(b'{"type":')
            if number % 5 == 0:
                client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    gone = 0
    while gone < 1000:
        batch = events.drain(timeout=10)
        assert batch, f"{1000 - gone} connections are still there"
        gone += len(batch)
    # The moment when the last thread has cleaned up has no public sign.
    assert server._connections.wait_until_none(10)  # noqa: SLF001
    for thread in threading.enumerate():
        if "handle_client" in thread.name:
            thread.join(10)
    assert threading.active_count() == threads
    assert descriptor_count() == descriptors


def test_every_message_is_told_to_observers(server, chat):
    events = server.subscribe(EventKind.MESSAGE, EventKind.REFUSED)
    chat[0].say("hé\n")
    chat[0].send_bytes(b"nonsense\n")
    chat[0].read_many(2)
    told = events.drain(timeout=10)
    assert [(event.kind, event.username, event.code) for event in told] == [
        (EventKind.MESSAGE, "Alice", ""),
        (EventKind.REFUSED, "Alice", "malformed_json"),
    ]
    assert told[0].text == "hé\n"
    assert json.dumps(server.counters.as_dict())
