"""What Prometheus is shown of a server, read by the parser of its own library."""

import re
import subprocess
import sys
import urllib.request

import pytest
from prometheus_client.parser import text_string_to_metric_families

from chatproof_reference.server.metrics import Metrics, ServerCollector
from support.paths import ROOT

COMMAND = [sys.executable, "-m", "chatproof_common.command_line.main", "server", "--headless", "--port", "0"]


def read(port):
    """Return the samples by their names, with their labels' values behind."""
    with urllib.request.urlopen(f"http://127.0.0.1:{port}/metrics", timeout=10) as answer:
        text = answer.read().decode()
    families = text_string_to_metric_families(text)
    return {
        " ".join((sample.name, *sample.labels.values())): sample.value
        for family in families
        for sample in family.samples
    }


@pytest.fixture
def metrics():
    shown = []

    def show(server):
        shown.append(Metrics(server, "127.0.0.1", 0))
        return shown[-1].port

    yield show
    for one in shown:
        one.close()


def test_a_server_shows_what_it_has_counted(server, chat, connect, metrics):
    alice, bob = chat
    port = metrics(server)
    alice.say("one")
    alice.send({"type": "private_message", "target": "Bob", "content": "two"}, {"type": "fence"})
    alice.read_many(3)
    bob.read_many(2)
    connect(server).send_bytes(b"{}\n")
    seen = read(port)
    expected = {
        "chatproof_connections": 3,
        "chatproof_users": 2,
        "chatproof_accepted_total": 3,
        "chatproof_joins_total": 2,
        "chatproof_messages_total public": 1,
        "chatproof_messages_total private": 1,
        "chatproof_refused_frames_total unknown_type": 1,
    }
    assert expected.items() <= seen.items()
    assert seen["chatproof_deliveries_total"] >= 8
    alice.close()
    bob.read()
    assert read(port)["chatproof_ended_total it ended the connection"] == 1
    assert not any("cluster" in name for name in seen)


def test_every_metric_is_documented(server):
    page = (ROOT / "docs" / "server.md").read_text("utf-8")
    names = {f"{family.name}{'_total' * (family.type == 'counter')}" for family in ServerCollector(server).collect()}
    assert names == {name for name in re.findall(r"`(chatproof_\w+)`", page) if "cluster" not in name}


def test_a_server_that_is_stopped_shows_that_nobody_is_there(server, join, metrics):
    join(server, "Alice")
    port = metrics(server)
    server.stop_server()
    seen = read(port)
    assert (seen["chatproof_users"], seen["chatproof_connections"], seen["chatproof_joins_total"]) == (0, 0, 1)


def test_the_command_says_where_they_are_and_that_a_port_is_taken():
    with subprocess.Popen(
        [*COMMAND, "--metrics", "0"], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE
    ) as process:
        try:
            assert process.stdout.readline().startswith(b"Listening on ")
            place = process.stderr.readline().decode().strip()
            assert place.startswith("Metrics on http://127.0.0.1:")
            port = place.rpartition(":")[2].removesuffix("/metrics")
            assert read(port)["chatproof_connections"] == 0
            second = subprocess.run(
                [*COMMAND, "--metrics", port], stdin=subprocess.DEVNULL, capture_output=True, check=False, timeout=30
            )
        finally:
            process.terminate()
        assert process.wait(10) == 0
    assert second.returncode == 2
    assert second.stderr.decode().strip() == f"Cannot show metrics on 127.0.0.1:{port}: Address already in use"


def test_without_the_extra_the_error_names_it():
    code = (
        "import sys; sys.modules['prometheus_client'] = None; from chatproof_common.command_line.main import main; "
        "sys.argv[1:] = ['server', '--headless', '--metrics', '0']; sys.exit(main())"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False, timeout=30)
    assert done.returncode == 2
    assert "--metrics needs pip install 'chatproof[metrics]'" in done.stderr
