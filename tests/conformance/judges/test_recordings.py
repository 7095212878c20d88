"""Records made by each command: `validate` and the judges find the same wrong messages in them; `replay` reads them."""

import json
import socket

import pytest

from chatproof_conformance.core.verdicts import exit_code
from chatproof_conformance.judges.recordings import examine_recording, selected_rows
from chatproof_schemas.transcript import read_transcript
from support.commands import broken_client, chatproof, run_command, running, save
from support.recordings import frame, join
from support.tapping import connect, program, read_to_end

SAID = [
    join("ann"),
    frame(type="message", content="h\u00e9llo"),
    frame(type="private_message", target="ann", content="to myself"),
    frame(type="private_message", target="nobody", content="?"),
    frame(type="message", content=""),
    frame(type="message", content="x" * 2000),
    b'{"type":"message","content":"\\ud800"}\n',
    b"{bad}\n",
    join("x" * 33),
]
WRONG_FRAMES = 5
SERVERS = {"baseline": 0, "latin-1": 1, "notice-without-timestamp": 1, "two-on-a-line": 1}
"""With whether what it sends is wrong."""


def validated(path):
    """Return the lines at which `validate` finds an error, by direction."""
    code, text = chatproof("validate", path, "--format", "json", "--output", f"{path}.json")
    found = json.loads((path.parent / f"{path.name}.json").read_text("utf-8"))["findings"]
    errors = [one for one in found if one["level"] == "error"]
    assert code == bool(errors), text
    return tuple({one["line"] for one in errors if one["direction"] == side} for side in ("client", "server"))


def judged(path, *ids):
    """Return the lines at which the judge of recordings finds these broken; the first line is that of no event."""
    results = examine(path, *ids)
    return {int(one.case.removeprefix("event ")) + 1 for result in results for one in result.findings}


def examine(path, *ids):
    return examine_recording(read_transcript(path), selected_rows(ids)).judged


@pytest.mark.parametrize(("name", "is_wrong"), SERVERS.items())
def test_what_a_tap_records(name, is_wrong, tmp_path):
    path = tmp_path / "run.ndjson"
    with running(name) as place:
        with program(place, "--quiet", "--connections", 1, "--record", path) as tap:
            talk(tap.address)
            tap.ended()
        of_client, of_server = validated(path)
        assert of_client == judged(path, "CLIENT-2")
        assert of_server == judged(path, "FRAME-1", "FRAME-8")
        assert (len(of_client), bool(of_server)) == (WRONG_FRAMES, is_wrong)
        assert chatproof("replay", path, place)[0] == exit_code(examine(path), strict=False) == is_wrong


def talk(address):
    """Say everything, one thing after the other, and read what comes."""
    with connect(address) as client:
        for said in SAID:
            client.sendall(said)
            assert client.recv(65536)
        client.shutdown(socket.SHUT_WR)
        read_to_end(client)


def test_what_a_check_saves(tmp_path):
    path = save(tmp_path, "delivered-is-a-string", "FRAME-8")["FRAME-8"]
    of_client, of_server = validated(path)
    assert of_client == judged(path, "CLIENT-2")
    assert of_server == judged(path, "FRAME-1", "FRAME-8") != set()


def test_what_a_check_of_a_client_saves(tmp_path):
    fault = broken_client("joins-under-any-name")
    run_command("check-client", *fault, "CLIENT-1", "--budget", "0.1", "--save", "saved", folder=tmp_path)
    path = next((tmp_path / "saved").glob("CLIENT-1-*.ndjson"))
    of_client, of_server = validated(path)
    assert (len(of_client), of_server) == (1, set())
    code, text = chatproof("check", "--transcript", path)
    assert (code, "is a recording of a client" in text) == (2, True)
    assert run_command("replay", str(path), *fault, folder=tmp_path).returncode == 1
