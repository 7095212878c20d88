"""Other ways to validate the same lines; each returns how many it found valid, and says of the others nothing more."""

import json
from collections.abc import Callable, Iterable

import jsonschema_rs
import orjson
from jsonschema import Draft202012Validator
from referencing import Registry, Resource

from chatproof_schemas import Direction, load_schema, message_types

NAMES = ["common", "client", "server", *(f"{side.value}/{name}" for side in Direction for name in message_types(side))]
SCHEMAS = [load_schema(name) for name in NAMES]


def python_union(lines: Iterable[bytes]) -> int:
    """json and python-jsonschema, against the union schema of each direction."""
    registry = Registry().with_resources((schema["$id"], Resource.from_contents(schema)) for schema in SCHEMAS)
    validators = [Draft202012Validator(load_schema(side.value), registry=registry) for side in Direction]
    return _count(lines, json.loads, lambda message: any(one.is_valid(message) for one in validators))


def python_dispatch(lines: Iterable[bytes]) -> int:
    """json and python-jsonschema, a validator for each direction and type, by dispatch."""
    registry = Registry().with_resources((schema["$id"], Resource.from_contents(schema)) for schema in SCHEMAS)
    return _dispatching(lines, json.loads, lambda schema: Draft202012Validator(schema, registry=registry).is_valid)


def rust_dispatch(lines: Iterable[bytes]) -> int:
    """orjson and jsonschema-rs, a validator for each direction and type, by dispatch: the bare pipeline."""
    registry = jsonschema_rs.Registry([(schema["$id"], schema) for schema in SCHEMAS])
    make = jsonschema_rs.Draft202012Validator
    return _dispatching(lines, orjson.loads, lambda schema: make(schema, registry=registry).is_valid)


def _dispatching(lines: Iterable[bytes], loads: Callable, make: Callable) -> int:
    validators: dict[str, list[Callable]] = {}
    # Most messages are the server's: its validators are asked first.
    for side in (Direction.SERVER, Direction.CLIENT):
        for name in message_types(side):
            validators.setdefault(name, []).append(make(load_schema(f"{side.value}/{name}")))
    count = 0
    for line in lines:
        try:
            message = loads(line)
            known = validators[message["type"]]
        except (ValueError, KeyError, TypeError):
            continue
        for is_valid in known:
            if is_valid(message):
                count += 1
                break
    return count


def _count(lines: Iterable[bytes], loads: Callable, is_valid: Callable) -> int:
    count = 0
    for line in lines:
        try:
            message = loads(line)
        except ValueError:
            continue
        count += is_valid(message)
    return count
