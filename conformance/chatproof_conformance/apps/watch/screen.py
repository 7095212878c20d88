"""What somebody sees who watches: what has changed, what got better or worse, and what to do next."""

from collections.abc import Callable, Iterable, Sequence
from datetime import datetime

from chatproof_common.terminal import Terminal, markup
from chatproof_conformance.apps.watch.score import Change
from chatproof_conformance.core.verdicts import BROKEN, CONFORMS
from chatproof_schemas import requirements

_STYLES = {Change.BETTER: "bold green", Change.WORSE: "bold red", Change.STILL: "red", Change.NEW: "red"}
_OUTCOMES = {CONFORMS: "bold green", BROKEN: "bold red"}
_FILES = 3
KEYS = "Keys: r run again, o open the report, q stop"


class Screen:
    """Prints to standard output.

    Attributes:
        out: the terminal.
    """

    def __init__(self) -> None:
        """Print nothing yet."""
        self.out = Terminal()
        self._status = self.out.status("", spinner="line", refresh_per_second=4) if self.out.is_interactive else None

    def begin(self, described: str, folder: str, build: str | None) -> None:
        """Print what is checked, and what is watched."""
        built = f", built by {markup(build)}" if build else ""
        self.out.print(f"Watching [bold]{markup(folder)}[/]; checking [bold]{markup(described)}[/]{built}")

    def changed(self, names: Sequence[str]) -> None:
        """Print which files have changed; none: it is the first run, or the user wants another."""
        more = f" and {len(names) - _FILES} more" if len(names) > _FILES else ""
        what = f"{', '.join(names[:_FILES])}{more} changed" if names else "run"
        self.out.print(f"\n[bold]{datetime.now().astimezone():%H:%M:%S}  {markup(what)}[/]")

    def step(self, title: str) -> None:
        """Print what is tried now."""
        self.out.print(f"[dim]{self.out.lines(title, 0)}[/]")
        self.wait_for(title)

    def wait_for(self, what: str) -> None:
        """Show on a terminal what is waited for."""
        if self._status is not None:
            self._status.update(f"[dim]{markup(what)}[/]")
            self._status.start()

    def idle(self) -> None:
        """Show that nothing is waited for."""
        if self._status is not None:
            self._status.stop()

    def verdict(self, change: Change, id_: str, text: str) -> None:
        """Print what became of a requirement."""
        self.out.print(f"  [{_STYLES[change]}]{change.value:<12}[/] {id_:<11}{self.out.lines(text, 26)}")

    def better(self, id_: str) -> None:
        """Print that a requirement is kept now."""
        self.verdict(Change.BETTER, id_, requirements()[id_].sentence)

    def failed(self, what: str, lines: Iterable[str] = ()) -> None:
        """Print why nothing can be checked, and the last lines that say why."""
        self.out.print(f"  [bold red]{self.out.lines(what, 2)}[/]")
        for line in lines:
            self.out.print(f"    {markup(line)}")

    def note(self, text: str) -> None:
        """Print a remark."""
        self.out.print(f"  [dim]{self.out.lines(text, 2)}[/]")

    def block(self, show: Callable[[Terminal], None]) -> None:
        """Print a failure in full."""
        show(self.out)
        self.out.print()

    def result(self, exit_code: int, lines: Sequence[str]) -> None:
        """Print how a whole run ended."""
        style = _OUTCOMES.get(exit_code, "bold magenta")
        for line in lines[:1]:
            self.out.print(f"[{style}]{self.out.lines(line, 2, 0)}[/]")
        for line in lines[1:]:
            self.out.print(self.out.lines(line, 0))

    def waits(self, *, keys: bool) -> None:
        """Print that the next change is waited for, and which keys there are."""
        self.idle()
        self.out.print(f"[dim]Waiting for a change.{' ' + KEYS if keys else ''}[/]")
