"""The verdict that a user gets: what is printed, and the exit code."""

import re
import shlex
import socket

import pytest

from chatproof_schemas import requirements


def test_the_bundled_server_conforms_in_every_requirement_of_a_server(run_check):
    done = run_check()
    passed = [id_ for line in re.findall(r"^  ✓ (.*)$", done.stdout, re.MULTILINE) for id_ in line.split()]
    of_servers = [id_ for id_, row in requirements().items() if row.of == "server"]
    assert passed == of_servers, done.stdout
    assert f"The server conforms. {len(passed)} passed of {len(passed)} requirements" in done.stdout
    assert "\nLevel 8 of 8: announcements and stopping\n" in done.stdout
    assert (done.returncode, done.stderr) == (0, "")


def test_evidence_is_counted(check_server):
    counts = re.search(
        r"([\d,]+) deliveries seen, ([\d,]+) absences verified, ([\d,]+) frames checked",
        check_server("baseline", "PRIVATE-2").stdout,
    )
    assert counts
    assert all(int(count.replace(",", "")) > 0 for count in counts.groups())


def test_a_broken_must_fails_with_all_that_is_needed_to_mend_it(check_server):
    done = check_server("private-to-everyone", "PRIVATE-2")
    assert done.returncode == 1
    finding = done.stdout[done.stdout.index("\nFAIL PRIVATE-2 (MUST)") :]
    for part in ("expected  ", "actual    ", "frames    ", "situation ", "repeat    chatproof check --command "):
        assert part in finding
    assert "  likely    your server sends to the wrong people; chatproof explain PRIVATE-2" in finding
    assert "The server does not conform." in finding


def test_the_repeat_line_repeats_the_failure(check_server, run_check):
    printed = check_server("blank-line-refused", "FRAME-7", "--strict").stdout
    line = re.search(r"^  repeat    chatproof check (.*)$", printed, re.MULTILINE)
    assert line
    again = run_check(*shlex.split(line[1]), "--strict")
    assert again.returncode == 1
    assert "WARNING FRAME-7" in again.stdout


def test_a_broken_should_is_a_warning_unless_strict(check_server):
    lenient = check_server("join-in-other-words", "--level", "1")
    assert lenient.returncode == 0
    assert "WARNING JOIN-3 (SHOULD)" in lenient.stdout
    strict = check_server("join-in-other-words", "--level", "1", "--strict")
    assert strict.returncode == 1
    assert "The server does not conform strictly." in strict.stdout


def test_nothing_can_be_said_where_nothing_listens(run_check):
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))  # bound and not listening: nobody else can take the port
        address = f"127.0.0.1:{closed.getsockname()[1]}"
        done = run_check(address)
    assert (done.returncode, done.stdout) == (2, "")
    why = f"no connection to {address}: Connection refused; if it is still starting, give --wait SECONDS"
    assert done.stderr == f"chatproof check: {why}\n"


@pytest.mark.parametrize(
    ("words", "complaint"),
    [
        (["localhost:99999"], "'localhost:99999' is no target; write HOST:PORT"),
        (["http://localhost:1"], "'http://localhost:1' is no target"),
        (["a:1", "b:2", "a:1"], "a:1 is given twice; each address of a server is another node"),
        (["127.0.0.1:1", "b:2", "localhost:1"], "127.0.0.1:1 and localhost:1 are the same address, 127.0.0.1:1; each"),
        (["a:1", "--nodes", "2"], "--nodes needs --command, which starts each node"),
        (["--nodes", "2"], "--nodes needs --command"),
        (["--command", "x {port}", "--nodes", "10"], "--nodes 10: expected at most 9"),
        (["--command", "x {port}", "--nodes", "0"], "argument --nodes: '0' must be a whole number, 1 or more"),
        (["localhost:1", "--nemesis"], "--nemesis needs one server that is started"),
        (["--command", "x {port}", "--nodes", "2", "--nemesis"], "--nemesis needs one server that is started"),
        (["a:1", "a:2", "--engine", "y {port}"], "--engine needs --command and --nodes: only nodes that we start"),
        (["--command", "x {port} {engine}", "--engine", "y {port}"], "--engine needs --command and --nodes"),
        (["--command", "x {port} {engine}", "--nodes", "2"], "{engine} in --command needs --engine"),
        (["--command", "x {port} {engine}", "--nodes", "2", "--engine", "y"], "--engine must contain {port}"),
        (["--command", "x {port}", "--nodes", "2", "--engine", "y {port}"], "--command must contain {engine}"),
        (
            ["--command", "x {port} {engine}", "--nodes", "2", "--engine", "y {port} '"],
            '--engine "y {port} \'" cannot be split into words',
        ),
        (["--bound", "0"], "argument --bound: '0' is no number of seconds above 0"),
        (["--command", "x {port} {shared}"], "{shared} in --command needs --nodes"),
        (["NOPE"], "nothing is called NOPE; `chatproof check --list` shows what can be selected"),
        (["JOIN", "CLIENT-1"], "nothing is called CLIENT-1"),
        (["eror-1"], "nothing is called eror-1; did you mean ERROR-1?"),
        (["--failed", "JOIN"], "give --failed or a selection, not both: JOIN"),
        (["--level", "2", "JOIN"], "give --level or a selection, not both: JOIN"),
        (["--level", "2", "--failed"], "give --failed or --level, not both"),
        (["--level", "9", "--list"], "--level 9: there is no such level; the levels of a server are 1 to 8"),
        (["localhost:1", "--failed"], "--failed: no failure of `chatproof check localhost:1` is known"),
        (["--format", "json-lines", "--report", "md=-"], "both write to standard output; give one a file"),
        (["localhost:1", "--command", "x {port}"], "give HOST:PORT or --command, not both"),
        (["localhost:1", "--announce", "stdin"], "--announce stdin needs --command"),
        (["--command", "server 12345"], "--command must contain {port}"),
        (["--command", "'server {port}"], "cannot be split into words: No closing quotation"),
        (["--announce", "wall"], "--announce must contain {text}"),
        (["--command", "no-such-program-anywhere {port}"], "the command cannot be run: No such file or directory"),
        (["--command", "false {port}"], "the command ended with exit status 1 before it listened"),
        (["--seed", "x"], "argument --seed: 'x' is no whole number"),
        (["--seed", "9" * 5000], "9999…' is no whole number, 0 or more, of at most 18 digits"),
        (["--budget", "0"], "argument --budget: '0' is no number of seconds above 0"),
        (["--time-limit", "1e300"], "argument --time-limit: '1e300' is too long; expected at most 1,000,000 seconds"),
        (["--framing", "crlf"], "argument --framing: invalid choice: 'crlf'"),
        (["localhost:1", "--server-log", "log"], "--server-log needs a server that is started"),
        (["--server-log", "no/such/folder/log"], "cannot be written: No such file or directory"),
    ],
)
def test_what_cannot_be_run_is_explained_in_a_line(run_check, words, complaint):
    done = run_check(*words)
    assert done.returncode == 2
    assert complaint in done.stderr.splitlines()[-1]
    assert "Traceback" not in done.stderr + done.stdout


def test_a_command_that_dies_has_its_last_words_shown(run_check):
    done = run_check("--command", """python3 -c 'raise SystemExit("no license found")' {port}""")
    assert done.returncode == 2
    assert "exit status 1 before it listened; it printed: no license found" in done.stderr
