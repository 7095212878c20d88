"""What is changed as JSON is JSON still, down to the JSON in its strings; anything else stays as it is."""

import json
import random

from fuzz.json_mutator import changed

INNER = {"do": "say", "content": "hi"}
LINE = b"\x01" + json.dumps({"time": 0.5, "text": json.dumps(INNER)}).encode()


def test_lines_are_json_still_and_their_inner_json_changes_too():
    inner = set()
    for seed in range(300):
        first, *more = changed(LINE + b"\nno JSON\n", random.Random(seed)).split(b"\n")
        assert more[-2:] == [b"no JSON", b""]
        value = json.loads(first.removeprefix(b"\x01"))
        if isinstance(value, dict) and isinstance(value.get("text"), str) and value["text"].startswith("{"):
            inner.add(value["text"])
    assert len(inner) > 10
    assert any("do" not in json.loads(text) for text in inner)


def test_what_holds_no_json_stays_as_it_is():
    for data in (b"", b"\xff\n", b"{", b"[" * 100_000):
        assert changed(data, random.Random(1)) == data
