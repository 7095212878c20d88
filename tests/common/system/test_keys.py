"""Single keys are read from a terminal at once, and the terminal is as before afterwards."""

import os
import pty
import sys
import termios

from chatproof_common.system.keys import read_keys, single_keys


def test_without_a_terminal_there_are_no_keys(monkeypatch):
    reader, writer = os.pipe()
    with os.fdopen(reader) as stream:
        monkeypatch.setattr(sys, "stdin", stream)
        with single_keys() as keys:
            assert keys is None
    os.close(writer)


def test_a_key_is_read_without_enter_and_the_mode_comes_back():
    process, terminal = pty.fork()
    if not process:
        sys.stdin = os.fdopen(0)
        before = termios.tcgetattr(0)
        with single_keys() as keys:
            os.write(1, b"ready\n")
            pressed = read_keys(keys)
        same = termios.tcgetattr(0)[3] == before[3]
        os.write(1, f"got {pressed} {same}\n".encode())
        os._exit(0)
    output = b""
    while b"ready" not in output:
        output += os.read(terminal, 1024)
    os.write(terminal, b"q")
    while b"got" not in output or not output.endswith(b"\n"):
        output += os.read(terminal, 1024)
    os.waitpid(process, 0)
    os.close(terminal)
    assert b"got q True" in output


def test_a_terminal_that_has_gone_has_no_keys():
    reader, writer = os.pipe()
    os.close(writer)
    assert read_keys(reader) == ""
    os.close(reader)
    assert read_keys(reader) == ""
