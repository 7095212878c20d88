"""Watches: checks again at each change, and does what the keys ask for."""

import asyncio
import tempfile
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Protocol

from hypothesis.configuration import set_hypothesis_home_dir

from chatproof_common.command_line.values import CommandError
from chatproof_common.system.browser import open_page
from chatproof_common.system.keys import read_keys, single_keys
from chatproof_common.system.signals import run_until_interrupted
from chatproof_conformance.apps.watch.building import build
from chatproof_conformance.apps.watch.changes import changes
from chatproof_conformance.apps.watch.score import Score
from chatproof_conformance.apps.watch.screen import Screen
from chatproof_conformance.core.outcomes import TargetGone
from chatproof_conformance.core.roles import Role
from chatproof_conformance.core.verdicts import UNKNOWN
from chatproof_schemas import requirements

_MOST_INTERRUPTIONS = 5
_WRITTEN_BY_PEOPLE = frozenset((
    *(".c", ".cc", ".cpp", ".cs", ".dart", ".ex", ".go", ".h", ".hpp", ".hs", ".java", ".jl", ".js", ".kt", ".lua"),
    *(".mjs", ".ml", ".php", ".pl", ".py", ".rb", ".rs", ".scala", ".swift", ".ts", ".zig"),
))  # fmt: skip
"""Endings of sources: who saves one again and again while a check runs wants the last version checked."""
_BUILDS = 3
"""A source that changes during so many builds, and at no other time, is written by them: who saves one may hit one."""
_AFTER_BUILD_SECONDS = 0.1
"""What a build has written is reported a moment later."""


class Steps(Protocol):
    """What is tried, step by step, of a server or of a client."""

    role: Role

    async def begin(self) -> None:
        """Begin with a new version."""

    async def again(self, ids: Sequence[str]) -> bool:
        """Try again what failed; return whether something is broken."""

    async def section(self, ids: Sequence[str]) -> bool:
        """Try some requirements; return whether something is broken."""

    async def whole(self) -> int:
        """Try everything that is selected; return the exit code."""


def watch(session: "Session") -> int:
    """Watch until the user stops it; return the exit code of the last whole check, 2 if there was none."""
    with tempfile.TemporaryDirectory(prefix="chatproof-") as scratch:
        set_hypothesis_home_dir(scratch)  # or it would write into the user's
        return run_until_interrupted(session.run())


