"""Two nodes are one chat, whatever addresses its clients use."""

import threading

import pytest

pytestmark = pytest.mark.needs("redis-server")

LATE = 20.0


def said(messages):
    return [message["content"] for message in messages if message["type"] == "message"]


@pytest.fixture
def pair(nodes, join):
    """Two joined peers at two nodes, whose notices have been read; and the nodes."""
    one, other = nodes()
    alice, bob = join(one, "Alice"), join(other, "Bob")
    assert alice.read()["message"] == "Bob joined the chat"
    return alice, bob, one, other


def test_public_messages_and_private_ones_cross_nodes(pair):
    alice, bob, _, _ = pair
    alice.say("to all: ü \n \U0001f600")
    assert alice.read() == bob.read()
    bob.send({"type": "private_message", "target": "Alice", "content": "psst\t"})
    confirmation, message = bob.read(), alice.read()
    assert (confirmation["type"], confirmation["delivered"]) == ("private_confirmation", True)
    assert (message["type"], message["sender"], message["content"]) == ("private_message", "Bob", "psst\t")
    bob.send({"type": "private_message", "target": "Carol", "content": "?"})
    assert bob.read()["reason"] == "User not found"


def test_a_name_is_taken_everywhere_and_free_everywhere_after_the_notice(pair, connect, join):
    alice, bob, one, other = pair
    rival = connect(other)
    rival.send({"type": "join", "username": "Alice"})
    assert rival.read()["code"] == "username_taken"
    alice.close()
    assert bob.read()["message"] == "Alice left the chat"
    rival.send({"type": "join", "username": "Alice"})
    assert rival.read()["message"] == "Alice joined the chat"
    connect(one).send({"type": "join", "username": "alice"})
    assert bob.read_many(2)[1]["message"] == "alice joined the chat"


def test_of_two_that_join_under_one_name_at_once_exactly_one_succeeds(nodes, connect):
    rivals = [(connect(one), connect(other)) for one, other in [nodes()] for _ in range(20)]
    for number, both in enumerate(rivals):
        for rival in both:
            rival.send({"type": "join", "username": f"user{number}"}, {"type": "fence"})
    for both in rivals:
        outcomes = []
        for rival in both:
            first = rival.read()
            outcomes.append(first.get("code") or "joined")
        assert sorted(outcomes) == ["joined", "username_taken"]


def test_all_get_one_order_whoever_says_what_where(nodes, join):
    servers = nodes(3)
    peers = [join(servers[number % 3], f"user{number}") for number in range(9)]
    for number, peer in enumerate(peers):
        peer.read_many(8 - number)

    def talk(peer, number):
        for count in range(50):
            peer.say(f"{number}:{count}")

    threads = [threading.Thread(target=talk, args=(peer, number)) for number, peer in enumerate(peers)]
    for thread in threads:
        thread.start()
    orders = [said(peer.read_many(450)) for peer in peers]
    for thread in threads:
        thread.join()
    assert all(order == orders[0] for order in orders)
    for number in range(9):
        assert [text for text in orders[0] if text.startswith(f"{number}:")] == [f"{number}:{n}" for n in range(50)]


def test_answers_of_one_connection_keep_the_order_of_its_frames(nodes, connect):
    (node,) = nodes(1)
    peer = connect(node)
    private = {"type": "private_message", "target": "Alice", "content": "me"}
    message = {"type": "message", "content": "hi"}
    bad, join = {"type": "fence"}, {"type": "join", "username": "Alice"}
    peer.send(message, join, message, bad, private, join, private, message, bad)
    kinds = [received.get("code") or received["type"] for received in peer.read_many(11)]
    private_pair = ["private_message", "private_confirmation"]
    expected = ["not_joined", "system", "message", "unknown_type", *private_pair, "already_joined"]
    assert kinds == [*expected, *private_pair, "message", "unknown_type"]


