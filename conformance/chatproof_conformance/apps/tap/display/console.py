"""What a tap prints: on standard output the traffic and the verdict, on standard error what goes wrong.

If standard output is a report's, all of it goes to standard error.
"""

import sys
from dataclasses import replace
from datetime import datetime

from chatproof_common.printable import printable
from chatproof_common.system.errors import is_closed_pipe, is_closed_terminal
from chatproof_common.system.streams import discard
from chatproof_common.terminal import Terminal
from chatproof_conformance.apps.tap.display.display_thread import DisplayThread, Writer
from chatproof_conformance.apps.tap.display.json_lines import JsonWriter, json_line, verdict_line
from chatproof_conformance.apps.tap.display.lines import LineWriter
from chatproof_conformance.apps.tap.options import TapOptions
from chatproof_conformance.core.verdicts import Verdict
from chatproof_conformance.judges.recordings import UNSETTLED
from chatproof_conformance.reporting.console import Console
from chatproof_conformance.reporting.summary import Summary
from chatproof_schemas.transcript import Event, Transcript

_MANY_EVENTS = 20_000


class TapConsole:
    """Prints for a tap, to a person or to a program.

    Attributes:
        out: the stream for everything but errors: standard error if ``aside``, since standard output is a report's.
    """

    def __init__(self, options: TapOptions, *, aside: bool = False, situations: bool = False) -> None:
        self._options = options
        self._aside = aside
        self._situations = situations
        self.out = sys.stderr if aside else sys.stdout
        self._display: DisplayThread | None = None

    def begin(self, listening: str, server: str) -> None:
        """Print where clients connect, as the first line. From then on traffic is shown."""
        if self._options.json:
            self._say(json_line({"event": "listening", "address": listening, "to": server}))
        else:
            end = "the end of the command" if self._options.command else "Ctrl+C"
            passing = f"Passing everything on to {server}; {end} ends it, with a verdict"
            self._say(f"Listening on {listening}\n{passing}")
        if not self._options.quiet:
            self._display = DisplayThread(self._writer(), self.out, self._options.framing)

    def show(self, event: Event) -> None:
        """Show an event, soon."""
        if self._display is not None:
            self._display.show(event)

    def stop_showing(self) -> None:
        """Show the rest, then nothing more."""
        if self._display is not None:
            self._display.close()
            self._display = None

    def warn(self, text: str) -> None:
        """Print what went wrong."""
        print(f"chatproof tap: {printable(text)}", file=sys.stderr, flush=True)  # noqa: T201  a command speaks

    def judging(self, recorded: Transcript) -> None:
        """Announce a verdict that takes a while, and print that messages may be on their way if they may."""
        if self._options.json:
            return
        if len(recorded.events) > _MANY_EVENTS:
            self._say(f"Judging {len(recorded.events):,} events")
        if not recorded.settled:
            self._say(UNSETTLED)

    def conclude(self, summary: Summary) -> None:
        """Print the verdict; if the reader has gone, the exit code still reports it."""
        try:
            self._conclude(summary)
        except OSError as error:
            if not (is_closed_pipe(error) or is_closed_terminal(error)):
                raise
            discard(self.out)

    def _conclude(self, summary: Summary) -> None:
        if self._options.json:
            self._say(verdict_line(summary))
            return
        judged = summary.result.judged
        tested = [result for result in judged if result.verdict is not Verdict.NOT_TESTED]
        shown = replace(summary.result, judged=tuple(tested))
        Console(summary.request, aside=self._aside, situations=self._situations).conclude(
            replace(summary, result=shown)
        )
        self._say(f"{len(judged) - len(tested)} requirements were not put to the test by what passed")
        if self._options.record is not None:
            self._say(f"Recorded in {self._options.record}")

    def _writer(self) -> Writer:
        if self._options.json:
            return JsonWriter()
        # An old console of Windows shows such codes as they are.
        colours = Terminal(self.out).color_system not in (None, "windows")
        return LineWriter(datetime.now().astimezone(), colours=colours)

    def _say(self, text: str) -> None:
        # In one write, even if Python buffers nothing: the reader of a line may exit before the next.
        print(f"{text}\n", end="", file=self.out, flush=True)
