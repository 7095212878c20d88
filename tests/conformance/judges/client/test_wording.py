"""What a driver reports, in a report's words: printable and short, whatever it is."""

from chatproof_conformance.judges.client.wording import all_described


def test_an_event_reads_as_a_clause():
    shown = {"event": "shown", "kind": "message", "username": "bob", "content": "hi"}
    assert all_described([shown]) == 'message of "bob" "hi" shown'


def test_names_that_the_protocol_does_not_have_are_printable_and_short():
    strange = {"event": "\x7f\x1b[2J" + "e" * 100_000, "kind": "a\nb", "do": ["\u202e"] * 1_000}
    words = all_described([strange])
    assert words.isprintable()
    assert len(words) < 200
