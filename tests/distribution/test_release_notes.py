"""The text of a release: the changelog's section of the version, if the tag is that of the project."""

import subprocess
import sys

import pytest

from support.paths import ROOT

PROJECT = '[project]\nname = "chatproof"\nversion = "1.2.3"\n'
CHANGES = """\
# Changelog

## [Unreleased]

- next

## [1.2.3] - 2026-12-01

### Added

- this

## [1.2.2] - 2026-11-01

- old
"""


@pytest.fixture
def run(tmp_path):
    """Runs the script in a project with these two files."""

    def run(*words, project=PROJECT, changes=CHANGES):
        (tmp_path / "distribution").mkdir(exist_ok=True)
        script = tmp_path / "distribution" / "release_notes.py"
        script.write_bytes((ROOT / "distribution" / "release_notes.py").read_bytes())
        (tmp_path / "pyproject.toml").write_text(project, encoding="utf-8")
        (tmp_path / "CHANGELOG.md").write_text(changes, encoding="utf-8")
        return subprocess.run([sys.executable, script, *words], capture_output=True, text=True, check=False)

    return run


def test_the_section_of_the_version(run):
    done = run("v1.2.3")
    assert (done.returncode, done.stdout, done.stderr) == (0, "### Added\n\n- this\n", "")


@pytest.mark.parametrize(
    ("tag", "changes", "said"),
    [
        ("v1.2.4", CHANGES, "the tag is v1.2.4; pyproject.toml has version 1.2.3"),
        ("1.2.3", CHANGES, "the tag is 1.2.3; pyproject.toml has version 1.2.3"),
        (
            "v1.2.3",
            CHANGES.replace("## [1.2.3] - 2026-12-01", "## [1.2.3]"),
            "has no section `## [1.2.3] - YYYY-MM-DD`",
        ),
        ("v1.2.3", "## [1.2.3] - 2026-12-01\n\n## [1.2.2] - 2026-11-01\n\n- old\n", "with entries"),
    ],
)
def test_what_does_not_fit_ends_the_release(run, tag, changes, said):
    done = run(tag, changes=changes)
    assert (done.returncode, done.stdout) == (1, "")
    assert said in done.stderr
