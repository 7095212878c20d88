import argparse
import json
import sys
import xml.etree.ElementTree as ET

import pytest

from chatproof_common.system.cores import allowed_cores
from chatproof_reference.bench.dialects import CHAT
from chatproof_reference.bench.generator import default_processes
from chatproof_reference.bench.load import Load
from chatproof_reference.bench.report import verdict
from chatproof_reference.bench.result import put_together
from chatproof_reference.bench.scenario import Scenario, share_out
from chatproof_reference.bench.target import BUNDLED, TUTORIAL, Target
from chatproof_reference.commands.bench import COMMAND

SERVER = """
import json, socket, sys, threading
way, clients, lock, seen = sys.argv[2], [], threading.Lock(), [0]
kept = []
def serve(client):
    for line in client.makefile("rb"):
        message = json.loads(line)
        with lock:
            if message["type"] == "join":
                clients.append(client)
                notice = {"type": "system", "message": message["username"] + " joined the chat"}
                client.sendall(json.dumps(notice).encode() + b"\\n")
                continue
            seen[0] += 1
            special = seen[0] % 7 == 0
            for place, other in enumerate(clients):
                told = {"content": message["content"], **({"place": place} if way == "differs" else {})}
                frame = json.dumps(told).encode() + b"\\n"
                if way == "swaps" and special:
                    kept.append((other, frame))
                    continue
                other.sendall(frame * ({"drops": 0, "doubles": 2}.get(way, 1) if special else 1))
                if way == "drops-at-one" and special and place == 2:
                    other.sendall(frame)
            if not special:
                while kept:
                    other, frame = kept.pop()
                    other.sendall(frame)
server = socket.create_server(("127.0.0.1", int(sys.argv[1])))
while True:
    threading.Thread(target=serve, args=(server.accept()[0],), daemon=True).start()
"""


@pytest.fixture
def start_server(tmp_path, monkeypatch):
    """Return the command line of a server that does wrong, or right in its own way."""
    monkeypatch.setattr("chatproof_reference.bench.client.PATIENCE_SECONDS", 1.0)
    program = tmp_path / "server.py"
    program.write_text(SERVER)
    return lambda way: (sys.executable, str(program), "{port}", way)


def put_on(address, scenario, *, closely=False):
    """Put a load on from this process, where a test can change it."""
    load = Load((address,), CHAT, share_out(scenario, 1)[0], closely=closely)
    load.enter()
    load.settle()
    seen = load.finish(load.send())
    load.close()
    return put_together(scenario, [seen], read_closely=closely)


def run(*arguments):
    parser = argparse.ArgumentParser()
    COMMAND.configure(parser)
    return COMMAND.run(parser.parse_args(arguments))


@pytest.mark.long("measures, for as long as that takes")
def test_the_bundled_server_delivers_everything_once_and_in_order(tmp_path, capsys):
    code = run("--quick", "--json", str(tmp_path / "b.json"), "--svg", str(tmp_path / "b.svg"))
    shown = capsys.readouterr().out
    assert code == 0, shown
    assert "all once and in order" in shown
    figures = json.loads((tmp_path / "b.json").read_text())
    one_at_a_time, together = figures["servers"]["bundled server"]
    assert one_at_a_time["deliveries"] > 0
    assert together["deliveries"] > 0
    assert one_at_a_time["server_cores"] == max(0, len(allowed_cores()) - default_processes())
    assert together["server_cores"] == 0  # how much it delivers is the question: it may use all
    assert all(limit > 0 for limit in figures["generator_limit"].values())
    assert ET.parse(tmp_path / "b.svg").getroot().tag.endswith("svg")  # noqa: S314  made by ourselves


@pytest.mark.long("measures, with several processes")
def test_several_processes_put_the_load_on_together(tmp_path, capsys):
    assert (
        run("--processes", "2", "--scenario", "clients=20,senders=18,seconds=0.3", "--json", str(tmp_path / "b")) == 0
    )
    result = json.loads((tmp_path / "b").read_text())["servers"]["bundled server"][0]
    assert result["deliveries"] == result["sent"] * 20 > 0
    assert "2 processes" in capsys.readouterr().out


