"""The GitHub Action: its steps run as a runner does, on a right and on a wrong server, and with hostile inputs."""

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from support.paths import ROOT, RUN_SERVER

ACTION = yaml.safe_load((ROOT / "action.yml").read_text("utf-8"))
INSTALL, RUN = ACTION["runs"]["steps"]
WRONG_SERVER = f"{sys.executable} -S -E {RUN_SERVER} private-to-everyone --port {{port}}"
SELECTED = "PRIVATE-2"
HOSTILE = ['"; touch pwned; "', "$(touch pwned)", "`touch pwned`", "' ; touch pwned #", "x\nreports<<y\ntouch pwned"]
STAND_IN = """\
#!/bin/sh
echo "python: $*" >>{folder}/words
mkdir -p "$3/bin"
printf '#!/bin/sh\\necho "pip: $*" >>{folder}/words\\n' >"$3/bin/pip"
chmod +x "$3/bin/pip"
"""


class Runner:
    """Runs a step of the action in a job's folder."""

    def __init__(self, folder):
        self.temporary = folder / "temporary"
        self.work = folder / "work"
        self.output = folder / "output"
        self.summary = folder / "summary"
        self.temporary.mkdir()
        self.work.mkdir()
        (self.temporary / "chatproof").symlink_to(Path(sys.prefix))

    def run(self, step, inputs, **environment):
        script = self.temporary / "step.sh"
        script.write_text(step["run"], encoding="utf-8")
        given = {name: setting.get("default", "") for name, setting in ACTION["inputs"].items()} | inputs
        by_environment = {
            name: given[re.fullmatch(r"\$\{\{ inputs\.(\S+) \}\}", value)[1]] for name, value in step["env"].items()
        }
        runners = {
            "GITHUB_ACTION_PATH": str(ROOT),
            "GITHUB_OUTPUT": str(self.output),
            "GITHUB_STEP_SUMMARY": str(self.summary),
            "RUNNER_TEMP": str(self.temporary),
        }
        return subprocess.run(
            ["bash", "--noprofile", "--norc", "-eo", "pipefail", script],
            cwd=self.work,
            env=os.environ | runners | by_environment | environment,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            encoding="utf-8",
            check=False,
        )

    def outputs(self):
        """Return what the step has set, as a runner reads it."""
        text = self.output.read_text("utf-8")
        many = {
            name: value for name, _, value in re.findall(r"^(\S+)<<(\S+)\n(.*?)^\2$", text, re.MULTILINE | re.DOTALL)
        }
        return many | dict(re.findall(r"^([\w-]+)=(.*)$", text, re.MULTILINE))


@pytest.fixture
def runner(tmp_path):
    return Runner(tmp_path)


def test_a_right_server(runner):
    done = runner.run(RUN, {"select": SELECTED, "seed": "1", "reports": "json=report.json\n\nhtml=report.html\n"})
    assert (done.returncode, done.stderr) == (0, "")
    assert runner.outputs() == {"exit-code": "0", "verdict": "conforms", "reports": "report.json\nreport.html\n"}
    assert json.loads((runner.work / "report.json").read_text("utf-8"))["seed"] == 1
    assert "The server conforms" in runner.summary.read_text("utf-8")


def test_a_wrong_server_and_wrong_messages(runner):
    (runner.work / "sent.ndjson").write_text('{"type":"message","content":""}\n')
    inputs = {"command": WRONG_SERVER, "select": SELECTED, "messages": "sent.ndjson", "direction": "client"}
    done = runner.run(RUN, inputs)
    assert done.returncode == 1
    assert runner.outputs() == {"exit-code": "1", "verdict": "broken", "reports": ""}
    assert "FAIL PRIVATE-2" in done.stdout
    assert re.search(r"^::error file=sent\.ndjson,line=1,col=29\b.*::.*/content: is empty", done.stdout, re.MULTILINE)
    assert "PRIVATE-2" in runner.summary.read_text("utf-8")


