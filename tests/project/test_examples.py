"""The commands that README.md and the pages show do what they say: each is run as printed, in a stranger's project.

Ports are those of a server that runs, and a check tries one requirement. Elsewhere are tested: windows, the
installation, the single file and the image (tests/distribution), pytest's lines (test_pytest_plugin.py), the drivers
(test_driver_examples.py), what is used by a person, --watch (test_watch_in_a_terminal.py), tshark (test_capture.py),
clusters (tests/reference/server/cluster).
"""

import os
import re
import shlex
import shutil
import signal
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from chatproof_common.system.ports import free_port
from project.test_action import RUN, Runner
from support.paths import ROOT

PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]
ELSEWHERE = re.compile(
    r"--watch|python3 -m venv|pytest |tshark |^nox |^pipx |^uvx |pip install |^docker |^gh |chatproof\.pyz|redis"
    r"|chatproof (?:server|client)(?: localhost:12345 --username alice)?\s*#|--listen 12345"
)
"""By what is tested elsewhere."""
NEVER_ENDS = re.compile(r"chatproof (?:tap --listen|server --headless)")
PROGRAMS = ROOT / "conformance" / "chatproof_conformance" / "implementations" / "servers"
REQUIREMENT = "JOIN-3"
SECONDS = 240

SERVER = f"""\
#!/bin/sh
for port; do :; done
exec {sys.executable} -m chatproof_common.command_line.main server --headless --port "$port"
"""
NODE = f"""\
#!/bin/sh
case $1 in driver.js) exec {sys.executable} -m chatproof_common.command_line.main client --json-lines ;; esac
exec ./server "$@"
"""
FAULTY_SERVER = f"{sys.executable} {PROGRAMS / 'run.py'} join-in-other-words --port {{port}}"
"""It breaks REQUIREMENT."""
IMPLEMENTATIONS = """\
[[server]]
name = "go"
command = "./server --port {port}"

[[client]]
name = "node"
command = "node driver.js"
"""
MAKEFILE = ".PHONY: server\nserver:\n\tmkdir -p build && cp server.in build/server && chmod +x build/server\n"
SUITE = """\
#!/bin/sh
printf 'hello\\n' | chatproof client --headless "$CHATPROOF_TAP" --username suite
"""
JQ = f"#!/bin/sh\nexec {sys.executable} -c 'import json, sys; print(json.load(sys.stdin)[sys.argv[1][1:]])' \"$1\"\n"


def printed_commands():
    """Yield each line of the shell blocks that starts chatproof, once."""
    seen = set()
    for path in PAGES:
        for block in re.findall(r"```sh\n(.*?)```", path.read_text("utf-8"), re.DOTALL):
            for line in block.splitlines():
                command = line.partition("#")[0].strip()
                if command and command not in seen and not ELSEWHERE.search(line):
                    seen.add(command)
                    yield pytest.param(command, id=f"{path.name}: {command}")


class Project:
    """A folder with a server, a driver and recordings; its commands find stand-ins of what is not installed."""

    def __init__(self, folder):
        self.folder = folder
        self.port = str(free_port())
        (programs := folder / "programs").mkdir()
        self.environment = os.environ | {
            "PATH": os.pathsep.join([str(programs), str(Path(sys.executable).parent), os.environ["PATH"]]),
            "CHATPROOF_PORT": self.port,
            "XDG_CACHE_HOME": str(folder / "cache"),  # nothing has failed before
        }
        os.mkfifo(folder / "operator")
        announce = '#!/bin/sh\nprintf "%s\\n" "$1" >operator\n'
        for path, text in {
            "server": SERVER, "chat": SERVER, "server.in": SERVER, "announce": announce, "run-e2e-tests.sh": SUITE,
            "programs/node": NODE, "programs/go": SERVER, "programs/jq": JQ,
        }.items():  # fmt: skip
            (folder / path).write_text(text, "utf-8")
            (folder / path).chmod(0o755)
        (folder / "Makefile").write_text(MAKEFILE)
        (folder / "out").mkdir()
        (folder / "sent.ndjson").write_text('{"type":"join","username":"ann"}\n{"type":"message","content":"hi"}\n')

    def serve(self):
        """Start a server on the port that stands for 12345; its operator speaks through a pipe."""
        operator = os.open(self.folder / "operator", os.O_RDWR)  # so that it never ends
        try:
            server = subprocess.Popen(
                [self.folder / "server", self.port], stdin=operator, stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL, text=True,
            )  # fmt: skip
        finally:
            os.close(operator)
        assert "Listening on" in server.stdout.readline()
        return server

    def run(self, line, *, ends=True):
        """Run a line by a shell; return it and all that it printed. One that does not end is interrupted."""
        process = subprocess.Popen(
            ["bash", "-c", line], cwd=self.folder, env=self.environment, text=True, start_new_session=True,
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
        )  # fmt: skip
        try:
            first = ""
            if not ends:
                first = process.stdout.readline()
                os.killpg(process.pid, signal.SIGINT)
            return process, first + process.communicate(timeout=SECONDS)[0]
        finally:
            if process.poll() is None:
                os.killpg(process.pid, signal.SIGKILL)
                process.wait()

    def makes_a_class(self):
        """Make a scheme, and the submission of one."""
        page = (ROOT / "docs" / "grade.md").read_text("utf-8")
        (self.folder / "grading.toml").write_text(re.findall(r"```toml\n(.*?)```", page, re.DOTALL)[0], "utf-8")
        for name in ("server", "server.in", "Makefile"):
            (submission := self.folder / "submissions" / "ann").mkdir(parents=True, exist_ok=True)
            shutil.copy(self.folder / name, submission)

    def needs(self, line):
        """Make what a line reads."""
        if "interop" in line:
            (self.folder / "implementations.toml").write_text(IMPLEMENTATIONS)
        if "compare reports" in line:
            self.run(f"chatproof check {REQUIREMENT} --report json=reports/go.json")
        if "--against main.json" in line:
            self.run("chatproof interop implementations.toml --report json=main.json")
            return
        for name in re.findall(r"\b(\w+\.json)\b", line):
            if "--report" not in line and "--write-baseline" not in line and name != "known.json":
                self.run(f"chatproof check {REQUIREMENT} --report json={name}")
        if line.startswith("chatproof grade"):
            self.makes_a_class()
        if line == "chatproof explain":
            self.run(f'chatproof check {REQUIREMENT} --command "{FAULTY_SERVER}"')
        if "--baseline known.json" in line:
            self.run(f'chatproof check {REQUIREMENT} --command "./server {{port}}" --write-baseline known.json')
        if re.search(r"(?<!record )run\.ndjson", line) and "--record" not in line:
            tapped = f"chatproof tap --to localhost:{self.port} --record run.ndjson -- ./run-e2e-tests.sh"
            assert self.run(tapped)[0].returncode == 0