class Session:
    """One session of watching."""

    def __init__(  # noqa: PLR0913  each names itself where it is given
        self,
        steps: Steps,
        screen: Screen,
        score: Score,
        *,
        folder: Path,
        report: Path,
        asked: Sequence[str],
        own: Sequence[Path] = (),
        build_words: Sequence[str] = (),
        fail_fast: bool = False,
    ) -> None:
        """Watch a folder.

        Args:
            steps: what is tried.
            screen: prints.
            score: what is known.
            folder: what is watched.
            report: where the page of the last whole check is.
            asked: the ids of what is selected.
            own: files and folders that we write.
            build_words: the build command.
            fail_fast: whether a failure ends a cycle.
        """
        self._steps, self._screen, self._score = steps, screen, score
        self._folder, self._report, self._asked = folder, report, asked
        self._own, self._build_words, self._fail_fast = own, build_words, fail_fast
        self._events: asyncio.Queue[list[Path] | str] = asyncio.Queue()
        self._builds = False
        self._sources: set[Path] = set()
        self._built: set[Path] = set()
        self._during_builds: Counter[Path] = Counter()
        self._interruptions: Counter[Path] = Counter()
        self._at_work = ""
        self._code = UNKNOWN
        self._has_keys = False

    async def run(self) -> int:
        """Watch until a key stops it; return the exit code of the last whole check, 2 if there was none."""
        with single_keys() as keys:
            self._has_keys = keys is not None
            if keys is not None:
                asyncio.get_running_loop().add_reader(keys, self._pressed, keys)
            watching = asyncio.create_task(self._watch())
            cycle = asyncio.create_task(self._cycle([]))
            try:
                while True:
                    cycle, goes_on = await self._handle(await self._next(watching, cycle), cycle)
                    if not goes_on:
                        return self._code
            finally:
                self._screen.idle()
                if keys is not None:
                    asyncio.get_running_loop().remove_reader(keys)
                for task in (watching, cycle):
                    task.cancel()
                await asyncio.gather(watching, cycle, return_exceptions=True)

    async def _next(self, watching: "asyncio.Task[None]", cycle: "asyncio.Task[None]") -> list[Path] | str:
        """Return what happens next.

        Raises:
            Exception: whatever of our own has ended the watching, or a cycle.
        """
        getting = asyncio.create_task(self._events.get())
        try:
            while not getting.done():
                going_on = [one for one in (getting, watching, cycle) if not one.done()]
                await asyncio.wait(going_on, return_when=asyncio.FIRST_COMPLETED)
                for one in (watching, cycle):
                    if one.done():
                        one.result()
            return getting.result()
        finally:
            getting.cancel()

    async def _handle(self, event: list[Path] | str, cycle: "asyncio.Task[None]") -> tuple["asyncio.Task[None]", bool]:
        """Do what an event asks for; return the cycle that runs then, and whether to go on."""
        if event == "q":
            return cycle, False
        if event == "o":
            await self._open_report()
            return cycle, True
        if isinstance(event, str):
            self._interruptions.clear()
            paths: list[Path] = []
        else:
            paths = self._mattering(event, during=not cycle.done())
            if not paths:
                return cycle, True
        cycle.cancel()
        await asyncio.gather(cycle, return_exceptions=True)
        return asyncio.create_task(self._cycle(paths)), True

    def _mattering(self, paths: Sequence[Path], *, during: bool) -> list[Path]:
        """Return the changed files that are sources, as far as that can be told."""
        if self._builds:
            self._note_built({*paths} - self._sources)
        found = [path for path in paths if path not in self._built]
        for path in (one for one in found if during and one.suffix not in _WRITTEN_BY_PEOPLE):
            self._interruptions[path] += 1
            if self._interruptions[path] == _MOST_INTERRUPTIONS:
                self._screen.note(
                    f"{path.name} changes during each check, so it is left out from now on: have git ignore it if your "
                    "program writes it; r looks at it again"
                )
        found = [path for path in found if self._interruptions[path] < _MOST_INTERRUPTIONS]
        if not self._builds:
            self._sources.update(found)
        return found

    def _note_built(self, paths: set[Path]) -> None:
        """Take what changes during a build for what it writes; of what people write, too, only if it does so again."""
        for path in paths:
            self._during_builds[path] += 1
            if path.suffix not in _WRITTEN_BY_PEOPLE or self._during_builds[path] >= _BUILDS:
                self._built.add(path)

    async def _watch(self) -> None:
        async for paths in changes(self._folder, self._own):
            self._events.put_nowait(paths)

    def _pressed(self, descriptor: int) -> None:
        pressed = read_keys(descriptor)
        if not pressed:
            asyncio.get_running_loop().remove_reader(descriptor)
        for key in pressed.lower():
            if key in "roq\n":
                self._events.put_nowait("r" if key == "\n" else key)

    async def _open_report(self) -> None:
        if not self._report.exists():
            self._screen.note("There is no report yet: it is written at the end of a whole check.")
            return
        self._screen.note(f"The report: {self._report}")
        await asyncio.to_thread(open_page, self._report.as_uri())

    async def _cycle(self, paths: Sequence[Path]) -> None:
        """Build, and check step by step, until all is tried or a file changes."""
        try:
            self._screen.changed([_shown(path, self._folder) for path in paths])
            if await self._is_built():
                await self._check()
        except TargetGone as gone:
            self._screen.failed(str(gone))
        except CommandError as error:
            self._screen.failed(str(error))
        self._interruptions.clear()
        self._screen.waits(keys=self._has_keys)

    async def _is_built(self) -> bool:
        if not self._build_words:
            return True
        self._screen.step("building")
        self._builds = True
        try:
            problem, lines = await build(self._build_words)
            await asyncio.sleep(_AFTER_BUILD_SECONDS)
        finally:
            self._builds = False
        if problem:
            self._screen.failed(f"the build {problem}", lines)
        return not problem

    async def _check(self) -> None:
        steps, broken = self._steps, list(self._score.order)
        await steps.begin()
        if broken:
            self._screen.step(f"what failed last time: {', '.join(broken)}")
            self._at_work = requirements()[broken[0]].section
            if await steps.again(broken) and self._fail_fast:
                return
        section = [id_ for id_ in self._asked if requirements()[id_].section == self._at_work]
        if section and len(section) < len(self._asked):
            self._screen.step(f"the section at work: {self._at_work}")
            if await steps.section(section) and self._fail_fast:
                return
        whole = {id_ for id_, row in requirements().items() if row.of == steps.role.value}
        self._screen.step("everything" if whole == {*self._asked} else "all that is selected")
        self._code = await steps.whole()


def _shown(path: Path, folder: Path) -> str:
    return str(path.relative_to(folder)) if folder in path.parents else str(path)
