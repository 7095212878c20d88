import argparse

import pytest

from chatproof_common.command_line.main import find_commands
from chatproof_common.command_line.ordering import options_first


@pytest.fixture
def parser():
    made = argparse.ArgumentParser()
    made.add_argument("words", nargs="*")
    made.add_argument("--strict", action="store_true")
    made.add_argument("--seed", type=int)
    made.add_argument("--report", action="append")
    made.add_argument("--only", nargs="+")
    return made


@pytest.mark.parametrize(
    ("line", "words", "seed"),
    [
        ("a --strict b", ["a", "b"], None),
        ("a --seed 3 b --report x c", ["a", "b", "c"], 3),
        ("--seed=3 a --strict b", ["a", "b"], 3),
        ("a --see 3 b", ["a", "b"], 3),
        ("a --seed -3 b", ["a", "b"], -3),
        ("a - --strict -- --seed b -- c", ["a", "-", "--seed", "b", "--", "c"], None),
        ("--strict", [], None),
    ],
)
def test_options_and_words_in_any_order(parser, line, words, seed):
    found = parser.parse_args(options_first(parser, line.split()))
    assert (found.words, found.seed) == (words, seed)


def test_what_is_wrong_stays_wrong(parser, capsys):
    for line, said in (("a --seed", "expected one argument"), ("--no-such a", "unrecognized arguments: --no-such")):
        with pytest.raises(SystemExit):
            parser.parse_args(options_first(parser, line.split()))
        assert said in capsys.readouterr().err


def test_an_option_of_many_values_takes_what_follows(parser):
    assert parser.parse_args(options_first(parser, ["--only", "a", "b", "--strict"])).only == ["a", "b"]


def test_no_option_of_a_command_with_places_takes_an_unknown_number_of_values():
    """Then nobody could say which words are values."""
    for entry in find_commands().values():
        made = argparse.ArgumentParser()
        entry.load().configure(made)
        actions = made._actions  # noqa: SLF001  argparse has no public way to ask
        if any(not action.option_strings for action in actions):
            assert not any(action.option_strings and action.nargs in ("*", "+", "?") for action in actions)
