"""Patterns become frames about the people of a script, of the size that is asked for."""

import pytest

from chatproof_conformance.space.patterns import act, fill, resized, shown
from chatproof_conformance.space.room import Room


def room():
    return Room("tk", "Me", ("Ann", 'Bo"b', "Zoë"))


def test_the_word_is_one_in_a_frame_and_new_in_the_next():
    people = room()
    assert fill(b"<word> <word>", people) == b"tkw0 tkw0"
    assert fill(b"<word>", people) == b"tkw1"


def test_people_stand_in_their_places_escaped_as_json():
    assert fill(b"<own> <own-case> <present> <present-cut> <present-case> <other>", room()) == (
        "Me mE Ann An aNN Zoë".encode()
    )
    assert fill(b'"<present>"', Room("tk", "Me", ['Bo"b'])) == rb'"Bo\"b"'


def test_words_are_filled_up_to_a_length():
    name = fill("<word~🙂32>".encode(), room()).decode()
    assert name == "tkw0" + "🙂" * 28


def test_what_is_no_place_stays():
    assert fill(b"<b> <script> < word>", room()) == b"<b> <script> < word>"


@pytest.mark.parametrize("filler", [b"x", "é".encode(), "🙂".encode(), rb"\ud83d\ude00"])
@pytest.mark.parametrize("size", [1023, 1024, 1025, 8192])
def test_frames_get_their_size_in_whole_characters(filler, size):
    frame = resized(b'{"content":"' + filler * 30 + b'"}', size)
    assert len(frame) == size
    assert frame[12:-2].replace(filler, b"").strip(b"a") == b""
    frame.decode()


def test_a_frame_with_no_repetition_has_no_other_size():
    with pytest.raises(ValueError, match="empty"):
        resized(b"abc", 10)


def test_an_act_writes_a_frame_of_its_size_with_new_words():
    people = room()
    long = act("message", "", "long", b"<word>" + b"x" * 30, size=50)
    assert long.write(people) == b"tkw0" + b"x" * 46
    assert long.write(people)[:4] == b"tkw1"


def test_labels_are_short_and_ascii():
    assert shown("é\n") == r'"\u00e9\n"'
    assert shown(b"\xff") == r"\\xff"
    assert len(shown("x" * 500)) < 80
