"""The compose file of a cluster without containers: what it says is valid, and its balancer works with real nodes."""

import socket
import subprocess
import sys
import time

import pytest
import yaml

from chatproof_common.command_line.main import build_parser, find_commands
from chatproof_common.system.ports import free_port
from support.paths import ROOT
from support.redis_server import RedisServer, pause, resume

FOLDER = ROOT / "distribution" / "cluster"
SERVICES = yaml.safe_load((FOLDER / "compose.yaml").read_text("utf-8"))["services"]
NODES = ("one", "other")
COMMAND = [sys.executable, "-m", "chatproof_common.command_line.main"]


def test_the_compose_file_is_valid_and_starts_nodes_that_share_a_chat():
    path = FOLDER / "compose.yaml"
    words = [sys.executable, "-m", "check_jsonschema", "--builtin-schema", "vendor.compose-spec", path]
    done = subprocess.run(words, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout
    for name in NODES:
        node = build_parser(find_commands()).parse_args(SERVICES[name]["command"])
        assert (node.headless, node.host, node.port) == (True, "0.0.0.0", 12345)
        assert node.cluster == "redis://engine:6379"
        assert node.max_per_address == node.max_unjoined_per_address == node.max_connections
        assert SERVICES[name]["pids_limit"] > node.max_connections
        assert int(SERVICES[name]["stop_grace_period"].removesuffix("s")) > node.stop_seconds
    assert SERVICES["engine"]["command"][-2:] == ["--maxmemory-policy", "noeviction"]


@pytest.fixture
def cluster(tmp_path):
    """The engine, the nodes and the balancer, as the compose file has them; all end with the test."""
    engine = RedisServer(tmp_path, *SERVICES["engine"]["command"][1:])
    processes = []
    try:
        text = (FOLDER / "haproxy.cfg").read_text("utf-8")
        port = free_port()
        text = text.replace("bind :12345", f"bind 127.0.0.1:{port}").replace("inter 2s", "inter 100ms")
        for name in NODES:
            place = free_port()
            words = [word.replace("redis://engine:6379", engine.url) for word in SERVICES[name]["command"]]
            words += ["--host=127.0.0.1", f"--port={place}", "--cluster-lease=1", "--cluster-bound=3"]
            processes.append(subprocess.Popen([*COMMAND, *words], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE))
            processes[-1].stdout.readline()
            text = text.replace(f"{name}:12345", f"127.0.0.1:{place}")
        config = tmp_path / "haproxy.cfg"
        config.write_text(text, "utf-8")
        subprocess.run(["haproxy", "-c", "-f", config], check=True, capture_output=True)
        balancer = subprocess.Popen(
            ["haproxy", "-db", "-f", config], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )
        processes.append(balancer)
        yield port, processes[0]
    finally:
        for process in processes:
            resume(process)
            process.kill()
            process.wait()
            if process.stdout:
                process.stdout.close()
        engine.stop()


def join(port, name):
    """Join by the balancer, as soon as it lets us; return the connection as a file."""
    deadline = time.monotonic() + 20
    while time.monotonic() < deadline:
        try:
            with socket.create_connection(("127.0.0.1", port), timeout=20) as connection:
                connection.sendall(b'{"type":"join","username":"%b"}\n' % name)
                file = connection.makefile("rwb", buffering=0)
                if b"joined" in file.readline():
                    return file
        except ConnectionError:
            pass
        time.sleep(0.1)
    raise AssertionError("the balancer lets nobody in")


@pytest.mark.needs("haproxy", "redis-server")
def test_the_balancer_spreads_clients_and_leaves_a_silent_node_out(cluster):
    port, one = cluster
    alice, bob = join(port, b"Alice"), join(port, b"Bob")
    assert b"Bob joined" in alice.readline()
    bob.write(b'{"type":"message","content":"hi"}\n')
    assert alice.readline() == bob.readline()
    pause(one)  # one of them was there: both nodes had the fewest connections in turn
    ended = {b"": 0, b"left": 0}
    for file in (alice, bob):
        line = file.readline()
        ended[b"left" if b"left the chat" in line else line] += 1
    assert ended == {b"": 1, b"left": 1}
    carol = join(port, b"Carol")
    carol.write(b'{"type":"message","content":"still here"}\n')
    assert b"still here" in carol.readline()
    resume(one)
