"""CLIENT-2: every frame that a client sends is valid, whole and what its user said."""

import json

from chatproof_conformance.clients.stage import Stage
from chatproof_conformance.outcomes import Broken, NotTested
from chatproof_conformance.peers.wording import quoted
from chatproof_conformance.requirement import generated, requirement
from chatproof_conformance.strategies.text import TELLING_CONTENTS, contents, numbered_content
from chatproof_schemas import CLIENT_FRAME_BYTES

_AT_ONCE = 20


@requirement("CLIENT-2")
def test_every_kind_of_message(stage: Stage) -> None:
    """Public and private messages are sent with target and content as the user gave them, each once."""
    stage.joins()
    for content in ("hi", "What a day!", "42", '"quoted" \\ and / more', "é 中 🙂"):
        _says(stage, content)
    for target in ("bob", "Bob with spaces", "中 🙂"):
        _says(stage, "psst", target)


@requirement("CLIENT-2")
def test_messages_in_quick_succession(stage: Stage) -> None:
    """What the user says without a pause is sent whole, each message once."""
    stage.joins()
    for number in range(20):
        stage.asks("say", content=f"quick {number}")
    for number in range(20):
        if stage.hears_said("message", f"quick {number}") is None:
            raise Broken(f"the message {quoted(f'quick {number}')} to be sent", "nothing of it")
        stage.echoes(f"quick {number}")
    stage.settles()


@requirement("CLIENT-2")
def test_the_longest_message(stage: Stage) -> None:
    """A frame of up to 1024 bytes is sent whole; what needs more is refused with a word to the user, not cut."""
    stage.joins()
    for character in ("x", "é", "🙂"):
        room = CLIENT_FRAME_BYTES - len(_smallest(""))
        fitting = numbered_content(room) if character == "x" else character * (room // len(character.encode()))
        _says_or_refuses(stage, fitting)
        for more in (1, 2, 100):
            _refuses(stage, fitting + character * more)
    _says(stage, "short again")


@requirement("CLIENT-2")
def test_messages_far_too_long(stage: Stage) -> None:
    """Much too long a message is refused, however long, in public and in private; nothing of it is sent."""
    stage.joins()
    for length in (1024, 1100, 2048, 5000, 70_000):
        _refuses(stage, numbered_content(length))
    _refuses(stage, "🙂" * 400)
    _refuses(stage, numbered_content(1000), "a rather long name of a user")
    _says(stage, "short again")


@requirement("CLIENT-2")
def test_nothing_is_sent_of_an_empty_message(stage: Stage) -> None:
    """An empty message is no valid one: nothing is sent."""
    stage.joins()
    if stage.says("") is None:
        stage.evidence.silences += 1
    _says(stage, "after it")


@requirement("CLIENT-2")
def test_no_message_to_an_invalid_name(stage: Stage) -> None:
    """A private message to what is no name is not sent."""
    stage.joins()
    for target in ("", "n" * 33, " bob", "bob ", "b\nb", "b\u200bb"):
        _says_or_refuses(stage, "psst", target)
    _says(stage, "after it", "bob")


@requirement("CLIENT-2")
def test_no_half_characters(stage: Stage) -> None:
    """A lone surrogate, which some languages let stand in a string, is never sent."""
    stage.joins()
    for content in ("\ud800", "a\udfffb", "\udc00\ud800"):
        _says_or_refuses(stage, content)
    _says(stage, "after it")


@requirement("CLIENT-2")
def test_contents_that_programs_change(stage: Stage) -> None:
    """Control characters, spaces at the ends, what looks like markup or escapes: sent as it is, or refused."""
    stage.joins()
    for start in range(0, len(TELLING_CONTENTS), _AT_ONCE):
        asked = TELLING_CONTENTS[start : start + _AT_ONCE]
        for said in stage.says_all(asked):
            if said.get("content") in asked:
                stage.echoes(said["content"])
        stage.settles()


@requirement("CLIENT-2")
@generated(content=contents())
def test_generated_contents(stage: Stage, content: str) -> None:
    """Any content is sent code point for code point, or refused."""
    stage.stays_joined()
    _says_or_refuses(stage, content)
    stage.settles()


def _says(stage: Stage, content: str, target: str | None = None) -> None:
    """Let the user say what every client can send, and send back what a server does."""
    stage.must_say(content, target)
    if target is None:
        stage.echoes(content)
    else:
        stage.confirms(target, content)
    stage.settles()


def _says_or_refuses(stage: Stage, content: str, target: str | None = None) -> None:
    """Let the user say what a client may refuse, or its driver be unable to type."""
    try:
        said = stage.says(content, target)
    except NotTested:
        return
    if said is not None and said.get("content") == content:
        if target is None:
            stage.echoes(content)
        elif said.get("target") == target:
            stage.confirms(target, content)
    stage.settles()


def _refuses(stage: Stage, content: str, target: str | None = None) -> None:
    """Let the user say what no frame can hold."""
    said = stage.says(content, target)
    stage.concludes()
    if said is not None:
        raise Broken(f"{quoted(content)} to be refused, not cut", quoted(json.dumps(said)))
    stage.evidence.silences += 1


def _smallest(content: str) -> bytes:
    return json.dumps({"type": "message", "content": content}, ensure_ascii=False, separators=(",", ":")).encode()
