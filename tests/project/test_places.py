"""What docs/ci.md shows, and what the project itself uses, is what GitHub, GitLab and pre-commit accept."""

import re
import shlex
import subprocess
import sys
from importlib.metadata import entry_points
from pathlib import Path

import pytest
import yaml

from support.paths import ROOT

PAGE = (ROOT / "docs" / "ci.md").read_text("utf-8")
ACTION = yaml.safe_load((ROOT / "action.yml").read_text("utf-8"))
EXAMPLES = dict(re.findall(r"```yaml\n# (\S+)\n(.*?)```", PAGE, re.DOTALL))
SCHEMAS = {
    ".github/workflows/chat.yml": "vendor.github-workflows",
    ".github/workflows/chat-service.yml": "vendor.github-workflows",
    ".gitlab-ci.yml": "vendor.gitlab-ci",
}


def run(*words, **more):
    return subprocess.run([sys.executable, "-m", *words], capture_output=True, text=True, check=False, **more)


def judge(schema, *files):
    transform = ["--data-transform", "gitlab-ci"] if "gitlab" in schema else []
    return run("check_jsonschema", "--builtin-schema", schema, *transform, *files)


def test_each_example_is_for_a_place_that_is_tried():
    assert set(EXAMPLES) == {*SCHEMAS, ".pre-commit-config.yaml"}


@pytest.mark.parametrize("schema", sorted(set(SCHEMAS.values())))
def test_the_examples_are_valid_by_their_consumers_schema(schema, tmp_path):
    files = []
    for name in [name for name, its in SCHEMAS.items() if its == schema]:
        files.append(file := tmp_path / Path(name).name)
        file.write_text(EXAMPLES[name], encoding="utf-8")
    done = judge(schema, *files)
    assert done.returncode == 0, done.stdout
    (broken := tmp_path / "broken.yml").write_text("chat:\n  script: {}\n")
    assert judge(schema, broken).returncode == 1


@pytest.mark.parametrize(
    ("schema", "pattern"),
    [
        ("vendor.github-workflows", "workflows/*.yml"),
        ("vendor.dependabot", "dependabot.yml"),
        ("vendor.github-issue-config", "ISSUE_TEMPLATE/config.yml"),
        ("vendor.github-issue-forms", "ISSUE_TEMPLATE/[!c]*.yml"),
    ],
)
def test_our_own_files_are_valid_by_githubs_schemas(schema, pattern):
    files = sorted((ROOT / ".github").glob(pattern))
    assert files
    done = judge(schema, *files)
    assert done.returncode == 0, done.stdout


def test_the_workflow_of_all_systems_runs_the_commands_of_the_readme():
    """On Windows with another name of Python: ``py`` would start the newest of the machine."""
    readme = (ROOT / "README.md").read_text("utf-8")
    posix = re.findall(r"```sh\n(.*?)\n```", readme, re.DOTALL)[:2]
    page = (ROOT / "docs" / "systems.md").read_text("utf-8")
    windows = re.search(r"```powershell\n(.*?)\n```", page, re.DOTALL)[1].split("\n")
    assert windows[0] in readme
    wanted = {*posix, *(line.replace("py -m", "python -m") for line in windows)}
    workflow = yaml.safe_load((ROOT / ".github" / "workflows" / "systems.yml").read_text("utf-8"))
    job = workflow["jobs"]["readme"]
    assert wanted <= {step.get("run", "").strip() for step in job["steps"]}
    assert job["strategy"]["matrix"]["system"] == ["ubuntu", "windows", "macos"]


def test_our_own_pre_commit_hooks_are_valid_and_fetch_nothing():
    assert run("pre_commit", "validate-config", cwd=ROOT).returncode == 0
    repositories = yaml.safe_load((ROOT / ".pre-commit-config.yaml").read_text("utf-8"))["repos"]
    assert {repository["repo"] for repository in repositories} == {"local"}
    assert {hook["language"] for repository in repositories for hook in repository["hooks"]} == {"system"}


def test_the_action_is_valid_by_githubs_schema(tmp_path):
    assert judge("vendor.github-actions", ROOT / "action.yml").returncode == 0
    (broken := tmp_path / "action.yml").write_text((ROOT / "action.yml").read_text("utf-8").replace("shell:", "shall:"))
    assert judge("vendor.github-actions", broken).returncode == 1


def test_the_examples_name_inputs_and_outputs_that_there_are():
    steps = [
        step
        for name, schema in SCHEMAS.items()
        if schema == "vendor.github-workflows"
        for job in yaml.safe_load(EXAMPLES[name])["jobs"].values()
        for step in job["steps"]
    ]
    ours = [step for step in steps if "/chatproof@" in step.get("uses", "")]
    assert len(ours) == 2
    assert {name for step in ours for name in step["with"]} <= set(ACTION["inputs"])
    assert set(re.findall(r"steps\.chat\.outputs\.([\w-]+)", PAGE)) <= set(ACTION["outputs"])


def test_every_input_and_output_is_in_the_page():
    table = re.search(r"\| input \|.*?\n\n", PAGE, re.DOTALL)[0]
    named = [
        name for row in re.findall(r"^\| (`.*?) \|", table, re.MULTILINE) for name in re.findall(r"`([\w-]+)`", row)
    ]
    assert sorted(named) == sorted(ACTION["inputs"])
    assert [name for name in ACTION["outputs"] if f"`{name}`" not in PAGE] == []


def test_pre_commit_takes_its_example_and_the_hook(tmp_path):
    (tmp_path / ".pre-commit-config.yaml").write_text(EXAMPLES[".pre-commit-config.yaml"])
    assert run("pre_commit", "validate-config", cwd=tmp_path).returncode == 0
    assert run("pre_commit", "validate-manifest", ROOT / ".pre-commit-hooks.yaml", cwd=tmp_path).returncode == 0
    (hook,) = yaml.safe_load((ROOT / ".pre-commit-hooks.yaml").read_text("utf-8"))
    (repository,) = yaml.safe_load(EXAMPLES[".pre-commit-config.yaml"])["repos"]
    assert [wanted["id"] for wanted in repository["hooks"]] == [hook["id"]]


def test_the_commands_of_the_page_exist():
    commands = [shlex.split(line) for line in re.findall(r"^ +- (chatproof .*)$", PAGE, re.MULTILINE)]
    assert commands
    for _, name, *words in commands:
        (entry,) = entry_points(group="chatproof.commands", name=name)
        known = run("chatproof_common.command_line.main", entry.name, "--help").stdout
        assert [word for word in words if word.startswith("--") and word not in known] == []
