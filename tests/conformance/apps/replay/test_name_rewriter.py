import json
import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chatproof_conformance.apps.replay.name_rewriter import NameRewriter, joined_names
from support.recordings import frame, join, recording

NAMES = ["alice-x7q0", "bob-x7q1", "ALICE-X7Q0"]


def disguise(*names):
    return NameRewriter(names, random.Random(1))


def test_only_the_token_of_a_run_is_replaced():
    sent = disguise(*NAMES).put_on(join("alice-x7q0"))
    name = json.loads(sent)["username"]
    assert name.startswith("alice-")
    assert name.endswith("0")
    assert name[6:9] != "x7q"


def test_names_that_differ_in_case_still_do():
    worn = disguise(*NAMES)
    lower, upper = (json.loads(worn.put_on(join(name)))["username"] for name in ("alice-x7q0", "ALICE-X7Q0"))
    assert lower != upper
    assert lower.upper() == upper


@pytest.mark.parametrize(
    "data",
    [
        b'{"type":"join","username":"\\u0061lice\\u002dx\\u0037q0"}',
        b'{"type":"join","username":"alice-x7q0',
        b"{'username': 'alice-x7q0'}",
        b'\xff\xfe{"username":"alice-x7q0"}\xc3',
    ],
)
def test_escapes_and_bytes_that_are_not_json_keep_their_length_and_form(data):
    worn = disguise(*NAMES)
    sent = worn.put_on(data)
    assert sent != data
    assert len(sent) == len(data)
    assert sent.count(b"\\u") == data.count(b"\\u")
    assert worn.take_off(sent).lower() == data.lower()


def test_a_name_of_other_making_is_replaced_where_it_is_a_whole_string():
    worn = disguise("ann", "Zoë 🙂")
    sent = worn.put_on(frame(type="message", content="ann is here") + join("ann") + join("Zoë 🙂"))
    assert b'"ann is here"' in sent
    assert b'"ann"' not in sent
    assert "Zoë 🙂".encode() not in sent
    assert "ë 🙂".encode() in sent


@pytest.mark.parametrize("notice", ["{} joined the chat", "{} left the chat"])
@pytest.mark.parametrize("name", ["a", "bob", "Zoë", "alice"])
def test_a_name_of_any_length_comes_off_a_notice(name, notice):
    worn = disguise(name)
    sent = frame(type="system", message=notice.format(worn.name(name)))
    assert worn.take_off(sent) == frame(type="system", message=notice.format(name))


def test_a_short_name_does_not_come_off_other_texts():
    worn = disguise("a")
    heard = frame(type="message", username="b", content=f"{worn.name('a')} joined the chat of {worn.name('a')}")
    assert worn.take_off(heard) == heard


@given(st.lists(st.text(st.sampled_from('abzAZ09-é🙂"\\ '), min_size=1, max_size=32), min_size=1, max_size=4))
def test_what_was_put_on_comes_off(names):
    worn = disguise(*names)
    sent = b"".join(join(name) for name in names)
    assert worn.take_off(worn.put_on(sent)) == sent


def test_joined_names_are_read_from_pieces():
    whole = join("ann-abc1") + join(" invalid") + b"nonsense\n" + join("bob-abc2")
    pieces = [("c1", "client", whole[at : at + 7]) for at in range(0, len(whole), 7)]
    assert joined_names(recording(("c1", "open"), *pieces)) == ["ann-abc1", "bob-abc2"]


def test_joined_names_of_clients_that_send_no_line_ends():
    sent = [("c1", "client", join(name).strip()) for name in ("ann-abc1", "bob-abc2")]
    assert joined_names(recording(*sent, framing="none")) == ["ann-abc1", "bob-abc2"]
