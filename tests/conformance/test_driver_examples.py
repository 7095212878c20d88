"""The example drivers of docs/driver-protocol.md, run exactly as printed."""

import re
import shlex
import sys
from pathlib import Path

import pytest

PAGE = (Path(__file__).parents[2] / "docs" / "driver-protocol.md").read_text("utf-8")


def printed(language, folder, name):
    """Write the page's only block in a language into a file, and return its path."""
    blocks = re.findall(rf"^```{language}\n(.*?)^```$", PAGE, re.DOTALL | re.MULTILINE)
    assert len(blocks) == 1
    path = folder / name
    path.write_text(blocks[0], "utf-8")
    return path


def test_the_example_in_python_conforms(run_check_client, tmp_path):
    command = shlex.join([sys.executable, str(printed("python", tmp_path, "driver.py"))])
    done = run_check_client("--command", command, "--budget", "2")
    assert "The client conforms. 9 passed of 9 requirements" in done.stdout
    assert (done.returncode, done.stderr) == (0, "")


@pytest.mark.needs("node")
def test_the_example_in_node_conforms(run_check_client, tmp_path):
    command = shlex.join(["node", str(printed("js", tmp_path, "driver.js"))])
    done = run_check_client("--command", command, "--budget", "2")
    assert "The client conforms. 9 passed of 9 requirements" in done.stdout
    assert (done.returncode, done.stderr) == (0, "")
