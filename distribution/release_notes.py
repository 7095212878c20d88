"""Says what a release is about: checks that a tag fits the project's version, and prints that section of CHANGELOG.md.

Run: ``python distribution/release_notes.py v1.2.3``.
"""

import re
import sys
from collections.abc import Sequence
from pathlib import Path

_ROOT = Path(__file__).resolve().parents[1]


def main(words: Sequence[str]) -> int:
    """Print the notes of the tag in ``words``; return 0, or 1 if there are none, or the tag does not fit."""
    try:
        (tag,) = words
        project, changes = ((_ROOT / name).read_text("utf-8") for name in ("pyproject.toml", "CHANGELOG.md"))
        print(notes_of(tag, project, changes))  # noqa: T201  the answer
    except ValueError as error:
        print(f"release_notes.py: {error}", file=sys.stderr)  # noqa: T201  for whoever has set the tag
        return 1
    return 0


def notes_of(tag: str, project: str, changes: str) -> str:
    """Return the section of ``changes`` that is about the version of a tag.

    Raises:
        ValueError: if ``project`` (a pyproject.toml) has another version, or there is no section, or nothing in it.
    """
    version = re.search(r'^version = "(.+)"$', project, re.MULTILINE)
    if version is None or tag != f"v{version[1]}":
        raise ValueError(f"the tag is {tag}; pyproject.toml has version {version and version[1]}")
    found = re.search(
        rf"^## \[{re.escape(version[1])}\] - \d{{4}}-\d\d-\d\d\n(.*?)(?=^## |\Z)", changes, re.MULTILINE | re.DOTALL
    )
    if found is None or not found[1].strip():
        raise ValueError(f"CHANGELOG.md has no section `## [{version[1]}] - YYYY-MM-DD` with entries")
    return found[1].strip()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
