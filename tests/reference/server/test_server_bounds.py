import threading

import pytest

from chatproof_reference.server import EventKind, ServerOptions
from chatproof_schemas import SERVER_FRAME_BYTES, vectors

CLIENT_VECTORS = [vector for vector in vectors() if vector.direction.value == "client"]


def test_every_vector_is_survived_and_answered_where_it_must_be(server, join):
    peer = join(server, "Alice")
    for vector in CLIENT_VECTORS:
        peer.send_bytes(vector.frame + b"\n")
        peer.send({"type": "private_message", "target": "-", "content": "fence"})
        answers = []
        while (answer := peer.read()).get("target") != "-":
            answers.append(answer)
        assert len(answers) == bool(vector.frame.strip(b" \t\r\n")), vector.id
        refused = [answer["code"] for answer in answers if answer["type"] == "error"]
        verdicts = {verdict.value for verdict in vector.verdicts}
        if verdicts == {"valid"}:
            assert set(refused) <= {"already_joined"}, vector.id
        elif "valid" not in verdicts:
            assert refused, vector.id
            assert refused[0] in vector.codes, vector.id


@pytest.mark.parametrize("filler", [b"\\u0001", b"\x7f", b"\\\\", "\U0001f600".encode(), b"\\u00ff"])
def test_the_longest_frames_come_back_within_the_limit(server, join, filler):
    alice = join(server, "\\" * 32)
    head = b'{"type":"private_message","target":"Z","content":"'
    content = filler * ((1024 - len(head) - 2) // len(filler))
    alice.send_bytes(head + content + b'"}\n')
    assert len(alice.line()) <= SERVER_FRAME_BYTES + 1
    alice.send_bytes(b'{"type":"' + filler * ((1024 - 11) // len(filler)) + b'"}\n')
    assert len(alice.line()) <= SERVER_FRAME_BYTES + 1


def flood_until(peer, done):
    """Say things until an event is told, reading one's own echoes: a client that reads is never dropped."""
    content, told = "x" * 900, []
    while not told:
        peer.send(*({"type": "message", "content": content} for _ in range(50)))
        peer.read_many(50)
        told = done.drain()
    return told


def test_a_client_that_stops_reading_is_dropped_at_its_bound_and_delays_nobody(start, join):
    server = start(outbox_bytes=200_000)
    stalled, alice = join(server, "Stalled"), join(server, "Alice")
    left = server.subscribe(EventKind.LEFT)
    told = flood_until(alice, left)
    assert [(event.username, event.text) for event in told] == [("Stalled", "it stopped reading")]
    assert server.counters.ended == {"it stopped reading": 1}
    alice.say("on we go")
    assert "on we go" in {alice.read().get("content") for _ in range(2)}
    stalled.close()


def test_a_burst_of_less_than_64_kib_does_not_cost_a_connection(start, join):
    server = start(outbox_bytes=65_536)
    alice, bob = join(server, "Alice"), join(server, "Bob")
    alice.read()
    hush = {"type": "private_message", "target": "Bob", "content": "x" * 900}
    sent = 0
    while not any(info.pending_bytes for info in server.list_clients()):  # the system's buffers are not full
        alice.send(hush)
        alice.read()
        sent += 1
    alice.send(*[hush] * 60)
    alice.read_many(60)
    assert {message["content"] for message in bob.read_many(sent + 60)} == {"x" * 900}


def test_the_defaults_are_within_the_bounds_of_the_specification():
    options = ServerOptions()
    assert min(options.join_seconds, options.half_frame_seconds) >= 10  # JOIN-12, LEAVE-7
    assert options.outbox_bytes >= 65_536  # LOAD-5
    assert options.stop_seconds <= 5  # STOP-1


def test_a_connection_that_does_not_join_in_time_is_ended(start, connect, join):
    server = start(join_seconds=0.2)
    assert connect(server).is_at_end()
    slow = connect(server)
    slow.send_bytes(b'{"type":"join"')
    assert slow.is_at_end()
    assert join(server, "Alice").read_until_fence() == []


def test_a_connection_that_sits_in_half_a_frame_is_ended(start, join):
    server = start(half_frame_seconds=0.2)
    alice, bob = join(server, "Alice"), join(server, "Bob")
    alice.send_bytes(b'{"type":')
    assert alice.read()["message"] == "Bob joined the chat"
    assert alice.is_at_end()
    assert bob.read()["message"] == "Alice left the chat"


def test_a_join_too_many_is_answered_and_ended_and_there_is_room_again_later(start, connect, join):
    server = start(max_clients=2)
    alice, _ = join(server, "Alice"), join(server, "Bob")
    late = connect(server)
    late.send({"type": "join", "username": "Carol"}, {"type": "join", "username": "Dave"})
    assert late.read()["code"] == "server_full"
    assert late.is_at_end()
    alice.read()
    left = server.subscribe(EventKind.LEFT)
    alice.close()
    assert left.drain(timeout=10)
    join(server, "Carol")


def test_a_connection_too_many_is_ended_without_a_word(start, connect, join):
    server = start(max_connections=2)
    first, _ = connect(server), join(server, "Alice")
    trouble = server.subscribe(EventKind.TROUBLE)
    assert connect(server).is_at_end()
    assert "too many connections" in trouble.drain(timeout=10)[0].text
    assert server.counters.turned_away == {"there are too many connections": 1}
    assert first.join("Bob")


def test_fifty_idle_or_half_done_connections_delay_nobody(server, connect, join):
    for number in range(50):
        connect(server).send_bytes(b'{"type":"jo' if number % 2 else b"")
    alice = join(server, "Alice")
    alice.say("quick")
    assert alice.read()["content"] == "quick"


def test_a_reader_that_stops_does_not_hold_up_a_stop(start, join):
    server = start(stop_seconds=0.6)
    stalled, alice = join(server, "Stalled"), join(server, "Alice")
    while not any(info.pending_bytes for info in server.list_clients()):
        alice.send(*({"type": "message", "content": "x" * 900} for _ in range(50)))
        alice.read_many(50)
    alice.close()
    stopping = threading.Thread(target=server.stop_server)
    stopping.start()
    stopping.join(10)
    assert not stopping.is_alive()
    stalled.close()


def test_a_thread_that_cannot_be_started_costs_one_connection(server, connect, join, monkeypatch):
    trouble = server.subscribe(EventKind.TROUBLE)
    with monkeypatch.context() as patched:

        def fail(_):
            raise RuntimeError("can't start new thread")

        patched.setattr(threading.Thread, "start", fail)
        assert connect(server).is_at_end()
    assert "can't start new thread" in trouble.drain(timeout=10)[0].text
    join(server, "Alice")


def test_where_reads_cannot_block_and_writes_not_the_server_serves_too(start, join, monkeypatch):
    """Windows has no MSG_DONTWAIT: the socket is non-blocking there, and a read waits first."""
    monkeypatch.setattr("chatproof_reference.server.sockets.DONT_WAIT", 0)
    server = start()
    alice, bob = join(server, "Alice"), join(server, "Bob")
    alice.read()
    alice.say("hi")
    assert alice.read()["content"] == bob.read()["content"] == "hi"


def test_a_slow_reader_under_a_flood_gets_everything(start, join):
    """What was accepted for a client that reads is delivered: the flood is slowed, not the reader dropped."""
    server = start(outbox_bytes=400_000)
    slow, flooder = join(server, "Slow"), join(server, "Flooder")
    count = 12_000
    content = "x" * 900

    def flood():
        for start_at in range(0, count, 50):
            flooder.send(*({"type": "message", "content": f"{n}:{content}"} for n in range(start_at, start_at + 50)))

    reading = threading.Thread(target=lambda: [flooder.line() for _ in range(count)])
    sending = threading.Thread(target=flood)
    reading.start(), sending.start()
    assert slow.read()["message"] == "Flooder joined the chat"
    for number in range(count):
        assert slow.read()["content"].partition(":")[0] == str(number)
    sending.join(), reading.join()


def test_a_flood_does_not_starve_the_others(server, join):
    flooder, alice = join(server, "Flooder"), join(server, "Alice")
    done = threading.Event()

    def flood():
        while not done.is_set():
            flooder.send(*({"type": "message", "content": "x" * 100} for _ in range(200)))

    def drain():
        while flooder.line():
            pass

    threads = [threading.Thread(target=flood), threading.Thread(target=drain)]
    for thread in threads:
        thread.start()
    for number in range(20):
        alice.send({"type": "private_message", "target": "Nobody", "content": str(number)})
        while (answer := alice.read())["type"] != "private_confirmation":
            pass
        assert answer["content"] == str(number)
    done.set()
    threads[0].join()
    server.disconnect_user("Flooder")
    threads[1].join()
