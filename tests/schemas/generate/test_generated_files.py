"""What is generated is what its sources say now, and is understood by those for whom it is."""

import json
import re
import subprocess
from pathlib import Path

import pytest
import yaml
from jsonschema import Draft7Validator

from chatproof_common.command_line.main import find_commands
from chatproof_schemas import Direction, FrameVerdict, decode_frame, message_types, vectors
from chatproof_schemas.generate import __main__ as task
from chatproof_schemas.generate.asyncapi import asyncapi_document
from chatproof_schemas.generate.json_text import json_text
from chatproof_schemas.generate.yaml_text import yaml_text
from support import node_packages
from support.paths import ROOT

ASYNCAPI = (ROOT / "schemas" / "chatproof_schemas" / "asyncapi.yaml").read_text("utf-8")
SAYS_NOTHING_OF_THE_DOCUMENT = {"asyncapi-latest-version"}  # that 3.1 exists; more tools read 3.0


@pytest.mark.parametrize("name", task.GENERATED)
def test_it_is_not_stale(name):
    assert (ROOT / name).read_text("utf-8") == task.GENERATED[name](), "run: python -m chatproof_schemas.generate"


def test_the_task_tells_what_is_stale_and_then_mends_it(tmp_path, monkeypatch, capsys):
    monkeypatch.setattr(task, "_ROOT", tmp_path)
    (tmp_path / "pyproject.toml").touch()
    for name, text in task.GENERATED.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text() if name.startswith("docs") else "{}\n", encoding="utf-8")
    assert task.main(["--check"]) == 1
    assert capsys.readouterr().out == "".join(f"stale: {name}\n" for name in list(task.GENERATED)[:3])
    assert task.main([]) == 0
    assert task.main(["--check"]) == 0


def test_the_task_is_one_of_a_clone(tmp_path, monkeypatch, capsys):
    monkeypatch.setattr(task, "_ROOT", tmp_path)
    with pytest.raises(SystemExit) as ended:
        task.main([])
    assert ended.value.code == 2
    assert "a task of a clone" in capsys.readouterr().err
    assert list(tmp_path.iterdir()) == []


def test_the_yaml_says_what_was_meant():
    assert yaml.safe_load(ASYNCAPI) == asyncapi_document()


@pytest.mark.parametrize(
    "value",
    [
        {"a": [], "b": {}, "c": None, "d": True, "e": -1.5, "f": ""},
        {"yes": "no", "Null": "~", "1": "0x1f", "x: y": "a: b", "-": "- a", "#": "a #b", "é": "\u2028\n\ttab"},
        {"nested": [{"a": {"b": [1, "2"]}, "c": 3}, ["x", ["y"]], "on", {"only": []}]},
        {"colon:": "ends with a space ", "pattern": r"[\u0000-\u001F]", "dots": "...", "time": "12:30:00", "y": "n"},
    ],
)
def test_any_value_survives_as_text(value):
    assert yaml.safe_load(yaml_text(value)) == value
    long = {"first": value, "second": [value, "x" * 100]}
    assert json.loads(json_text(long)) == long


def test_the_payloads_give_the_verdicts_of_the_schemas():
    document = yaml.safe_load(ASYNCAPI)
    judged = {True: 0, False: 0}
    for vector in vectors():
        if vector.verdicts not in [(FrameVerdict.VALID,), (FrameVerdict.INVALID,)]:
            continue
        message = decode_frame(vector.frame)
        if isinstance(message, dict) and message.get("type") in message_types(vector.direction):
            payload = f"#/components/messages/{vector.direction.value}_{message['type']}/payload"
            valid = vector.verdicts == (FrameVerdict.VALID,)
            assert Draft7Validator({**document, "$ref": payload}).is_valid(message) == valid, vector.id
            judged[valid] += 1
    assert min(judged.values()) > 100


def test_each_message_has_an_example_that_is_valid():
    document = yaml.safe_load(ASYNCAPI)
    messages = document["components"]["messages"]
    assert set(messages) == {
        f"{direction.value}_{name}" for direction in Direction for name in message_types(direction)
    }
    for name, message in messages.items():
        validator = Draft7Validator({**document, "$ref": f"#/components/messages/{name}/payload"})
        assert message["examples"]
        assert all(validator.is_valid(example["payload"]) for example in message["examples"])


@pytest.mark.needs("mandoc")
def test_the_manual_page_is_rendered_without_a_warning():
    page = ROOT / "docs" / "chatproof.1"
    done = subprocess.run(["mandoc", "-Tlint", page], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    words = ["mandoc", "-Tutf8", "-Owidth=100", page]
    shown = re.sub(".\b", "", subprocess.run(words, capture_output=True, encoding="utf-8", check=True).stdout)
    for name in find_commands():
        assert f"\n   chatproof {name}\n" in shown
    assert "--direction client|server|any" in shown
    assert 'chatproof check --command "./myserver {port}"' in shown


@pytest.fixture(scope="module")
def asyncapi_folder(tmp_path_factory):
    return node_packages.install(Path(__file__).parent / "asyncapi", tmp_path_factory)


@pytest.mark.long("downloads AsyncAPI's parser")
@pytest.mark.needs("node", "npm")
def test_its_own_parser_takes_the_document(asyncapi_folder):
    read = node_packages.run(asyncapi_folder, "read.mjs", ASYNCAPI)
    assert [problem for problem in read["problems"] if problem["code"] not in SAYS_NOTHING_OF_THE_DOCUMENT] == []
    for direction, action in ((Direction.CLIENT, "receive"), (Direction.SERVER, "send")):
        carried = [messages for _, does, messages, _ in read["operations"] if does == action]
        assert carried == [[f"{direction.value}_{name}"] for name in message_types(direction)]
    answers = {name: replies for name, _, _, replies in read["operations"] if replies}
    assert answers["receive_private_message"] == ["server_private_confirmation", "server_error"]
    broken = node_packages.run(asyncapi_folder, "read.mjs", ASYNCAPI.replace("action: send", "action: shout"))
    assert {problem["code"] for problem in broken["problems"]} >= {"asyncapi-document-resolved"}


def test_a_reference_to_the_bundle_needs_nothing_else():
    bundle = json.loads((ROOT / "schemas" / "chatproof_schemas" / "chatproof.bundle.schema.json").read_text("utf-8"))
    text = json.dumps(bundle)
    assert text.count('"$ref"') == text.count('"$ref": "#/$defs/') > 30
    assert text.count('"$id"') == 1
