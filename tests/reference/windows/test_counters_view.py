"""What the list of counters shows, without a display."""

from collections import Counter

from chatproof_reference.server.counters import Counters
from chatproof_reference.windows.counters_view import counter_rows


def test_every_counter_is_shown():
    counters = Counters()
    expected = {}
    for number, (name, value) in enumerate(counters.as_dict().items(), 1):
        if isinstance(value, dict):
            setattr(counters, name, Counter({f"for this {name}": number}))
            expected[f"For this {name}"] = number
        else:
            setattr(counters, name, number)
            expected[Counters.titles()[name]] = number
    assert {words: count for _, _, words, count in counter_rows(counters)} == expected
    assert len({row for _, row, _, _ in counter_rows(counters)}) == len(expected)


def test_the_most_frequent_come_first_and_codes_stay_as_they_are():
    counters = Counters()
    counters.refused.update({"unknown_type": 1, "malformed_json": 3, "invalid_message": 1})
    counters.ended.update({"it was cut": 1})
    counters.turned_away.update({"there are too many connections": 2})
    rows = [(group, words) for group, _, words, _ in counter_rows(counters)]
    assert rows[-5:] == [
        ("Refused frames, by error code", "malformed_json"),
        ("Refused frames, by error code", "invalid_message"),
        ("Refused frames, by error code", "unknown_type"),
        ("Ended, by reason", "There are too many connections"),
        ("Ended, by reason", "It was cut"),
    ]