@pytest.fixture
def project(tmp_path):
    project = Project(tmp_path)
    server = project.serve()
    yield project
    server.terminate()
    server.wait(20)
    server.stdout.close()


@pytest.mark.long("runs every command of the pages; the jobs of docs/ci.md are run by default")
@pytest.mark.parametrize("command", [*printed_commands()])
def test_a_printed_command_does_what_it_says(project, command):
    project.needs(command)
    command = command.replace("12345", project.port).replace(":12346", ":0")
    if "server --headless" in command:
        command = command.replace(project.port, "0")
    command = re.sub(r"chatproof check (?!--transcript)", f"chatproof check {REQUIREMENT} ", command)
    command = re.sub(r"--repeat \d+", "--repeat 3", command)
    command = command.replace("chatproof check-client", "chatproof check-client CLIENT-1")
    process, printed = project.run(command, ends=not NEVER_ENDS.search(command))
    nothing_passed = "tap --listen" in command
    assert process.returncode == (2 if nothing_passed else 0), printed
    assert "Traceback" not in printed
    for name in re.findall(r"(?:html|json|junit|md)[= ]([\w/]+\.\w+)", command):
        assert (project.folder / name).stat().st_size


def blocks(language):
    """Return the blocks of docs/ci.md, read, by the file's name in their first line."""
    found = re.findall(rf"```{language}\n# (\S+)\n(.*?)```", (ROOT / "docs" / "ci.md").read_text("utf-8"), re.DOTALL)
    return {name: yaml.safe_load(text) for name, text in found}


CI = blocks("yaml")


def test_the_pages_of_ci_are_found():
    assert {*CI} == {
        ".github/workflows/chat.yml", ".github/workflows/chat-service.yml", ".gitlab-ci.yml", ".pre-commit-config.yaml"
    }  # fmt: skip


def test_the_job_of_gitlab_runs_from_a_fresh_clone(project):
    job = CI[".gitlab-ci.yml"]["chat-protocol"]
    install, *script = job["script"]
    assert install.startswith("pip install git+https://")
    for line in script:
        line = line.replace("chatproof check", f"chatproof check {REQUIREMENT}")  # noqa: PLW2901  the same, shorter
        assert project.run(line)[0].returncode == 0, line
    for name in (*job["artifacts"]["paths"], job["artifacts"]["reports"]["junit"]):
        assert (project.folder / name).stat().st_size


@pytest.mark.parametrize("name", [name for name in CI if name.startswith(".github")])
def test_a_workflow_of_github_runs_from_a_fresh_clone(project, name, tmp_path_factory):
    (job,) = CI[name]["jobs"].values()
    runner = Runner(tmp_path_factory.mktemp("runner"))
    runner.work = project.folder
    checked = None
    for step in job["steps"]:
        if "run" in step:
            assert project.run(step["run"])[0].returncode == 0, step
        elif "chatproof@" in step["uses"]:
            given = {key: str(value).lower() if value is True else value for key, value in step["with"].items()}
            given["target"] = given.get("target", "").replace("12345", project.port)
            checked = runner.run(RUN, given | {"select": REQUIREMENT}, PATH=project.environment["PATH"])
            assert checked.returncode == 0, checked.stdout + checked.stderr
        elif "upload-artifact" in step["uses"]:
            assert (project.folder / step["with"]["path"]).stat().st_size
    assert checked is not None


@pytest.mark.parametrize("args", [None, CI[".pre-commit-config.yaml"]["repos"][0]["hooks"][0]["args"]])
def test_a_file_named_like_an_option_is_a_file_to_the_hook(project, args):
    """pre-commit appends the names of files to the entry and its arguments."""
    (hook,) = yaml.safe_load((ROOT / ".pre-commit-hooks.yaml").read_text("utf-8"))
    assert hook["id"] == CI[".pre-commit-config.yaml"]["repos"][0]["hooks"][0]["id"]
    victim = project.folder / "victim.ndjson"
    (project.folder / "--output=victim.ndjson").write_text('{"type":"message","content":""}\n')
    victim.write_text('{"type":"join","username":"ann"}\n')
    words = [*shlex.split(hook["entry"]), *(args or hook["args"]), "--output=victim.ndjson", "victim.ndjson"]
    process, printed = project.run(shlex.join(words))
    assert process.returncode == 1, printed
    assert "--output=victim.ndjson:1" in printed
    assert victim.read_text() == '{"type":"join","username":"ann"}\n'
