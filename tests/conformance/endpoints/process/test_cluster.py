"""Several processes that are one server: started and stopped together, and known by what each of them does."""

import shlex
import socket
import subprocess
import sys

import pytest

from chatproof_common.system.sockets import accepts
from chatproof_conformance.apps.selftest.implementations import ENGINE
from chatproof_conformance.core.outcomes import TargetGone
from chatproof_conformance.endpoints.process import acquaintance
from chatproof_conformance.endpoints.process.acquaintance import require_one_chat
from chatproof_conformance.endpoints.process.cluster import Cluster
from support.commands import command, running
from support.workshop import cluster_of

NODE = cluster_of("cluster").command
SECONDS = 5.0
WRITES_ITS_NUMBER = """
import pathlib, socket, sys
port, node, shared = sys.argv[1:]
pathlib.Path(shared, node).write_text(port)
server = socket.create_server(("127.0.0.1", int(port)))
if node == "2":
    raise SystemExit("no license for a second node")
while True:
    server.accept()[0].recv(1)
"""


@pytest.fixture
def cluster():
    made = Cluster(NODE, "stdin", 2, engine=ENGINE)
    yield made
    made.kill()


def test_nodes_start_as_one_chat_and_stop_together(cluster):
    assert cluster.start() == cluster.address
    assert len(set(cluster.addresses)) == 2
    assert all(accepts(address, SECONDS) for address in cluster.addresses)
    assert (cluster.exit_reason(), cluster.started_by_us, cluster.can_announce) == (None, True, True)
    assert cluster.stop() == 0
    assert cluster.asked_to_stop.count("SIGTERM was sent to") == 2
    assert not any(accepts(address, 0.2) for address in cluster.addresses)


def test_each_announcement_is_made_at_another_node_and_reaches_all(cluster):
    cluster.start()
    with socket.create_connection(cluster.addresses[1], SECONDS) as one, one.makefile("rb") as lines:
        one.sendall(b'{"type":"join","username":"ann"}\n')
        assert b"ann joined" in lines.readline()
        for text in ("first", "second"):
            cluster.announce(text)
            while b"probe" in (line := lines.readline()):  # they leave
                pass
            assert text.encode() in line


def test_a_node_that_dies_is_named(cluster):
    cluster.start()
    subprocess.run(["kill", "-9", str(cluster.nodes[1]._process.pid)], check=True)  # noqa: SLF001  as a crash does
    assert cluster.nodes[1].wait_for_exit(SECONDS) is not None
    assert cluster.exit_reason().startswith("node 2: the server's process ended with signal SIGKILL")


def test_the_same_again_has_the_same_addresses_and_another_folder(cluster):
    cluster.start()
    assert cluster.ask_to_stop()
    assert cluster.wait_for_exit(SECONDS) == 0
    again = cluster.again()
    try:
        assert not accepts(cluster.engine.address, 0.2), "what they shared ends with them"
        assert not cluster._folder.path.exists()  # noqa: SLF001  what stands for {shared}
        again.start()
        assert again.addresses == cluster.addresses
    finally:
        again.kill()


def test_a_node_is_paused_ended_and_started(cluster):
    cluster.start()
    second = cluster.nodes[1]
    assert second.pause()
    with socket.create_connection(second.address, 1.0) as one:
        one.settimeout(0.3)
        one.sendall(b"no JSON\n")
        with pytest.raises(TimeoutError):
            one.recv(1)
        second.resume()
        one.settimeout(SECONDS)
        assert one.recv(1) == b"{"
    second.kill()
    assert not accepts(second.address, 0.2)
    assert second.start_once_more() == cluster.addresses[1]
    require_one_chat(cluster.addresses)


def test_what_a_node_is_told(tmp_path):
    program = tmp_path / "node.py"
    program.write_text(WRITES_ITS_NUMBER)
    cluster = Cluster(shlex.join([sys.executable, str(program), "{port}", "{node}", "{shared}"]), None, 2)
    shared = cluster._folder.path  # noqa: SLF001  what stands for {shared}
    with pytest.raises(TargetGone) as gone:
        cluster.start()
    address = f"127.0.0.1:{cluster.addresses[1][1]}"
    assert str(gone.value).startswith(f"node 2 ({address}): the command ended with exit status 1 ")
    assert "no license for a second node" in str(gone.value)
    assert not shared.exists()
    assert not accepts(cluster.address, 0.2), "the other node is ended, too"


def test_an_engine_is_started_before_the_nodes_and_ends_with_them(cluster):
    cluster.start()
    assert accepts(cluster.engine.address, SECONDS)
    cluster.stop()
    assert not accepts(cluster.engine.address, 0.2)


def test_an_engine_that_dies_is_named(cluster):
    cluster.start()
    subprocess.run(["kill", "-9", str(cluster.engine._process.pid)], check=True)  # noqa: SLF001  as a crash does
    assert cluster.engine.wait_for_exit(SECONDS) is not None
    assert cluster.exit_reason().startswith("the engine: the server's process ended with signal SIGKILL")


@pytest.mark.parametrize(
    ("engine", "reason"),
    [
        ("no-such-engine {port}", "the command cannot be run: No such file or directory: no-such-engine"),
        (
            shlex.join([sys.executable, "-c", "print('out of memory')", "{port}"]),
            "have that stay in the foreground; it printed: out of memory",
        ),
    ],
)
def test_an_engine_that_does_not_listen_is_named(engine, reason):
    cluster = Cluster(NODE, None, 2, engine=engine)
    with pytest.raises(TargetGone) as gone:
        cluster.start()
    assert str(gone.value).startswith(f"the engine (127.0.0.1:{cluster.engine.address[1]}): ")
    assert reason in str(gone.value)
    assert not any(accepts(address, 0.2) for address in cluster.addresses)


def test_nodes_that_do_not_know_each_other_are_told_so(monkeypatch):
    monkeypatch.setattr(acquaintance, "_KNOWN_SECONDS", 1.0)
    cluster = Cluster(command("baseline"), None, 2)
    with pytest.raises(TargetGone) as gone:
        cluster.start()
    assert "do not know each other: who joins at one hears nothing of who joins and speaks at the other" in str(
        gone.value
    )


def test_a_node_that_lets_nobody_join_is_named():
    with running("baseline") as address, socket.create_server(("127.0.0.1", 0)) as silent:
        host, _, port = address.rpartition(":")
        with pytest.raises(TargetGone, match=r"node 2 \(127.0.0.1:\d+\) lets nobody join for 1 seconds, although"):
            require_one_chat([(host, int(port)), silent.getsockname()], 1.0)


def test_if_nobody_can_join_anywhere_the_check_says_why():
    with socket.create_server(("127.0.0.1", 0)) as one, socket.create_server(("127.0.0.1", 0)) as other:
        require_one_chat([one.getsockname(), other.getsockname()], 0.6)