@pytest.mark.parametrize("closely", [False, True])
@pytest.mark.parametrize(
    ("way", "word"),
    [("drops", "missing"), ("doubles", "doubled"), ("swaps", "reordered"), ("drops-at-one", "doubled")],
)
def test_wrong_deliveries_are_found(start_server, way, word, closely):
    with Target(start_server(way)) as target:
        result = put_on(target.address, Scenario(4, 2, window=8, seconds=0.3), closely=closely)
    assert not result.is_correct
    assert word in verdict(result)


def test_a_server_that_tells_each_client_in_other_bytes_is_read_closely_instead_of_being_failed(
    start_server, tmp_path, capsys
):
    command = " ".join(start_server("differs"))
    file = tmp_path / "b.json"
    code = run("--command", command, "--scenario", "clients=4,senders=2,seconds=0.3", "--json", str(file))
    assert code == 0
    result = json.loads(file.read_text())["servers"][command][0]
    assert result["differing"] == 3
    assert result["read_closely"]
    assert "read closely" in capsys.readouterr().out


def test_a_server_that_lets_too_few_in_is_explained(capsys):
    server = f"{sys.executable} -m chatproof_common.command_line.main server --headless --max-clients 5 --port {{port}}"
    assert run("--command", server, "--scenario", "clients=10,senders=1") == 2
    assert "server_full" in capsys.readouterr().err


def test_an_offered_load_is_offered():
    with Target(BUNDLED) as target:
        result = put_on(target.address, Scenario(5, 4, rate=200, seconds=1.0))
    assert result.is_correct, verdict(result)
    assert 150 <= result.sent <= 210


def test_stopped_readers_and_floods_are_part_of_a_load(capsys):
    assert run("--scenario", "clients=6,senders=2,rate=50,stalled=2,flooders=1,seconds=0.3") == 0
    shown = capsys.readouterr().out
    assert "of 2 stopped readers were dropped" in shown
    assert "MiB" in shown


def test_spellings_are_compared_with_the_compact_one(capsys):
    load = "clients=4,senders=2,seconds=0.2"
    assert run("--scenario", load, "--scenario", f"{load},spelling=extended") == 0
    assert "4 clients, 2 sending, window 32, extended: " in capsys.readouterr().out


def test_the_tutorial_server_that_we_compare_with_works():
    with Target(TUTORIAL) as target:
        assert put_on(target.address, Scenario(5, 4, window=2, seconds=0.3)).is_correct


@pytest.mark.parametrize(
    "arguments",
    [
        ["127.0.0.1:1", "--quick"],
        ["--command", "no-such-program {port}", "--quick"],
        ["--quick", "--json", "/no/such/folder/bench.json"],
        ["--scenario", "clients=100000000,senders=1"],
    ],
)
def test_what_cannot_be_measured_is_one_clear_line(arguments, capsys):
    assert run(*arguments) == 2
    error = capsys.readouterr().err
    assert error.startswith("Cannot measure: ")
    assert error.count("\n") == 1


@pytest.mark.parametrize(
    ("arguments", "word"),
    [
        (["localhost"], "HOST:PORT"),
        (["localhost:70000"], "65535"),
        (["--command", "./server 1234"], "{port}"),
        (["--command", "./server '{port}"], "command line"),
        (["--processes", "0"], "1 to 64"),
        (["--scenario", "clients=10"], "senders"),
        (["--scenario", "clients=10,senders=x"], "expected a number"),
        (["--scenario", "clients=10,senders=10"], "at most 9"),
        (["--scenario", "clients=10,senders=1,seconds=0"], "seconds"),
        (["--scenario", "client=10"], "no part of a scenario"),
        (["--scenario", "clients=10,senders=1,spelling=odd"], "compact, spaced"),
    ],
)
def test_wrong_arguments_are_explained(arguments, word, capsys):
    with pytest.raises(SystemExit) as ended:
        run(*arguments)
    assert ended.value.code == 2
    assert word in capsys.readouterr().err
