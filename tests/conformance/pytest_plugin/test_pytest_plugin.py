"""The pytest plugin as a server's author uses it: pytest in a process and a folder of its own."""

import re
import subprocess
import sys

import pytest

from chatproof_common.command_line.program import PROGRAM
from chatproof_conformance.endpoints.peers.peer import Peer
from chatproof_conformance.endpoints.peers.session import ServerSession
from chatproof_conformance.pytest_plugin import assert_valid
from chatproof_conformance.pytest_plugin.settings import as_written_here, read_settings
from chatproof_schemas import requirements
from support.paths import ROOT, RUN_SERVER

pytest_plugins = ("pytester",)

REQUIREMENTS = sum(row.of == "server" for row in requirements().values())

SUITE = """
import socket

def test_a_public_message(chat):
    alice, bob = chat.gather("alice", "bob")
    alice.says("hi")
    bob.hears(alice, "hi")

def test_nobody_else_hears_a_secret(chat):
    alice, bob, carol = chat.gather("alice", "bob", "carol")
    alice.whispers(bob, "psst")
    bob.hears_privately(alice, "psst")
    alice.is_told_delivered(bob, "psst")
    chat.proves_silence(carol, by=alice)

def test_the_operator(chat):
    (alice,) = chat.gather("alice")
    chat.announces("tea")
    alice.hears_announcement("tea")

def test_where_it_listens(chat_target):
    socket.create_connection(chat_target, 10).close()
"""


def page(name):
    return (ROOT / name).read_text("utf-8")


def server(name):
    return f"--chat-command={sys.executable} -S -E {RUN_SERVER} {name} --port {{port}}"


@pytest.fixture
def run(pytester):
    """Run pytest on a text of tests, with the plugin found as in any installation."""

    def run_suite(suite, *words):
        pytester.makepyfile(suite)
        return pytester.runpytest_subprocess("-p", "no:cacheprovider", *words)

    return run_suite


def test_a_right_server_passes_and_a_failure_of_the_tests_own_shows_the_frames_too(run):
    own = "\ndef test_mine(chat):\n    chat.gather('alice')\n    assert 1 == 2\n"
    done = run(SUITE + own, server("baseline"), "--chat-announce", "stdin")
    done.assert_outcomes(passed=4, failed=1)
    done.stdout.fnmatch_lines(["chat server: *baseline --port {port}"])
    done.stdout.fnmatch_lines(["E *assert 1 == 2", "*Captured chat call*", 'alice → {"type": "join", *'])


def test_a_wrong_server_fails_where_it_is_wrong_and_the_frames_show_it(run):
    done = run(SUITE, server("private-to-everyone"))
    done.assert_outcomes(passed=2, failed=1, skipped=1)
    done.stdout.fnmatch_lines(
        [
            ">       chat.proves_silence(carol, by=alice)",
            "E * the chat did not go as expected",
            "E *expected * nothing more at carol",
            'E *actual *"private_message"*"psst"*',
            "E *frames *",
            'E *alice → {"type": "private_message", "target": *"psst"}',
            'E *carol ← {"type":"private_message",*"psst"*',
        ]
    )
    shown = done.stdout.str()
    assert "endpoints/peers/" not in shown, "the harness's own lines tell a server's author nothing"
    assert "left the chat" not in shown, "how everyone leaves after the failure tells nothing either"


def test_what_the_documents_show_works(run):
    pages = page("docs/pytest.md") + page("README.md")
    blocks = [block for block in re.findall(r"```python\n(.*?)```", pages, re.DOTALL) if "def test_" in block]
    assert len(blocks) == 4
    encoder = "class my_encoder:\n    join = staticmethod(lambda name: {'type': 'join', 'username': name})\n\n"
    done = run(encoder + "\n".join(blocks), server("baseline"), "-k", "not conformance")
    done.assert_outcomes(passed=3, deselected=REQUIREMENTS)


def test_the_words_and_options_of_the_document_exist(pytester):
    text = page("docs/pytest.md")
    words = {"chat": ServerSession, "alice": Peer, "bob": Peer}
    named = [(words[who], word) for who, word in re.findall(r"`?(chat|alice|bob)\.(\w+)\(", text)]
    assert len(named) > 20
    assert [word for kind, word in named if not callable(getattr(kind, word, None))] == []
    known = pytester.runpytest_subprocess("--help").stdout.str()
    assert {option for option in re.findall(r"--chat-\w+", text) if option not in known} == set()


