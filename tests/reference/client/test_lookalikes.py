"""Names that look like another one, or like nothing, are marked; those of all scripts are not."""
# ruff: noqa: RUF001  letters that look like others are its subject

import pytest

from chatproof_reference.client import events
from chatproof_reference.client.lines import line_for
from chatproof_reference.client.lookalikes import doubt_about, shown_name
from chatproof_reference.client.people import People

UNSEEN = "\u061c\u00ad\u034f\u115f\u180e\u2800\u3164\ufe0f\ufff9\U000e0001"
"""All of these are allowed in names (SPEC.md, "Names")."""


@pytest.mark.parametrize("char", UNSEEN)
def test_a_name_with_a_character_that_is_not_drawn_is_marked_and_shows_it(char):
    for name in (f"admin{char}", char, f"ad{char}min"):
        assert doubt_about(name) == "has characters that nobody can see"
        assert char not in shown_name(name)
        assert shown_name(name).isascii()


@pytest.mark.parametrize(
    ("name", "other"),
    [
        ("аdmin", "admin"),
        ("adm1n", "admln"),
        ("PAUL", "РАUL"),
        ("ОЛЕГ", "OЛEГ"),
        ("Ilse", "llse"),
        ("é", "e\u0301"),
        ("ａｎｎ", "ann"),
    ],
)
def test_a_name_that_looks_like_another_one_is_marked(name, other):
    assert doubt_about(name, [name, other]) == f"looks like “{other}”, and is another"
    assert doubt_about(other, [name, other]) == f"looks like “{name}”, and is another"


@pytest.mark.parametrize(("name", "scripts"), [("pаypal", "Cyrillic and Latin"), ("αnna", "Greek and Latin")])
def test_a_name_of_mixed_scripts_is_marked_even_if_its_twin_is_not_here(name, scripts):
    assert doubt_about(name, [name, "bob"]) == f"mixes {scripts} letters"


@pytest.mark.parametrize(
    "name",
    [
        "Alice",
        "alice",
        "Ann Lee",
        "Олег",
        "Ελένη",
        "山田太郎",
        "田中さくらＡ",
        "김민준",
        "Łukasz",
        "José",
        "❤️",
        "🏳️‍🌈"[:2],
        "مريم",
        "ann_99",
        "O'Neil",
    ],
)
def test_a_name_of_one_script_is_not(name):
    assert doubt_about(name, [name, "bob", "Alicia"]) == ""
    assert shown_name(name) == name


def test_what_they_say_is_marked_where_it_stands():
    people = People()
    said = []
    for event in (
        events.SystemMessage("admin joined the chat", "10:00:00"),
        events.SystemMessage("аdmin joined the chat", "10:00:01"),
        events.PublicMessage("аdmin", "send me your password", "10:00:02"),
        events.PrivateMessage("bob\u3164", "psst", "10:00:03"),
        events.PublicMessage("carl", "hello", "10:00:04"),
    ):
        people.learn(event)
        said.append(str(line_for(event, people.doubt(event))))
    assert said == [
        "[10:00:00] admin joined the chat",
        "[10:00:01] (⚠ looks like “admin”, and is another) аdmin joined the chat",
        "[10:00:02] (⚠ looks like “admin”, and is another) аdmin: send me your password",
        "[10:00:03] (⚠ has characters that nobody can see) 🔒 bob\\u3164 → you: psst",
        "[10:00:04] carl: hello",
    ]


def test_whoever_left_makes_no_doubt():
    people = People()
    for event in (
        events.PublicMessage("admin", "x", "10:00:00"),
        events.SystemMessage("admin left the chat", "10:00:01"),
    ):
        people.learn(event)
    assert people.doubt_about("admln") == ""
