"""The files that change in a folder, without those that do not matter."""

from collections.abc import AsyncIterator, Iterable
from pathlib import Path

from watchfiles import Change, awatch

from chatproof_conformance.apps.watch.ignoring import Ignored

_STEP_MS, _LONGEST_MS = 25, 300
"""What changes within a step of each other is one change: an editor writes, renames and removes."""


async def changes(folder: Path, own: Iterable[Path]) -> AsyncIterator[list[Path]]:
    """Yield what has changed, in the order of the alphabet, for ever; ``own`` are files and folders that we write."""
    ignored = Ignored(folder, own)

    def matters(_: Change, path: str) -> bool:
        return Path(path) not in ignored

    async for found in awatch(folder, watch_filter=matters, step=_STEP_MS, debounce=_LONGEST_MS, raise_interrupt=False):
        if paths := _files({Path(path) for _, path in found}):
            yield paths


def _files(paths: set[Path]) -> list[Path]:
    return sorted(path for path in paths if not path.is_dir())