def test_frames_that_break_the_protocol_fail_any_test(run):
    suite = "def test_nothing_of_that(chat):\n    chat.gather('alice', 'bob')\n"
    done = run(suite, server("notice-without-timestamp"))
    done.assert_outcomes(failed=1)
    done.stdout.fnmatch_lines(["E *FRAME-8 (MUST)*", "E *expected *valid against the schema*"])


def test_a_broken_should_warns_and_fails_strictly(run):
    suite = "def test_nothing_of_that(chat):\n    chat.gather('alice', 'bob')\n"
    done = run(suite, server("clock-slow"))
    done.assert_outcomes(passed=1, warnings=1)
    done.stdout.fnmatch_lines(["*test_a_broken_should*.py:1: ChatWarning: TIME-1: *"])
    run(suite, server("clock-slow"), "--chat-strict").assert_outcomes(failed=1)


def test_a_server_that_dies_is_named_and_started_again(run):
    suite = """
        def test_deadly(chat):
            (alice,) = chat.gather("alice")
            alice.sends_frame(b"[" * 1000)
            alice.gets_error()

        def test_after(chat):
            alice, bob = chat.gather("alice", "bob")
            alice.says("hi")
            bob.hears(alice, "hi")
    """
    done = run(suite, server("deep-nesting-kills"))
    done.assert_outcomes(failed=1, passed=1)
    done.stdout.fnmatch_lines(["E *expected *the server to survive", "E *actual *process ended with *"])


def test_each_requirement_is_a_test_of_its_own(run):
    suite = "def test_conformance(chat_requirement):\n    chat_requirement.is_kept()\n"
    words = ("-v", "-ra", "-k", "ERROR-10 or SERVER-1 or TIME-1 or CONFIRM-3", "--chat-budget=1", "--chat-seed=1")
    done = run(suite, server("huge-number-closes"), *words)
    done.assert_outcomes(passed=2, failed=1, skipped=1, deselected=REQUIREMENTS - 4)
    done.stdout.fnmatch_lines(
        [
            "*[[]ERROR-10[]] FAILED*",
            "*[[]SERVER-1[]] SKIPPED*",
            "E *ERROR-10 (MUST) *",
            "E *expected *",
            "E *frames *",
            "E *repeat * chatproof check --command *",
            "SKIPPED * not tested: * announce*",
        ]
    )


def test_settings_may_stand_in_the_ini_file(run, pytester):
    pytester.makeini(f"[pytest]\nchat_command = {server('baseline').partition('=')[2]}\nchat_announce = stdin\n")
    run(SUITE).assert_outcomes(passed=4)


def test_the_command_line_names_another_server_than_the_ini_file(run, pytester):
    pytester.makeini("[pytest]\nchat_target = 127.0.0.1:1\nchat_announce = ./announce {text}\n")
    run(SUITE, server("baseline")).assert_outcomes(passed=3, skipped=1)


def test_another_command_is_announced_for_as_the_ini_file_says(run, pytester):
    pytester.makeini("[pytest]\nchat_command = ./another {port}\nchat_announce = stdin\n")
    run(SUITE, server("baseline")).assert_outcomes(passed=4)


@pytest.fixture
def bundled_server():
    """The address of the bundled server, started for the test, of IPv6: ``[::1]:PORT``."""
    words = [*PROGRAM, "server", "--headless", "--host", "::1", "--port", "0"]
    with subprocess.Popen(words, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True) as process:
        yield process.stdout.readline().split()[-1]
        process.kill()


def test_a_running_server_is_used_by_chats_and_by_a_selection_of_the_check(run, bundled_server):
    both = SUITE + "\ndef test_conformance(chat_requirement):\n    chat_requirement.is_kept()\n"
    more = ("--chat-framing=lf", "--chat-budget=1", "--chat-wait=20", "-rs")
    chosen = "a_public_message or JOIN-10 or STOP-1 or operator"
    done = run(both, f"--chat-target={bundled_server}", "-k", chosen, *more)
    done.assert_outcomes(passed=2, skipped=2, deselected=REQUIREMENTS)
    done.stdout.fnmatch_lines_random(["*SKIPPED*did not start this server; give --chat-command to have it started*"])


def test_what_the_harness_says_is_said_in_the_names_of_pytest():
    said = "give --command or HOST:PORT; check it with --framing none, --time-limit 5; --wait S; --commander"
    told = "give --chat-command or HOST:PORT; check it with --chat-framing none, --chat-time-limit 5; --chat-wait S"
    assert as_written_here(said) == f"{told}; --commander"


