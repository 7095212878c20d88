"""A build that fails shows its last words; one that hangs ends when it is not wanted any more."""

import asyncio
import shlex
import sys
import time

import pytest

from chatproof_common.command_line.values import CommandError
from chatproof_conformance.apps.watch.building import build, build_words


def python(code):
    return [sys.executable, "-c", code]


def test_a_good_build_says_nothing():
    assert asyncio.run(build(python("print('compiled')"))) == ("", [])


def test_a_failing_build_shows_its_last_lines():
    problem, lines = asyncio.run(build(python("for i in range(40): print('line', i)\nraise SystemExit(3)")))
    assert problem == "failed with exit status 3"
    assert lines == [f"line {i}" for i in range(25, 40)]


def test_a_build_that_cannot_be_run_says_why():
    problem, lines = asyncio.run(build(["no-such-compiler", "x"]))
    assert (problem, lines) == ("cannot be run: No such file or directory: no-such-compiler", [])
    problem, _ = asyncio.run(build(["cd", "src", "&&", "make"]))
    assert problem.endswith("write it as sh -c '…'")


def test_a_build_ends_when_it_is_not_wanted_any_more():
    async def cancel():
        task = asyncio.create_task(build(python("import time; time.sleep(60)")))
        await asyncio.sleep(0.3)
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)

    began = time.monotonic()
    asyncio.run(cancel())
    assert time.monotonic() - began < 10


@pytest.mark.parametrize(("command", "said"), [("", "is empty"), ("make 'x", "cannot be split")])
def test_a_command_that_is_none_is_refused(command, said):
    with pytest.raises(CommandError, match=said):
        build_words(command)
    assert build_words(shlex.join(python("pass"))) == python("pass")
