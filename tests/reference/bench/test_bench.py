import argparse
import json
import sys
import xml.etree.ElementTree as ET

import pytest

from chatproof_reference.bench.dialects import CHAT
from chatproof_reference.bench.load import Load
from chatproof_reference.bench.report import verdict
from chatproof_reference.bench.scenario import Scenario
from chatproof_reference.bench.target import BUNDLED, TUTORIAL, Target
from chatproof_reference.commands.bench import COMMAND

FAULTY = """
import json, socket, sys, threading
fault, clients, lock, seen = sys.argv[2], [], threading.Lock(), [0]
def serve(client):
    for line in client.makefile("rb"):
        message = json.loads(line)
        with lock:
            if message["type"] == "join":
                clients.append(client)
                client.sendall(json.dumps({"message": message["username"] + " joined the chat"}).encode() + b"\\n")
                continue
            seen[0] += 1
            copies = {"drops": 0, "doubles": 2}.get(fault, 1) if seen[0] % 7 == 0 else 1
            for place, other in enumerate(clients):
                frame = json.dumps({"content": message["content"] + ("!" if fault == "differs" and place else "")})
                other.sendall(frame.encode() * copies + b"\\n" * bool(copies))
server = socket.create_server(("127.0.0.1", int(sys.argv[1])))
while True:
    threading.Thread(target=serve, args=(server.accept()[0],), daemon=True).start()
"""


def run(*arguments):
    parser = argparse.ArgumentParser()
    COMMAND.configure(parser)
    return COMMAND.run(parser.parse_args(arguments))


def test_the_bundled_server_delivers_everything_once_and_in_order(tmp_path, capsys):
    code = run("--quick", "--json", str(tmp_path / "b.json"), "--svg", str(tmp_path / "b.svg"))
    shown = capsys.readouterr().out
    assert code == 0, shown
    assert "all once and in order" in shown
    figures = json.loads((tmp_path / "b.json").read_text())
    assert all(result["deliveries"] > 0 for result in figures["servers"]["bundled server"])
    assert all(limit > 0 for limit in figures["generator_limit"].values())
    assert ET.parse(tmp_path / "b.svg").getroot().tag.endswith("svg")  # noqa: S314  made by ourselves


@pytest.mark.parametrize(("fault", "word"), [("drops", "missing"), ("doubles", "doubled"), ("differs", "differing")])
def test_wrong_deliveries_are_found(tmp_path, fault, word, monkeypatch):
    monkeypatch.setattr("chatproof_reference.bench.load._SETTLE_SECONDS", 1.0)
    program = tmp_path / "faulty.py"
    program.write_text(FAULTY)
    with Target((sys.executable, str(program), "{port}", fault)) as target:
        result = Load(target.address, CHAT, Scenario(4, 2, window=2, seconds=0.3)).run()
    assert not result.is_correct
    assert word in verdict(result)


def test_an_offered_load_is_offered():
    with Target(BUNDLED) as target:
        result = Load(target.address, CHAT, Scenario(5, 4, rate=200, seconds=1.0)).run()
    assert result.is_correct, verdict(result)
    assert 150 <= result.sent <= 210


def test_the_tutorial_server_that_we_compare_with_works():
    with Target(TUTORIAL) as target:
        assert Load(target.address, CHAT, Scenario(5, 4, window=2, seconds=0.3)).run().is_correct


@pytest.mark.parametrize("arguments", [["127.0.0.1:1", "--quick"], ["--command", "no-such-program {port}", "--quick"]])
def test_a_target_that_is_not_there_is_one_clear_line(arguments, capsys):
    assert run(*arguments) == 2
    error = capsys.readouterr().err
    assert error.startswith("Cannot measure: ")
    assert error.count("\n") == 1
