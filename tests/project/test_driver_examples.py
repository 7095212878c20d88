"""The example drivers and clients of docs/driver-protocol.md, run exactly as printed."""

import re
import shlex
import sys

import pytest

from support.commands import run_command
from support.paths import ROOT

PAGE = (ROOT / "docs" / "driver-protocol.md").read_text("utf-8")


def write_printed(path):
    """Write the block of the page that follows a file's name into that file."""
    blocks = re.findall(rf"`{path.name}`[.:].*?^```\w+\n(.*?)^```$", PAGE, re.DOTALL | re.MULTILINE)
    assert len(blocks) == 1
    path.write_text(blocks[0], "utf-8")


def conforms(folder, *command):
    done = run_command("check-client", "--command", shlex.join(command), "--budget", "2", folder=folder)
    assert "The client conforms. 17 passed of 17 requirements" in done.stdout
    assert (done.returncode, done.stderr) == (0, "")


def test_the_driver_in_python_and_its_client_conform(tmp_path):
    write_printed(tmp_path / "client.py")
    write_printed(tmp_path / "driver.py")
    conforms(tmp_path, sys.executable, str(tmp_path / "driver.py"))


@pytest.mark.long("checks a whole client; that in Python is checked by default")
@pytest.mark.needs("node")
def test_the_driver_in_node_and_its_client_conform(tmp_path):
    write_printed(tmp_path / "client.js")
    write_printed(tmp_path / "driver.js")
    conforms(tmp_path, "node", str(tmp_path / "driver.js"))
