"""Which changed files do not matter: what git ignores, and what editors, tools and caches write."""

from collections.abc import Iterable
from pathlib import Path

from pathspec import GitIgnoreSpec
from watchfiles import Change, DefaultFilter

_FOLDERS = (*DefaultFilter.ignore_dirs, ".ruff_cache", ".gradle", "venv", "target")
_FILES = (*DefaultFilter.ignore_entity_patterns, r"\.log$", r"\.tmp$", r"\.orig$", r"^4913$", r"\.class$", r"\.pid$")
"""4913 is what Vim writes to see whether it can."""


class Ignored:
    """What is ignored in a folder and below it."""

    def __init__(self, folder: Path, own: Iterable[Path] = ()) -> None:
        """Know the ``.gitignore`` of each folder from the root of the repository down; they are read when needed.

        ``own`` are files and folders that we write.
        """
        self._own = {path.absolute() for path in own}
        self._root = next((one for one in (folder, *folder.parents) if (one / ".git").exists()), folder)
        self._usual = DefaultFilter(ignore_dirs=_FOLDERS, ignore_entity_patterns=_FILES)
        self._read: dict[Path, tuple[float, GitIgnoreSpec]] = {}

    def __contains__(self, path: Path) -> bool:
        """Whether changes of a file do not matter."""
        if path in self._own or not self._own.isdisjoint(path.parents):
            return True
        return not self._usual(Change.modified, str(path)) or self._is_ignored_by_git(path)

    def _is_ignored_by_git(self, path: Path) -> bool:
        """Whether the last rule that fits says so: rules further down come later."""
        ignored = False
        for folder in reversed([one for one in path.parents if one == self._root or self._root in one.parents]):
            rules = self._rules(folder / ".gitignore")
            said = rules.check_file(path.relative_to(folder).as_posix()).include if rules else None
            ignored = ignored if said is None else said
        return ignored

    def _rules(self, file: Path) -> GitIgnoreSpec | None:
        try:
            at = file.stat().st_mtime
            known = self._read.get(file)
            if known is None or known[0] != at:
                known = at, GitIgnoreSpec.from_lines(file.read_text("utf-8", "replace").splitlines())
                self._read[file] = known
        except OSError:
            return None
        return known[1]