def test_nothing_can_be_said_of_no_server(runner):
    done = runner.run(RUN, {"target": "127.0.0.1:1", "select": "JOIN", "reports": "json=report.json"})
    assert (done.returncode, "no connection to 127.0.0.1:1" in done.stderr) == (2, True), done.stdout + done.stderr
    assert runner.outputs() == {"exit-code": "2", "verdict": "unknown", "reports": ""}


def test_messages_alone_are_validated_and_no_server_is_checked(runner):
    (runner.work / "good one.ndjson").write_text('{"type":"join","username":"ann"}\n')
    done = runner.run(RUN, {"messages": "good one.ndjson\n"})
    assert done.returncode == 0
    assert runner.outputs() == {"exit-code": "0", "verdict": "conforms"}
    assert done.stdout == ""
    assert "1 message" in done.stderr


def recorder(runner):
    """Put a program in chatproof's place that notes the words it is called with."""
    (runner.temporary / "chatproof").unlink()
    (program := runner.temporary / "chatproof" / "bin" / "chatproof").parent.mkdir(parents=True)
    program.write_text(f'#!/bin/sh\nprintf "%s\\n" "$@" --- >>{runner.temporary}/words\n')
    program.chmod(0o755)
    return lambda: (runner.temporary / "words").read_text("utf-8").split("---\n")[:-1]


def test_every_input_becomes_what_it_means(runner):
    words = recorder(runner)
    inputs = {
        "target": "localhost:12345",
        "command": "./my server {port}",
        "select": "JOIN\n  PRIVATE-2 ",
        "announce": "./announce {text}",
        "framing": "none",
        "strict": "true",
        "budget": "60",
        "time-limit": "20",
        "seed": "7",
        "reports": "html=a page.html\njunit=b.xml",
        "baseline": "known.json",
        "messages": "logs/*.ndjson\nother.ndjson",
        "direction": "server",
    }
    assert set(inputs) | {"python"} == set(ACTION["inputs"])
    assert runner.run(RUN, inputs).returncode == 0
    check, validate = words()
    assert check.splitlines() == [
        "check",
        *("--command=./my server {port}", "--announce=./announce {text}", "--framing=none", "--budget=60"),
        *(
            "--time-limit=20",
            "--seed=7",
            "--baseline=known.json",
            "--strict",
            "--report=html=a page.html",
            "--report=junit=b.xml",
        ),
        *("--", "localhost:12345", "JOIN", "PRIVATE-2"),
    ]
    assert validate.splitlines() == [
        "validate",
        "--format=github",
        "--direction=server",
        "--",
        "logs/*.ndjson",
        "other.ndjson",
    ]


@pytest.mark.parametrize("hostile", HOSTILE)
def test_no_input_is_run(runner, hostile):
    words = recorder(runner)
    names = [name for name in ACTION["inputs"] if name not in ("strict", "python")]
    assert runner.run(RUN, dict.fromkeys(names, hostile)).returncode == 0
    assert not list(runner.work.iterdir())
    assert hostile.splitlines()[0] in words()[0]
    assert runner.outputs()["verdict"] == "conforms"


def test_scripts_hold_no_expression():
    """What stands in an expression is put into the script's text before a shell reads it."""
    assert "${{" not in INSTALL["run"] + RUN["run"]
    assert {step["shell"] for step in (INSTALL, RUN)} == {"bash"}
    outputs = {name: output["value"] for name, output in ACTION["outputs"].items()}
    assert outputs == {name: f"${{{{ steps.{RUN['id']}.outputs.{name} }}}}" for name in outputs}


def test_it_installs_what_lies_beside_it(runner):
    """With stand-ins that note their words: that pip installs this project is for others to show."""
    (runner.temporary / "chatproof").unlink()
    (python := runner.temporary / "python 3").write_text(STAND_IN.format(folder=runner.temporary), encoding="utf-8")
    python.chmod(0o755)
    assert runner.run(INSTALL, {"python": str(python)}).returncode == 0
    made, installed = (runner.temporary / "words").read_text("utf-8").splitlines()
    assert made == f"python: -m venv {runner.temporary}/chatproof"
    assert re.fullmatch(rf"pip: install( --[a-z-]+)* {re.escape(str(ROOT))}", installed)
