"""The examples of docs/languages.md, run as printed: a right server passes, a wrong one fails by requirement."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from chatproof_schemas import requirements
from support.paths import ROOT, RUN_SERVER

PAGE = (ROOT / "docs" / "languages.md").read_text("utf-8")
SELECTION = ("JOIN-4", "PRIVATE-2")
FAULT = "private-to-everyone"
"""It breaks PRIVATE-2."""
JARS = ":".join(
    str(jar)
    for name in ("junit-jupiter-*", "junit-platform-*", "opentest4j", "apiguardian-api", "picocli", "jackson-*")
    for jar in sorted(Path("/usr/share/java").glob(f"{name}.jar"))
)
CHATPROOF = f"""\
#!{sys.executable}
# The command, with few requirements and little input: it is run twice for each language.
import sys

sys.path.insert(0, {str(ROOT / "tests")!r})
from chatproof_common.command_line.main import main
from faults import short_runs

short_runs.shorten("plain")
sys.exit(main([*sys.argv[1:], *{SELECTION!r}]))
"""


class Project:
    """A folder with a server ``chat``; its commands find ``chatproof``."""

    def __init__(self, folder, server):
        self.folder = folder
        self.server = server
        self._write("chat", f'#!/bin/sh\nexec {sys.executable} {RUN_SERVER} {server} --port "$1"\n').chmod(0o755)
        self._write("programs/chatproof", CHATPROOF).chmod(0o755)

    def write_printed(self, name):
        """Write the block of the page that follows a file's name."""
        (text,) = re.findall(rf"^`{name}`,.*?^```\w+\n(.*?)^```$", PAGE, re.DOTALL | re.MULTILINE)
        self._write(name, text)

    def run(self, *words):
        """Run the tests of the language; return whether they passed, and their report."""
        path = os.pathsep.join([str(self.folder / "programs"), os.environ["PATH"]])
        done = subprocess.run(
            words, cwd=self.folder, env=os.environ | {"PATH": path}, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT, text=True, encoding="utf-8", check=False, timeout=240,
        )  # fmt: skip
        return done.returncode == 0, done.stdout

    def _write(self, name, text):
        path = self.folder / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(text, "utf-8")
        return path


@pytest.fixture(params=["baseline", FAULT])
def project(request, tmp_path):
    return Project(tmp_path, request.param)


def judge(project, words, passed, failed):
    """Run the tests, and read their report: ``passed`` and ``failed`` are its lines, with NAME for that of a test."""
    succeeded, report = project.run(*words)
    is_right = project.server == "baseline"
    assert succeeded is is_right, report
    for name, line in {
        r"JOIN.4(?!\d)": passed,
        r"PRIVATE.2(?!\d)": passed if is_right else failed,
        "verdict": passed if is_right else failed,
    }.items():
        assert re.search(line.replace("NAME", name), report, re.MULTILINE), report
    said = [
        r"PRIVATE-2[ _]Nobody[ _]but[ _]its[ _]target[ _]gets[ _]any[ _]part[ _]of[ _]a[ _]private[ _]message",
        r"expected .*nothing of a private message to .*\n.*actual .*private_message .*\n.*repeat .*chatproof check ",
        failed.replace("NAME", ".*"),
    ]
    if is_right:
        assert not re.search(said[1], report)
        assert not re.search(said[2], report, re.MULTILINE)
    else:
        assert [one for one in said if not re.search(one, report, re.MULTILINE)] == [], report


@pytest.mark.long("compiles, and starts a server")
@pytest.mark.needs("go")
def test_in_go(project):
    project.write_printed("protocol_test.go")
    (project.folder / "go.mod").write_text("module chat\n\ngo 1.19\n")
    judge(project, ["go", "test", "-v", "."], "^ *--- PASS: TestProtocol/NAME", "^ *--- FAIL: TestProtocol/NAME")


@pytest.mark.long("starts a server")
@pytest.mark.needs("node")
def test_in_javascript(project):
    project.write_printed("protocol.test.mjs")
    judge(project, ["node", "--test-reporter=tap", "--test"], r"^ *ok \d+ - NAME", r"^ *not ok \d+ - NAME")


@pytest.mark.needs("node")
def test_without_a_report_the_verdict_fails(tmp_path):
    project = Project(tmp_path, "no-such-server")
    project.write_printed("protocol.test.mjs")
    succeeded, report = project.run("node", "--test-reporter=tap", "--test")
    assert not succeeded
    assert "the command ended with exit status 2 before it listened" in report
    assert re.search(r"^ *not ok \d+ - verdict$.*no report", report, re.DOTALL | re.MULTILINE), report
    assert not re.search(r"^ *ok ", report, re.MULTILINE)


@pytest.mark.long("compiles, and starts a server")
@pytest.mark.needs("java", "javac", "/usr/share/java/junit-jupiter.jar", "/usr/share/java/jackson-databind.jar")
def test_in_java(project):
    project.write_printed("ProtocolTest.java")
    assert project.run("javac", "-cp", JARS, "-d", "classes", "ProtocolTest.java") == (True, "")
    runner = ["org.junit.platform.console.ConsoleLauncher", "--disable-banner", "--disable-ansi-colors"]
    words = [
        "java",
        "-cp",
        f"{JARS}:classes",
        *runner,
        "--details=tree",
        "--details-theme=ascii",
        "--select-class=ProtocolTest",
    ]
    judge(project, words, r"-- NAME.*\[OK\]$", r"-- NAME.*\[X\]")


@pytest.mark.long("compiles, and starts a server")
@pytest.mark.needs("cargo", "/usr/share/cargo/registry/serde_json-*")
def test_in_rust(project):
    for name, text in {
        "Cargo.toml": '[package]\nname = "chat"\nversion = "0.1.0"\nedition = "2021"\n\n'
        '[dev-dependencies]\nserde_json = "1"\n',
        "src/lib.rs": "",
        # Debian's packages of crates stand for the registry.
        ".cargo/config.toml": '[source.crates-io]\nreplace-with = "debian"\n\n'
        '[source.debian]\ndirectory = "/usr/share/cargo/registry"\n',
    }.items():
        (project.folder / name).parent.mkdir(exist_ok=True)
        (project.folder / name).write_text(text)
    project.write_printed("tests/protocol.rs")
    judge(
        project,
        ["cargo", "test", "--offline", "--", "JOIN_4", "PRIVATE_2", "verdict"],
        "^test NAME ... ok$",
        "^test NAME ... FAILED$",
    )


def test_rust_lists_all_requirements_of_servers():
    (names,) = re.findall(r"^requirements! \{\n(.*?)^\}", PAGE, re.DOTALL | re.MULTILINE)
    of_servers = [id_ for id_, row in requirements().items() if row.of == "server"]
    assert names.replace("_", "-").split() == of_servers