@pytest.mark.parametrize(
    ("words", "told"),
    [
        ({"command": "./server"}, "--chat-command must contain {port}"),
        ({"target": "a:1", "command": "x {port}"}, "give --chat-target or --chat-command, not both"),
        ({"target": "a:1", "announce": "stdin"}, "--chat-announce stdin needs --chat-command"),
        ({"target": "a:1", "framing": "crlf"}, "--chat-framing 'crlf' is none; expected lf or none"),
        ({"target": "a:1", "budget": "long"}, "--chat-budget 'long' is no number of seconds above 0"),
        ({"target": "a:1", "seed": "-1"}, "--chat-seed '-1' is no whole number"),
    ],
)
def test_wrong_settings_are_refused(words, told):
    given = dict.fromkeys(("target", "command", "announce", "framing", "budget", "seed"), "")
    with pytest.raises(pytest.UsageError, match=told):
        read_settings(given | words, strict=False)


def test_they_are_refused_before_any_test(pytester):
    done = pytester.runpytest_subprocess("--chat-target=nowhere")
    assert done.ret == pytest.ExitCode.USAGE_ERROR
    done.stderr.fnmatch_lines(["*'nowhere' is no target; write HOST:PORT*"])
    assert "Traceback" not in done.stderr.str()


def test_a_test_that_wants_a_server_says_what_it_lacks(run):
    both = SUITE + "\ndef test_conformance(chat_requirement):\n    chat_requirement.is_kept()\n"
    done = run(both, "-k", "operator or PRIVATE-1")
    done.assert_outcomes(errors=2, deselected=REQUIREMENTS + 2)
    done.stdout.fnmatch_lines(["no chat server was named: give --chat-target HOST:PORT or *"])
    done = run(both, "--chat-target=127.0.0.1:1", "-k", "operator or PRIVATE-1")
    done.assert_outcomes(errors=2, deselected=REQUIREMENTS + 2)
    done.stdout.fnmatch_lines(["the chat server cannot be tested: no connection to 127.0.0.1:1: *"])
    assert "Traceback" not in done.stdout.str()


def test_it_costs_other_suites_nothing(pytester):
    """Whoever has chatproof installed and does not use the plugin imports one module of it, which imports pytest."""
    pytester.makepyfile(
        """
        import sys

        def test_other():
            loaded = {name for name in sys.modules if name.startswith("chatproof")}
            assert loaded == {"chatproof_conformance", "chatproof_conformance.pytest_plugin"}
            assert not {"jsonschema", "rich"} & set(sys.modules)
        """
    )
    done = pytester.runpytest_subprocess("-p", "no:hypothesispytest", "-p", "no:cacheprovider")
    done.assert_outcomes(passed=1)


def test_a_valid_message_is_returned():
    join = {"type": "join", "username": "ann"}
    assert assert_valid(join, "client") == join
    assert assert_valid('{"type":"join","username":"ann"}', "client") == join
    assert assert_valid(b'{"type":"join","username":"ann"}', "client") == join


@pytest.mark.parametrize(
    ("message", "direction", "told"),
    [
        (
            {"type": "message", "username": "", "timestamp": "9:00"},
            "server",
            """\
no valid message from server to client:
  {"type": "message", "username": "", "timestamp": "9:00"}
/username
  - is empty
  + 1 to 32 code points
/timestamp
  - is "9:00"
  + a time as HH:MM:SS in 24 hours, such as 14:30:25
/content
  - is missing
  + a string of at least 1 code point""",
        ),
        ({"type": "error", "message": "no"}, "client", '/type\n  - is "error", which only a server sends\n'),
        (b'{"type":"join"', "client", "message, column 15\n  - ends inside an object\n  + a closing }"),
        (b"\xff", "client", "is not UTF-8"),
        (["join"], "client", "message\n  - is an array\n  + an object"),
        ("x" * 1025, "client", "is 1025 bytes long"),
    ],
)
def test_an_invalid_message_is_told_as_a_difference(message, direction, told):
    with pytest.raises(AssertionError, match="no valid message") as failed:
        assert_valid(message, direction)
    assert told in str(failed.value)


def test_a_direction_that_is_none_is_named():
    with pytest.raises(ValueError, match=re.escape("'sideways'")):
        assert_valid({}, "sideways")
