import pytest
from hypothesis import given
from hypothesis import strategies as st

from chatproof_common.system.shell_words import fill_words, join_words, quote_word, runnable, shell_hint, split_words

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


WINDOWS_LINES = {
    r"C:\Python313\python.exe server.py {port}": ["C:\\Python313\\python.exe", "server.py", "{port}"],
    r'"C:\Program Files\chat\chat.exe" --port {port}': ["C:\\Program Files\\chat\\chat.exe", "--port", "{port}"],
    r'node -e "console.log(\"a b\")"': ["node", "-e", 'console.log("a b")'],
    r'a "" b': ["a", "", "b"],
    r'dir "C:\folder\\" x': ["dir", "C:\\folder\\", "x"],
    "it's 'two words'": ["it's", "'two", "words'"],
    "  go   run\t./cmd ": ["go", "run", "./cmd"],
}


@pytest.mark.parametrize("line", WINDOWS_LINES)
def test_a_command_line_of_windows_has_the_words_that_a_program_gets_there(line):
    assert split_words(line, "nt") == WINDOWS_LINES[line]


@given(st.lists(st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"))))
def test_words_that_are_joined_for_windows_split_into_the_same_words(words):
    assert split_words(join_words(words, "nt"), "nt") == words


def test_a_word_is_quoted_for_windows_only_if_it_must_be_and_as_cmd_exe_reads_it():
    assert quote_word("C:\\chat\\server.exe", "nt") == "C:\\chat\\server.exe"
    assert quote_word("two words", "nt") == '"two words"'
    assert quote_word("", "nt") == '""'
    assert quote_word("a&b", "nt") == '"a&b"'


def test_a_script_is_started_by_its_path_on_windows_alone(monkeypatch):
    monkeypatch.setattr("shutil.which", {"npm": "C:\\node\\npm.CMD"}.get)
    assert runnable(["npm", "start"], "nt") == ["C:\\node\\npm.CMD", "start"]
    assert runnable(["unknown", "x"], "nt") == ["unknown", "x"]
    assert runnable([], "nt") == []
    assert runnable(["npm", "start"], "posix") == ["npm", "start"]


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
