import pytest
from hypothesis import given
from hypothesis import strategies as st

from chatproof_common.system.shell_words import fill_words, join_words, quote_word, shell_hint, split_words

WORD = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"))


@given(st.lists(WORD))
def test_words_that_are_joined_split_into_the_same_words(words):
    assert split_words(join_words(words)) == words


@given(WORD)
def test_a_quoted_word_is_one_word(word):
    assert split_words(f"before {quote_word(word)} after") == ["before", word, "after"]


def test_a_quotation_that_does_not_end_is_no_command_line():
    with pytest.raises(ValueError, match="No closing quotation"):
        split_words("echo 'a")


def test_names_in_braces_are_filled_and_other_braces_stay():
    words = ["--at={host}:{port}", "{port}", "{}", "{other}"]
    assert fill_words(words, port=80, host="::1") == ["--at=::1:80", "80", "{}", "{other}"]


@pytest.mark.parametrize(
    ("line", "hint"),
    [
        ("PORT=5 ./server", "put `env` before PORT=…"),
        ("cd /tmp && ./server", "write it as sh -c '…'"),
        ("./server > log", "write it as sh -c '…'"),
        ("./build; ./server", "write it as sh -c '…'"),
        ("'./server --name=a'", "write it as sh -c '…'"),
        ("~/server", "write it as sh -c '…'"),
        ("./server --home=$HOME", "write it as sh -c '…'"),
        ("./server $(id -u)", "write it as sh -c '…'"),
        ("sh -c 'cd /tmp && ./server'", ""),
        ("sh -c 'exec $HOME/server'", ""),
        ("./server --pay 5$", ""),
        ("./server --name=a", ""),
    ],
)
def test_what_was_meant_for_a_shell_is_told_how_to_get_one(line, hint):
    found = shell_hint(split_words(line))
    assert found == (f"; no shell reads the command: {hint}" if hint else "")