def test_what_a_client_sent_before_it_went_takes_effect_before_its_leave(pair):
    alice, bob, _, _ = pair
    alice.send(*({"type": "message", "content": str(number)} for number in range(100)))
    alice.close()
    received = bob.read_many(101)
    assert said(received) == [str(number) for number in range(100)]
    assert received[-1]["message"] == "Alice left the chat"


def test_one_that_goes_before_it_knows_whether_it_has_joined_leaves_its_name_free(nodes, join, connect):
    one, other = nodes()
    witness = join(one, "Witness")
    for number in range(10):
        peer = connect(other)
        peer.send({"type": "join", "username": f"hasty{number}"})
        peer.close()
        assert [message["message"] for message in witness.read_many(2)] == [
            f"hasty{number} joined the chat",
            f"hasty{number} left the chat",
        ]
        join(other, f"hasty{number}")
        witness.read()


def test_the_operator_of_one_node_speaks_to_the_users_of_all(pair):
    alice, bob, one, other = pair
    one.send_server_message("ready?")
    assert alice.read() == bob.read()
    other.broadcast_message({"timestamp": "01:02:03", "type": "system", "message": "by hand"})
    assert alice.read() == bob.read() == {"timestamp": "01:02:03", "type": "system", "message": "by hand"}
    with pytest.raises(ValueError, match="at least one character"):
        one.send_server_message("")


def test_the_operator_ends_a_connection_of_his_own_node(pair):
    alice, bob, one, other = pair
    assert not other.disconnect_user("Alice")
    assert one.disconnect_user("Alice")
    assert "disconnected" in alice.read()["message"]
    assert alice.is_at_end()
    assert bob.read()["message"] == "Alice left the chat"


def test_each_node_has_its_own_bound_of_clients(nodes, join, connect):
    one, other = nodes(max_clients=1)
    join(one, "Alice")
    late = connect(one)
    late.send({"type": "join", "username": "Bob"})
    assert late.read()["code"] == "server_full"
    assert late.is_at_end()
    join(other, "Bob")


def test_a_node_that_stops_in_order_takes_its_users_with_it_at_once(pair, nodes, join):
    alice, bob, one, _ = pair
    alice.say("last words")
    alice.read()
    one.stop_server()
    assert alice.read()["message"] == "The server is stopping"
    assert alice.is_at_end()
    assert [bob.read().get(member) for member in ("content", "message")] == ["last words", "Alice left the chat"]
    (third,) = nodes(1)
    join(third, "Alice")
    assert bob.read()["message"] == "Alice joined the chat"


def test_a_node_that_starts_later_knows_who_is_there(pair, nodes, connect):
    (third,) = nodes(1)
    rival = connect(third)
    rival.send({"type": "join", "username": "Bob"})
    assert rival.read()["code"] == "username_taken"


def test_a_node_can_be_started_again(nodes, join):
    (node,) = nodes(1)
    join(node, "Alice")
    node.stop_server()
    node.start_server()
    join(node, "Alice")


def test_chats_of_other_names_at_the_same_engine_are_apart(nodes, shared_engine, start, join):
    (node,) = nodes(1)
    alone = start(cluster=shared_engine.url, cluster_chat="another")
    join(node, "Alice")
    join(alone, "Alice")


def test_many_flood_and_nobody_misses_anything(nodes, join):
    one, other = nodes()
    flooders = [join(node, name) for node, name in ((one, "A"), (other, "B"))]
    witness = join(other, "Witness")
    frames = b"".join(b'{"type":"message","content":"%d %s"}\n' % (number, b"x" * 200) for number in range(2000))
    threads = [threading.Thread(target=flooder.send_bytes, args=(frames,)) for flooder in flooders]
    drains = [threading.Thread(target=flooder.file.read, args=(1,)) for flooder in flooders]
    for thread in (*threads, *drains):
        thread.start()
    contents = {"A": [], "B": []}
    for message in witness.read_many(4000):
        contents[message["username"]].append(int(message["content"].split()[0]))
    for thread in (*threads, *drains):
        thread.join(LATE)
    assert contents["A"] == contents["B"] == list(range(2000))
