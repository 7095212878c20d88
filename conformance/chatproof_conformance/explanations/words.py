"""All words that can be explained beside requirements and causes: terms, parts, levels, and the types of messages."""

import functools
import json
from collections.abc import Iterator

from chatproof_conformance.explanations.reading import Word, parts, terms
from chatproof_schemas import Direction, WorkLevel, load_schema, message_types, requirements, work_levels

_ROLES = {"server": "", "client": "client "}
"""What is built, and what its levels begin with: `level 4` is that of a server."""
_SENDERS = {Direction.CLIENT: "From a client to the server", Direction.SERVER: "From the server to a client"}


@functools.cache
def words() -> dict[str, Word]:
    """Return all words by name; if two have one name, that of the messages comes first."""
    return {**terms(), **parts(), **{word.name: word for word in (*_types(), *_levels())}}


def _levels() -> Iterator[Word]:
    for role, prefix in _ROLES.items():
        levels = work_levels("client" if role == "client" else "server")
        for level in levels:
            yield Word(f"{prefix}level {level.number}", _level(level, role, len(levels)), level.ids)


def _level(level: WorkLevel, role: str, of: int) -> str:
    adds = "\n".join(
        f"- **{id_}** ({requirements()[id_].level.value}) {requirements()[id_].sentence}" for id_ in level.ids
    )
    command = f"chatproof {'check-client' if role == 'client' else 'check'} --level {level.number}"
    below = "" if level.number == 1 else " It is reached if all MUSTs of the levels below are kept, too."
    step = f"Step {level.number} of {of} in building a {role}: {level.subject}.{below}"
    return f"{step} It adds:\n\n{adds}\n\nTo check it: `{command}`."


def _types() -> Iterator[Word]:
    found: dict[str, list[str]] = {}
    for direction, sender in _SENDERS.items():
        for name in message_types(direction):
            found.setdefault(name, []).append(f"{sender}: {_described(direction, name)}")
    for name, texts in found.items():
        yield Word(name, "\n\n".join(texts), _about(name))
    listing = "\n".join(
        f"- {sender.lower()}: {', '.join(f'`{name}`' for name in message_types(direction))}"
        for direction, sender in _SENDERS.items()
    )
    text = f"Each frame is one JSON object, a message; its member `type` says which:\n\n{listing}"
    yield Word(
        "messages", f"{text}\n\n`chatproof explain private_message` explains one of them.", ("FRAME-1", "FRAME-8")
    )


def _described(direction: Direction, name: str) -> str:
    schema = load_schema(f"{direction.value}/{name}")
    shared = load_schema("common")["$defs"]
    lines = []
    for member, rules in schema["properties"].items():
        if member != "type":
            meaning = rules.get("description") or shared[rules["$ref"].rpartition("/")[2]]["description"]
            optional = "" if member in schema["required"] else " (optional)"
            lines.append(f"- `{member}`{optional}: {meaning}")
    example = json.dumps(schema["examples"][0], ensure_ascii=False)
    return (
        f"{schema['description']} Its members beside `type`:\n\n" + "\n".join(lines) + f"\n\nFor example `{example}`."
    )


def _about(name: str) -> tuple[str, ...]:
    return tuple(row.id for row in requirements().values() if f"`{name}`" in row.sentence)
