"""CLIENT-2, CLIENT-14 and CLIENT-15: what a client sends is valid, whole, and what its user said."""

import json

from chatproof_conformance.core.marks import generated, requirement
from chatproof_conformance.core.outcomes import Broken, NotTested
from chatproof_conformance.core.text import quoted
from chatproof_conformance.endpoints.served.session import ClientSession
from chatproof_conformance.generation.text import TELLING_CONTENTS, contents, numbered_content
from chatproof_schemas import CLIENT_FRAME_BYTES

_AT_ONCE = 20


@requirement("CLIENT-14", "CLIENT-2")
def test_every_kind_of_message(client: ClientSession) -> None:
    """Public and private messages are sent with target and content as the user gave them, each once."""
    client.joins()
    for content in ("hi", "What a day!", "42", '"quoted" \\ and / more', "é 中 🙂"):
        _says(client, content)
    for target in ("bob", "Bob with spaces", "中 🙂"):
        _says(client, "psst", target)


@requirement("CLIENT-14")
def test_messages_in_quick_succession(client: ClientSession) -> None:
    """What the user says without a pause is sent whole, each message once."""
    client.joins()
    for number in range(20):
        client.user.asks("say", content=f"quick {number}")
    for number in range(20):
        if client.user.finds_said("message", f"quick {number}") is None:
            raise Broken(f"the message {quoted(f'quick {number}')} to be sent", "nothing of it")
        client.server.echoes(f"quick {number}")
    client.check_shown()


@requirement("CLIENT-2")
def test_the_longest_message(client: ClientSession) -> None:
    """A frame of up to 1024 bytes is sent whole; what needs more is refused with a word to the user, not cut."""
    client.joins()
    for character in ("x", "é", "🙂"):
        room = CLIENT_FRAME_BYTES - len(_smallest(""))
        fitting = numbered_content(room) if character == "x" else character * (room // len(character.encode()))
        _says_or_refuses(client, fitting)
        for more in (1, 2, 100):
            _refuses(client, fitting + character * more)
    _says(client, "short again")


@requirement("CLIENT-2")
def test_messages_far_too_long(client: ClientSession) -> None:
    """Much too long a message is refused, however long, in public and in private; nothing of it is sent."""
    client.joins()
    for length in (1024, 1100, 2048, 5000, 70_000):
        _refuses(client, numbered_content(length))
    _refuses(client, "🙂" * 400)
    _refuses(client, numbered_content(1000), "a rather long name of a user")
    _says(client, "short again")


@requirement("CLIENT-2")
def test_nothing_is_sent_of_an_empty_message(client: ClientSession) -> None:
    """An empty message is no valid one: nothing is sent."""
    client.joins()
    if client.user.says("") is None:
        client.evidence.silences += 1
    _says(client, "after it")


@requirement("CLIENT-2")
def test_no_message_to_an_invalid_name(client: ClientSession) -> None:
    """A private message to what is no name is not sent."""
    client.joins()
    for target in ("", "n" * 33, " bob", "bob ", "b\nb", "b\u200bb"):
        _says_or_refuses(client, "psst", target)
    _says(client, "after it", "bob")


@requirement("CLIENT-2")
def test_no_half_characters(client: ClientSession) -> None:
    """A lone surrogate, which some languages let stand in a string, is never sent."""
    client.joins()
    for content in ("\ud800", "a\udfffb", "\udc00\ud800"):
        _says_or_refuses(client, content)
    _says(client, "after it")


@requirement("CLIENT-14", "CLIENT-15")
def test_contents_that_programs_change(client: ClientSession) -> None:
    """Control characters, spaces at the ends, what looks like markup or escapes: sent as it is."""
    client.joins()
    for start in range(0, len(TELLING_CONTENTS), _AT_ONCE):
        asked = TELLING_CONTENTS[start : start + _AT_ONCE]
        for said in client.user.says_all(asked):
            if said.get("content") in asked:
                client.server.echoes(said["content"])
        client.check_shown()


@requirement("CLIENT-14", "CLIENT-15")
@generated(content=contents())
def test_generated_contents(client: ClientSession, content: str) -> None:
    """Any content is sent code point for code point, unless it is too long."""
    client.stays_joined()
    _says_or_refuses(client, content)
    client.check_shown()


def _says(client: ClientSession, content: str, target: str | None = None) -> None:
    """Let the user say what every client can send, and send back what a server does."""
    client.user.must_say(content, target)
    if target is None:
        client.server.echoes(content)
    else:
        client.server.confirms(target, content)
    client.check_shown()


def _says_or_refuses(client: ClientSession, content: str, target: str | None = None) -> None:
    """Let the user say what a client may refuse, or its driver be unable to type."""
    try:
        said = client.user.says(content, target)
    except NotTested:
        return
    if said is not None and said.get("content") == content:
        if target is None:
            client.server.echoes(content)
        elif said.get("target") == target:
            client.server.confirms(target, content)
    client.check_shown()


def _refuses(client: ClientSession, content: str, target: str | None = None) -> None:
    """Let the user say what no frame can hold."""
    said = client.user.says(content, target)
    client.concludes()
    if said is not None:
        raise Broken(f"{quoted(content)} to be refused, not cut", quoted(json.dumps(said)))
    client.evidence.silences += 1


def _smallest(content: str) -> bytes:
    return json.dumps({"type": "message", "content": content}, ensure_ascii=False, separators=(",", ":")).encode()
