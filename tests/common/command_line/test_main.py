"""The one command: what it says to a user who does not know it yet."""

import argparse
import re
import subprocess
import sys

import pytest

from chatproof_common.command_line.main import find_commands, main


def run(*words):
    command = [sys.executable, "-m", "chatproof_common.command_line.main", *words]
    return subprocess.run(command, capture_output=True, text=True, check=False, timeout=60)


def test_no_arguments_show_the_help():
    done = run()
    assert (done.returncode, done.stdout) == (2, "")
    assert "start here:" in done.stderr


def test_help_lists_every_command():
    done = run("--help")
    assert done.returncode == 0
    for name in ("check", "client", "server", "validate"):
        assert f"\n    {name} " in done.stdout


def test_help_of_a_command_ends_with_examples():
    done = run("validate", "--help")
    assert done.returncode == 0
    assert "examples:\n  chatproof validate" in done.stdout


@pytest.mark.parametrize("name", find_commands())
def test_every_command_teaches_by_example_and_tells_what_its_options_mean(name, capsys):
    with pytest.raises(SystemExit) as ended:
        main([name, "--help"])
    assert ended.value.code == 0
    shown = capsys.readouterr().out
    assert re.search(rf"^examples:\n  .*chatproof {name}\b", shown, re.MULTILINE)
    assert re.search(r"^exit codes?:", shown, re.MULTILINE)
    parser = argparse.ArgumentParser()
    find_commands()[name].load().configure(parser)
    for action in parser._actions:  # noqa: SLF001  argparse has no public way to ask
        assert action.help, action.dest
        meaning = action.help % {**vars(action), "prog": "chatproof"}
        if action.option_strings and action.default not in (None, False, [], argparse.SUPPRESS):
            assert "default" in meaning or str(action.default) in meaning, action.dest


def test_an_unknown_command_gets_a_suggestion(capsys):
    assert main(["chekc"]) == 2
    assert "did you mean check?" in capsys.readouterr().err


def test_an_unknown_option_is_wrong_usage():
    done = run("validate", "--frobnicate")
    assert done.returncode == 2
    assert "usage: chatproof validate" in done.stderr


def test_version():
    assert run("--version").stdout.startswith("chatproof ")


def test_a_reader_that_goes_away_gets_no_traceback():
    script = f"yes no | head -n 100000 | {sys.executable} -m chatproof_common.command_line.main validate - | head -n 1"
    done = subprocess.run(["sh", "-c", script], capture_output=True, text=True, check=False, timeout=60)
    assert done.stdout.startswith("<stdin>:1:1: ")
    assert "Traceback" not in done.stderr
    assert "Exception" not in done.stderr


@pytest.mark.parametrize("module", ["jsonschema", "rich", "hypothesis", "pytest", "tkinter"])
def test_listing_the_commands_imports_nothing_heavy(module):
    program = (
        "import sys\n"
        "from chatproof_common.command_line.main import main\n"
        "try: main(['--help'])\n"
        "except SystemExit: pass\n"
        f"sys.exit({module!r} in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", program], capture_output=True, check=False, timeout=60).returncode == 0


def test_help_fits_the_terminal(capsys, monkeypatch):
    """All that has blanks to break at: a word may be longer."""
    monkeypatch.setenv("COLUMNS", "80")
    for name in ["", *find_commands()]:
        with pytest.raises(SystemExit):
            main([*([name] if name else []), "--help"])
        lines = capsys.readouterr().out.splitlines()
        assert [line for line in lines if len(line) > 80 and " " in line.strip()] == []


def test_help_is_as_it_was_written_where_there_is_room(capsys, monkeypatch):
    monkeypatch.setenv("COLUMNS", "200")
    with pytest.raises(SystemExit):
        main(["check", "--help"])
    assert "  chatproof check                                    the bundled server\n" in capsys.readouterr().out
