"""The GitHub Action for many implementations: its steps run as a runner does, and what they write on a pull request."""

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from project.test_places import judge
from support.paths import CLIENTS, ROOT, RUN_SERVER

FILE = ROOT / ".github" / "actions" / "interop" / "action.yml"
ACTION = yaml.safe_load(FILE.read_text("utf-8"))
INSTALL, FETCH, RUN, KEEP, COMMENT = ACTION["runs"]["steps"]
PAGE = (ROOT / "docs" / "interop.md").read_text("utf-8")
HOSTILE = ['"; touch pwned; "', "$(touch pwned)", "`touch pwned`", "' ; touch pwned #", "x\nreport=y\n*"]
PYTHON = f"{sys.executable} -S -E"
GH = """\
#!/bin/sh
printf '%s\\n' "$@" --- >>"$CALLS"
for word; do case $word in body=@*) cat "${word#body=@}" >>"$CALLS.body" ;; esac; done
case $* in *--paginate*) printf '%s' "$COMMENTS" ;; esac
exit "${STATUS:-0}"
"""


class Runner:
    """Runs a step of the action in a job's folder."""

    def __init__(self, folder):
        self.temporary, self.work, self.output = (folder / name for name in ("temporary", "work", "output"))
        self.temporary.mkdir()
        self.work.mkdir()
        (self.temporary / "chatproof").symlink_to(Path(sys.prefix))

    def run(self, step, inputs=None, **environment):
        (script := self.temporary / "step.sh").write_text(step["run"], encoding="utf-8")
        given = {name: setting.get("default", "") for name, setting in ACTION["inputs"].items()} | (inputs or {})
        named = {name: re.fullmatch(r"\$\{\{ inputs\.(\S+) \}\}", value) for name, value in step["env"].items()}
        by_environment = {name: given[found[1]] for name, found in named.items() if found}
        runners = {
            "GITHUB_ACTION_PATH": str(FILE.parent), "GITHUB_OUTPUT": str(self.output),
            "RUNNER_TEMP": str(self.temporary), "GITHUB_REPOSITORY": "owner/name",
        }  # fmt: skip
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
        return dict(re.findall(r"^([\w-]+)=(.*)$", self.output.read_text("utf-8"), re.MULTILINE))

    def manifest(self, server):
        (self.work / "implementations.toml").write_text(
            f"[[server]]\nname = 'chat'\ncommand = '{PYTHON} {RUN_SERVER} {server} --port {{port}}'\n"
            f"[[client]]\nname = 'client'\ncommand = '{PYTHON} {CLIENTS / 'run.py'} client-threads'\n"
        )

    def stand_in(self, text):
        """Put a program in chatproof's place."""
        (self.temporary / "chatproof").unlink()
        (program := self.temporary / "chatproof" / "bin" / "chatproof").parent.mkdir(parents=True)
        program.write_text(text)
        program.chmod(0o755)

    def comment(self, **environment):
        """Run the step that comments, with a stand-in of GitHub's program; return what that was called with."""
        (programs := self.temporary / "programs").mkdir(exist_ok=True)
        (programs / "gh").write_text(GH)
        (programs / "gh").chmod(0o755)
        calls = self.temporary / "calls"
        path = os.pathsep.join([str(programs), os.environ["PATH"]])
        done = self.run(COMMENT, CHAT_PULL_REQUEST="12", GH_TOKEN="", CALLS=str(calls), PATH=path, **environment)
        return done, calls.read_text("utf-8").split("---\n")[:-1] if calls.exists() else []


@pytest.fixture
def runner(tmp_path):
    return Runner(tmp_path)


def test_what_changed_against_the_default_branch_is_written_on_the_pull_request(runner):
    runner.manifest("threads")
    done = runner.run(RUN, {"manifest": "implementations.toml", "seed": "1"})
    assert done.returncode == 0, done.stdout + done.stderr
    assert runner.outputs() == {"exit-code": "0", "verdict": "conforms", "report": ".chatproof-interop/report.json"}
    runner.manifest("private-to-everyone")  # its report is where the cache would put it
    done = runner.run(RUN, {"manifest": "implementations.toml", "reports": "html=a page.html\n\n", "only": "chat"})
    assert done.returncode == 1, done.stdout + done.stderr
    assert (runner.work / "a page.html").stat().st_size
    report = json.loads((runner.work / ".chatproof-interop" / "report.json").read_text("utf-8"))
    assert report["totals"]["broken"] == 1
    done, (listed, posted) = runner.comment(COMMENTS="")
    assert (done.returncode, done.stdout) == (0, "")
    assert listed.splitlines()[:3] == ["api", "--paginate", "repos/owner/name/issues/12/comments"]
    assert posted.splitlines()[:4] == ["api", "--method", "POST", "repos/owner/name/issues/12/comments"]
    body = (runner.temporary / "calls.body").read_text("utf-8")
    assert body.startswith("<!-- chatproof interop -->\n## ❌")
    assert "now broken: PRIVATE-2 by server chat" in body


