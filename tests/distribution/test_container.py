"""The Dockerfile and the compose file without a builder of images: the steps, and what they make, run in a folder."""

import json
import os
import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
import yaml
from dockerfile_parse import DockerfileParser

from chatproof_common.command_line.main import build_parser, find_commands
from chatproof_common.system.ports import free_port
from support.paths import ROOT

INSTALLED = "/opt/chatproof"
"""Where it is in the image; in the tests it is in a folder of theirs."""
SYSTEM = "/usr/local/bin:/usr/bin:/bin"
CHAT = yaml.safe_load((ROOT / "compose.yaml").read_text("utf-8"))["services"]["chat"]


def stages_of(text):
    """Return the stages of a Dockerfile: their instructions, each with its value."""
    stages = []
    for step in DockerfileParser(fileobj=text).structure:
        if step["instruction"] == "FROM":
            stages.append([])
        elif stages and step["instruction"] != "COMMENT":
            stages[-1].append((step["instruction"], step["value"]))
    return stages


with (ROOT / "Dockerfile").open("rb") as opened:
    BUILD, FINAL = stages_of(opened)


def value_of(name):
    """Return the value of the one instruction of that name in the last stage; JSON is read."""
    (value,) = [value for instruction, value in FINAL if instruction == name]
    return json.loads(value) if value.startswith("[") else value


HEALTH = json.loads(re.search(r"\sCMD (\[.*\])$", value_of("HEALTHCHECK"))[1])


def copy_context(folder):
    """Copy what .dockerignore lets through: it ignores all but what it names."""
    lines = (ROOT / ".dockerignore").read_text("utf-8").splitlines()
    everything, *patterns = [line for line in lines if line and not line.startswith("#")]
    assert everything == "*"
    for name in (pattern[1:] for pattern in patterns if pattern.startswith("!")):
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        if (ROOT / name).is_dir():
            shutil.copytree(ROOT / name, folder / name, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            shutil.copy(ROOT / name, folder / name)


class Image:
    """What the Dockerfile makes, in a folder, on this machine's system and Python."""

    def __init__(self, folder):
        self._installed = str(folder / "installed")
        (folder / "bin").mkdir()
        (folder / "bin" / "python").symlink_to(sys._base_executable)  # noqa: SLF001  as the base has it, without packages
        self._path = f"{folder / 'bin'}:{SYSTEM}"
        copy_context(context := folder / "context")
        for step in (value for name, value in BUILD if name == "RUN"):
            words = ["sh", "-ec", self._here(step)]
            subprocess.run(words, cwd=context, env=os.environ | {"PATH": self._path}, check=True, capture_output=True)
        shutil.rmtree(context)  # the last stage has nothing of it
        self.environment = dict(word.partition("=")[::2] for word in value_of("ENV").split())
        self.environment["PATH"] = self._here(self.environment["PATH"]).replace("$PATH", self._path)

    def _here(self, text):
        return text.replace(INSTALLED, self._installed)

    def words(self, *command):
        """Return the words that are started in a container with this command."""
        return self.found([*value_of("ENTRYPOINT"), *command])

    def found(self, words):
        """Return the words with the path of the program, by the container's environment."""
        return [shutil.which(words[0], path=self.environment["PATH"]), *words[1:]]

    def run(self, words):
        return subprocess.run(
            words, env=self.environment, capture_output=True, text=True, check=False, timeout=120, cwd="/"
        )


@pytest.fixture(scope="module")
def image(tmp_path_factory):
    return Image(tmp_path_factory.mktemp("image"))


def test_it_does_not_run_as_root_and_no_shell_is_between():
    user, group = value_of("USER").split(":")
    assert min(int(user), int(group)) > 0
    assert isinstance(value_of("ENTRYPOINT"), list)
    assert isinstance(value_of("CMD"), list)


def test_the_compose_file_is_valid_and_starts_the_server_where_its_health_is_asked():
    words = [sys.executable, "-m", "check_jsonschema", "--builtin-schema", "vendor.compose-spec", ROOT / "compose.yaml"]
    done = subprocess.run(words, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout
    server = build_parser(find_commands()).parse_args(CHAT["command"])
    assert (server.headless, server.host) == (True, "0.0.0.0")
    assert HEALTH[-1] == f"127.0.0.1:{server.port}"
    assert CHAT["ports"] == [f"{server.port}:{server.port}"]
    assert value_of("EXPOSE") == str(server.port)
    assert CHAT["pids_limit"] > server.max_connections
    assert int(CHAT["stop_grace_period"].removesuffix("s")) > server.stop_seconds


def test_what_the_page_passes_to_a_container_is_a_command_line():
    page = (ROOT / "docs" / "install.md").read_text("utf-8")
    passed = [shlex.split(words) for words in re.findall(r"^docker run .*? chatproof (\w+ .*)$", page, re.MULTILINE)]
    assert [name for name, *_ in passed] == ["check", "validate", "server"]
    for words in passed:
        build_parser(find_commands()).parse_args(words)
    assert HEALTH[1:-1] == ["-I", "-m", "chatproof_reference.probe"]
    assert "python -m chatproof_reference.probe" in page


def test_a_step_of_several_lines_is_one(tmp_path):
    (tmp_path / "Dockerfile").write_text("ARG A=1\nFROM x AS y\nRUN a \\\n  && b\n# c\nFROM z\nUSER 1:1\n", "utf-8")
    with (tmp_path / "Dockerfile").open("rb") as file:
        assert stages_of(file) == [[("RUN", "a   && b")], [("USER", "1:1")]]


@pytest.mark.long("installs the package as the Dockerfile does")
class TestItsSteps:
    def test_without_words_it_says_what_it_can(self, image):
        done = image.run(image.words(*value_of("CMD")))
        assert (done.returncode, done.stderr) == (0, "")
        assert done.stdout.startswith("usage: chatproof ")

    def test_what_it_needs_is_compiled_and_no_more_is_there(self, image):
        installed = Path(image.words()[0]).parents[1]
        modules = [path for path in installed.rglob("*.py") if "implementations" not in path.parts]
        assert len(modules) > 500
        assert [path for path in modules if not list(path.parent.glob(f"__pycache__/{path.stem}.*.pyc"))] == []
        assert list(installed.glob("lib/*/site-packages/pip*")) == []

    def test_it_checks(self, image):
        done = image.run(image.words("check", "--level", "1", "--budget", "1", "--seed", "1"))
        assert (done.returncode, done.stderr) == (0, "")
        assert "The server conforms." in done.stdout

    def test_its_server_is_healthy_until_it_is_asked_to_stop(self, image):
        port = str(free_port())
        words = [*image.words(*CHAT["command"]), "--port", port]
        server = subprocess.Popen(words, env=image.environment, cwd="/", stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        health = image.found([word.replace("12345", port) for word in HEALTH])
        try:
            assert server.stdout.readline().decode() == f"Listening on 0.0.0.0:{port}\n"
            assert image.run(health).returncode == 0
            server.terminate()
            assert server.wait(5) == 0
            assert image.run(health).returncode == 1
        finally:
            server.kill()
            server.communicate()
