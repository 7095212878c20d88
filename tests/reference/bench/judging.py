"""How long judging one frame takes, by each way that the server could go.

Run: ``python tests/reference/bench/judging.py``. It times the processor, not the clock. jsonschema-rs, a compiled
validator, takes part if it is installed; it judges what the strict decoder has decoded, as it would have to.
"""

import importlib
import json
import time
from collections.abc import Callable, Mapping
from typing import Any

from chatproof_reference.bench.report import lay_out
from chatproof_reference.server.requests import judge, read_requests, recognise
from chatproof_reference.server.templates import Templates
from chatproof_schemas import Direction, FrameRefused, decode_frame, load_schema, message_types

_ROUNDS, _REPEATS = 7, 2000
_AT_ONCE, _TAUGHT = 32, 256
_NAMES = {"Alice"}
_CONTENT = "x" * 60
FRAMES = {
    "message": json.dumps({"type": "message", "content": _CONTENT}).encode(),
    "private_message": json.dumps({"type": "private_message", "target": "Alice", "content": _CONTENT}).encode(),
    "message, members the other way round": json.dumps({"content": _CONTENT, "type": "message"}).encode(),
    "message with an unknown member": json.dumps({"type": "message", "content": _CONTENT, "id": 7}).encode(),
    "message with an unknown object": json.dumps({"type": "message", "content": _CONTENT, "by": {"id": 7}}).encode(),
    "join": json.dumps({"type": "join", "username": "Alice"}).encode(),
    "message with no content": json.dumps({"type": "message", "content": ""}).encode(),
    "not JSON": b'{"type":"message",}',
}

Judge = Callable[[bytes], object]


def ways() -> Mapping[str, Judge]:
    """Return each way to judge a frame, by its name."""
    known: dict[str, Judge] = {
        "whatever its form": lambda frame: recognise(frame, _NAMES) or judge(frame),
        "schemas alone": judge,
    }
    try:
        engine = importlib.import_module("jsonschema_rs")
    except ImportError:
        return known
    return {**known, "decoded, then jsonschema-rs": _compiled(engine)}


def microseconds(way: Judge, frame: bytes, rounds: int = _ROUNDS, repeats: int = _REPEATS) -> float:
    """Return the processor's time for one frame, the least of several rounds."""
    best = float("inf")
    for _ in range(rounds):
        begin = time.process_time()
        for _ in range(repeats):
            way(frame)
        best = min(best, time.process_time() - begin)
    return best / repeats * 1e6


def main() -> None:
    """Measure and print."""
    known = ways()
    rows = [("frame", f"of {_AT_ONCE} by a template", *known, "")]
    for name, frame in FRAMES.items():
        times = (microseconds(way, frame) for way in known.values())
        rows.append((name, _by_template(frame), *(f"{each:.1f} µs" for each in times), ""))
    print(lay_out(rows))
    if len(known) < 3:
        print("jsonschema-rs is not installed.")


def _by_template(frame: bytes) -> str:
    """Return how long a frame takes among many that are written alike; nothing if they are not read at once."""
    templates, frames = Templates(), [frame] * _AT_ONCE
    for _ in range(_TAUGHT // _AT_ONCE):
        read_requests(frames, _NAMES, templates)
    if not all(templates.contents(frames) or [b""]):
        return ""
    block = microseconds(lambda _: read_requests(frames, _NAMES, templates), frame, repeats=_REPEATS // _AT_ONCE)
    return f"{block / _AT_ONCE:.1f} µs"


def _compiled(engine: Any) -> Judge:
    common = load_schema("common")
    registry = engine.Registry([(common["$id"], common)])
    types = message_types(Direction.CLIENT)
    validators = {name: engine.Draft202012Validator(load_schema(f"client/{name}"), registry=registry) for name in types}

    def way(frame: bytes) -> bool:
        try:
            message = decode_frame(frame)
        except FrameRefused:
            return False
        return bool(validators[message["type"]].is_valid(message))

    return way


if __name__ == "__main__":
    main()