def test_the_comment_of_an_earlier_run_is_replaced(runner):
    (runner.temporary / "chatproof-comment.md").write_text("<!-- chatproof interop -->\nnew\n")
    _, (_, patched) = runner.comment(COMMENTS="7\n9\n")
    assert patched.splitlines()[:4] == ["api", "--method", "PATCH", "repos/owner/name/issues/comments/7"]


def test_no_right_to_comment_is_a_warning_and_no_text_is_no_comment(runner):
    done, calls = runner.comment(COMMENTS="")
    assert (done.returncode, calls) == (0, [])
    (runner.temporary / "chatproof-comment.md").write_text("text")
    done, _ = runner.comment(COMMENTS="", STATUS="1")
    assert (done.returncode, "::warning::the comment could not be written" in done.stdout) == (0, True)


def test_every_input_becomes_what_it_means(runner):
    runner.stand_in(f'#!/bin/sh\nprintf "%s\\n" "$@" >{runner.temporary}/words\n')
    (runner.work / "main.json").write_text("{}")
    inputs = {
        "manifest": "the chat.toml", "only": "go 1.4\n\n node", "seed": "7", "jobs": "3", "strict": "true",
        "against": "main.json", "reports": "html=a page.html\nmd=b.md", "save": "wrong ones",
    }  # fmt: skip
    assert set(inputs) | {"python", "comment", "token"} == set(ACTION["inputs"])
    assert runner.run(RUN, inputs).returncode == 0
    temporary = runner.temporary
    assert (temporary / "words").read_text("utf-8").splitlines() == [
        "interop", f"--against={temporary}/chatproof-before.json", "--seed=7", "--jobs=3", "--save=wrong ones",
        "--strict", "--report=json=.chatproof-interop/report.json", f"--report=md={temporary}/chatproof-comment.md",
        "--report=html=a page.html", "--report=md=b.md", "--only=go 1.4", "--only= node", "--", "the chat.toml",
    ]  # fmt: skip


@pytest.mark.parametrize("hostile", HOSTILE)
def test_no_input_is_run(runner, hostile):
    runner.stand_in(f'#!/bin/sh\nprintf "%s\\n" "$@" >{runner.temporary}/words\n')
    names = [name for name in ACTION["inputs"] if name not in ("strict", "python", "comment", "token", "against")]
    assert runner.run(RUN, dict.fromkeys(names, hostile)).returncode == 0
    assert not list(runner.work.iterdir())
    assert hostile.splitlines()[0] in (runner.temporary / "words").read_text("utf-8")
    assert runner.outputs()["report"] == ".chatproof-interop/report.json"


def test_scripts_hold_no_expression_and_what_they_need_is_beside_them():
    scripts = [INSTALL["run"], RUN["run"], COMMENT["run"]]
    assert "${{" not in "".join(scripts)
    assert (FILE.parent / "../../..").resolve() == ROOT
    assert "$GITHUB_ACTION_PATH/../../.." in INSTALL["run"]
    assert FETCH["with"]["path"] == KEEP["with"]["path"] == ".chatproof-interop/report.json"
    outputs = {name: output["value"] for name, output in ACTION["outputs"].items()}
    assert outputs == {name: f"${{{{ steps.{RUN['id']}.outputs.{name} }}}}" for name in outputs}


def test_it_is_valid_by_githubs_schema_and_so_is_the_example(tmp_path):
    assert judge("vendor.github-actions", FILE).returncode == 0
    (example,) = re.findall(r"```yaml\n(.*?)```", PAGE, re.DOTALL)
    (workflow := tmp_path / "interop.yml").write_text(example, "utf-8")
    assert judge("vendor.github-workflows", workflow).returncode == 0
    (job,) = yaml.safe_load(example)["jobs"].values()
    (step,) = [step for step in job["steps"] if "chatproof/" in step.get("uses", "")]
    assert step["uses"].startswith("OWNER/chatproof/.github/actions/interop@v")
    assert set(step["with"]) <= set(ACTION["inputs"])


def test_every_input_and_output_is_in_the_page():
    told = PAGE[PAGE.index("Its inputs are") :].partition("\n\n")[0]
    assert set(re.findall(r"`([\w-]+)`", told)) - {"false"} == {*ACTION["inputs"], *ACTION["outputs"]}
