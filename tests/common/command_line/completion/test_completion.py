"""What completion offers, and that real shells complete with it."""

import io
import os
import subprocess
import sys
from pathlib import Path

import pytest

from chatproof_common.command_line.completion.command import COMMAND
from chatproof_common.command_line.completion.offers import FILES, FOLDERS, offers
from chatproof_common.command_line.main import main
from common.command_line.completion.terminal import shell_on_terminal

BIN = Path(sys.executable).parent


def words_for(*typed):
    return [word for word, _ in offers(typed)]


def test_the_commands_come_with_what_they_do():
    assert ("validate", "validate messages in files or from standard input") in offers([""])
    assert words_for("che") == ["check", "check-client"]
    assert words_for("--v") == ["--version"]


def test_options_come_with_their_help():
    assert offers(["validate", "--dir"])[0][0] == "--direction"
    assert "whose messages" in offers(["validate", "--dir"])[0][1]
    assert "--help" in words_for("check", "-")


def test_where_no_word_has_a_place_the_options_come():
    assert "--port" in words_for("server", "")


@pytest.mark.parametrize("typed", [("--direction", "s"), ("--direction", "=", "s"), ("a.ndjson", "--direction", "s")])
def test_choices_come_where_the_option_waits_for_one(typed):
    assert words_for("validate", *typed) == ["server"]


def test_a_choice_may_stand_in_the_word_of_its_option():
    assert words_for("validate", "--direction=s") == ["--direction=server"]
    assert words_for("validate", "--direction", "=") == ["client", "server", "any"]


def test_files_and_folders_are_the_shells_work():
    assert offers(["validate", ""]) == [FILES]
    assert offers(["replay", "a.ndjson", "--save", "x"]) == [FILES]
    assert offers(["check", "--save", ""]) == [FOLDERS]
    assert offers(["check", "--save=x"]) == [FOLDERS]


def test_a_value_that_is_open_gets_no_offer():
    assert offers(["server", "--port", "1"]) == []


def test_after_a_value_the_places_follow():
    assert words_for("check", "--seed", "7", "--strict", "localhost", ":", "12345", "FRAME-1") == ["FRAME-1"]
    assert words_for("check-client", "CLIENT-9") == ["CLIENT-9"]


def test_several_values_follow_one_option():
    assert words_for("selftest", "--only", "baseline", "private-to-ev") == ["private-to-everyone"]


def test_what_is_no_command_gets_no_offer():
    assert offers(["chekc", ""]) == []


@pytest.mark.parametrize("words", [("bash", "--help"), ("fish", "check", "--st"), ("zsh", "server", "--", "")])
def test_words_of_a_line_are_no_options_of_this_command(words, capsys):
    assert main(["completion", *words]) == 0
    assert not capsys.readouterr().out.startswith("usage")


def test_an_unknown_shell_is_wrong_usage(capsys):
    with pytest.raises(SystemExit) as ended:
        main(["completion", "csh"])
    assert ended.value.code == 2
    assert "choose from" in capsys.readouterr().err


def environment(tmp_path):
    return {"PATH": f"{BIN}{os.pathsep}{os.environ['PATH']}", "HOME": str(tmp_path), "TERM": "dumb", "PS1": "$ "}


SET_UP = {
    "bash": (["bash", "--norc", "--noprofile", "-i"], 'eval "$(chatproof completion bash)"'),
    "zsh": (["zsh", "-f", "-i"], 'autoload -U compinit; compinit -u -D; eval "$(chatproof completion zsh)"'),
}


@pytest.mark.parametrize("shell", [pytest.param(name, marks=pytest.mark.needs(name)) for name in SET_UP])
def test_a_line_is_completed_on_a_terminal(shell, tmp_path):
    (tmp_path / "one-recording.ndjson").write_text('{"type":"join","username":"ann"}\n')
    start, set_up = SET_UP[shell]
    with shell_on_terminal(start, environment(tmp_path), tmp_path) as terminal:
        terminal.types(f"{set_up}; echo is re''ady\r")
        terminal.shows("is ready")
        terminal.types("chatproof selft\t--li\t--on\tprivate-to-ev\t\r")
        terminal.shows("PRIVATE-2")  # what the list says of that one
        terminal.types("chatproof valid\t--direction cl\tone-re\t\r")
        terminal.shows("1 message, 0 invalid")


@pytest.mark.needs("fish")
def test_fish_completes(tmp_path):
    (tmp_path / "one-recording.ndjson").touch()
    lines = ["chatproof che", "chatproof check PRIVATE-2", "chatproof validate --direction c", "chatproof validate one"]
    program = "chatproof completion fish | source\n" + "\n".join(f"complete -C '{line}'" for line in lines)
    done = subprocess.run(
        ["fish", "--no-config", "-c", program],
        cwd=tmp_path,
        env=environment(tmp_path),
        capture_output=True,
        text=True,
        check=True,
    )
    offered = [line.split("\t")[0] for line in done.stdout.splitlines()]
    assert offered == ["check", "check-client", "PRIVATE-2", "client", "one-recording.ndjson"]
    assert "Nobody but its target gets any part" in done.stdout


def test_each_shell_has_a_script(capsys):
    for shell in ("bash", "zsh", "fish", "powershell"):
        assert main(["completion", shell]) == 0
        assert f"chatproof completion {shell}" in capsys.readouterr().out
        assert f"chatproof completion {shell}" in COMMAND.examples


def test_powershell_asks_with_a_dot_behind_the_word_at_the_cursor(capsys):
    assert main(["completion", "powershell", "check", "--seed", "7", "FRAME-1."]) == 0
    assert capsys.readouterr().out.split("\t")[0] == "FRAME-1"
    assert main(["completion", "powershell", "."]) == 0
    assert "check-client\t" in capsys.readouterr().out


def test_no_line_ends_in_cr_where_others_would(monkeypatch):
    output = io.TextIOWrapper(io.BytesIO(), encoding="utf-8", newline="\r\n")
    monkeypatch.setattr(sys, "stdout", output)
    assert main(["completion", "bash", "che"]) == 0
    output.flush()
    lines = output.buffer.getvalue().splitlines(keepends=True)
    assert [line[:6] for line in lines] == [b"check\t", b"check-"]
    assert not any(b"\r" in line for line in lines)
