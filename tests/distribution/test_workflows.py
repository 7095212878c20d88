"""What a workflow may do, and that its scripts are of a shell, and call what is there."""

import re
import subprocess

import pytest
import yaml

from support.paths import ROOT

FILES = {name: ROOT / ".github" / "workflows" / f"{name}.yml" for name in ("container", "release")}
RELEASE = yaml.safe_load(FILES["release"].read_text("utf-8"))
PUBLISHING = {
    "build": {"contents"},
    "try": set(),
    "attest": {"attestations", "id-token"},
    "index": {"id-token"},
    "image": {"contents", "packages", "attestations", "id-token"},
    "release": {"contents"},
}
"""The rights that each job of a release has; all but `contents` of those that only read are to write."""


def scripts(name):
    jobs = yaml.safe_load(FILES[name].read_text("utf-8"))["jobs"]
    return [step["run"] for job in jobs.values() for step in job["steps"] if "run" in step]


def test_each_job_of_a_release_has_the_rights_that_it_needs():
    assert RELEASE["permissions"] == {}
    jobs = {name: set(job["permissions"]) for name, job in RELEASE["jobs"].items()}
    assert jobs == PUBLISHING
    writes = {name for name, job in RELEASE["jobs"].items() if job["permissions"].get("contents") == "write"}
    assert writes == {"release"}


def test_nothing_is_published_before_it_was_tried():
    needs = {name: job.get("needs", []) for name, job in RELEASE["jobs"].items()}
    assert needs["try"] == "build"
    assert {needs["attest"], needs["image"]} == {"try"}
    assert (needs["index"], needs["release"]) == ("attest", ["index", "image"])


@pytest.mark.parametrize("name", sorted(FILES))
def test_no_secret_is_needed_and_no_input_of_others_is_a_script(name):
    assert "secrets." not in FILES[name].read_text("utf-8")
    assert [script for script in scripts(name) if "${{" in script] == []


@pytest.mark.needs("bash")
@pytest.mark.parametrize("name", sorted(FILES))
def test_the_scripts_are_of_a_shell_and_call_what_is_there(name):
    for script in scripts(name):
        assert subprocess.run(["bash", "-n"], input=script, text=True, check=False).returncode == 0
        assert [path for path in re.findall(r"distribution/\S+\.py", script) if not (ROOT / path).exists()] == []
