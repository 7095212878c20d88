"""What is selected is put to the test, or it is said what stands in its way: nothing passes because it never did."""

import re
import shlex
import sys

import pytest

from support.commands import chatproof, server_command
from support.own_server import write_server


def check(*words):
    return chatproof("check", "--seed", "1", *words)


def test_what_never_passed_is_blocked_by_what_explains_it(tmp_path):
    body = """
    def on_private(self, connection, message):
        raise Refused("unknown_type", "no private messages")
    """
    server = write_server(tmp_path / "server.py", body)
    code, printed = check("--command", f"{shlex.join([sys.executable, str(server)])} {{port}}", "PRIVATE-3")
    assert code == 1
    assert re.search(r"✗ PRIVATE-1 ", printed)
    assert re.search(r"⊘ PRIVATE-3\n +blocked: needs PRIVATE-1", printed)
    assert "✓ PRIVATE-3" not in printed


@pytest.mark.long("makes four checks")
@pytest.mark.parametrize("level", ["2", "4", "5", "7"])
def test_each_level_can_be_reached(level):
    code, printed = check(*server_command("baseline"), "--level", level)
    assert code == 0, printed
    assert f"Level {level} of 8" in printed
