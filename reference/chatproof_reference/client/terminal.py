"""The client for people without a display: messages above, the prompt at the bottom; plain lines through a pipe."""

import contextlib
import math
import queue
import shutil
import sys
import threading
import time
from collections.abc import Callable, Iterable

from prompt_toolkit import PromptSession, print_formatted_text
from prompt_toolkit.application import run_in_terminal
from prompt_toolkit.completion import CompleteEvent, Completer, Completion
from prompt_toolkit.document import Document
from prompt_toolkit.formatted_text import FormattedText
from prompt_toolkit.patch_stdout import patch_stdout
from prompt_toolkit.shortcuts import CompleteStyle
from prompt_toolkit.styles import Style as TerminalStyle

from chatproof_common.addresses import shown_address
from chatproof_common.printable import on_one_line
from chatproof_common.system.errors import described_error, is_closed_pipe
from chatproof_reference.client import events
from chatproof_reference.client.client import ChatClient
from chatproof_reference.client.input_lines import bounded_lines
from chatproof_reference.client.lines import Line, Style, entry_text, line_for, now
from chatproof_reference.client.lookalikes import shown_name
from chatproof_reference.client.outgoing import MessageRefused, frame_bytes_left
from chatproof_reference.client.people import People

_FINE, _LOST = 0, 1
_ANSWER_SECONDS = 5.0
_LEAVE_SECONDS = 1.0
_TOOLBAR_SECONDS = 0.5
_EVENTS_AT_ONCE = 100
_DRAWN_SECONDS = 0.1
_SLICE_SECONDS = 0.25
_KEYS_SECONDS = 0.005
"""What the prompt has for keys between two prints, however much is to be printed."""

HELP = """commands
    /msg NAME TEXT  a private message; a name with spaces stands in "quotes"
    /people         who is known to be here
    /name NAME      after a refusal: join under another name
    /reconnect      connect again
    /quit           leave; so does Ctrl+D
    //text          sends a line that begins with a slash
keys
    Tab             completes commands, and names after /msg
    Up, Down        what you wrote before"""

COLOURS = TerminalStyle.from_dict(
    {
        "time": "ansibrightblack",
        Style.SYSTEM.value: "ansibrightblack italic",
        Style.SERVER.value: "ansired bold",
        Style.OWN.value: "ansiblue bold",
        Style.OTHER.value: "ansigreen bold",
        Style.PRIVATE_SENT.value: "ansimagenta bold",
        Style.PRIVATE_RECEIVED.value: "ansiyellow bold",
        Style.ERROR.value: "ansired",
    }
)


def run_terminal_mode(host: str, port: int, username: str) -> int:
    """Chat until the user leaves; return 0, or 1 if the join was refused or the connection lost."""
    interactive = sys.stdin.isatty() and sys.stdout.isatty()
    chat = TerminalChat(host, port, username, interactive=interactive)
    return chat.run_interactive() if interactive else chat.run_plain(bounded_lines(sys.stdin.readline, "\n"))


class TerminalChat:
    """One conversation in a terminal."""

    def __init__(self, host: str, port: int, username: str, *, interactive: bool) -> None:
        self._address, self._username = (host, port), username
        self._client = ChatClient()
        self._people = People()
        self._interactive = interactive
        self._unanswered: dict[int, str] = {}
        self._session: PromptSession[str] | None = None
        self._changed = threading.Condition()
        self._settled = False  # the join is answered, or there is no connection
        self._lost = False
        self._unprintable: OSError | None = None
        self._over = False

    def run_interactive(self) -> int:
        """Read lines at a prompt with history and completion."""
        # What is typed is erased: it stands above once the server has answered, and so only once.
        session = self._session = PromptSession(
            completer=NameCompleter(self._people),
            complete_style=CompleteStyle.READLINE_LIKE,
            reserve_space_for_menu=0,
            bottom_toolbar=self._toolbar,
            refresh_interval=_TOOLBAR_SECONDS,
            erase_when_done=True,
            style=COLOURS,
        )
        sys.stdout.write("\n" * shutil.get_terminal_size().lines)  # the prompt begins at the bottom
        sys.stdout.flush()
        # Raw between the prompts too: what is typed or pasted meanwhile is for the next one, and not echoed.
        with patch_stdout(raw=True), session.input.raw_mode():
            self._begin()
            while True:
                try:
                    text = session.prompt(self._prompt)
                except (EOFError, KeyboardInterrupt):
                    break
                if text.strip() == "/quit":
                    break
                self._take(text)
            return self._finish()

    def run_plain(self, lines: Iterable[str]) -> int:
        """Read lines from a pipe or a file; wait for the answers before leaving."""
        self._begin()
        self._wait(lambda: self._settled)
        for text in lines if not self._lost else ():
            if text.strip() == "/quit" or self._lost:
                break
            self._take(text.rstrip("\r\n"))
        self._wait(lambda: not self._unanswered, _ANSWER_SECONDS)
        return self._finish()

    def _begin(self) -> None:
        threading.Thread(target=self._show_events, daemon=True).start()
        self._connect()

    def _connect(self) -> None:
        try:
            self._client.connect_to_server(*self._address, self._username)
        except MessageRefused as refusal:
            self._complain(str(refusal))
            with self._changed:
                self._settled = self._lost = True

    def _finish(self) -> int:
        lost = self._lost
        self._over = True
        self._client.disconnect_from_server()
        self._client.wait_closed(_LEAVE_SECONDS)
        if self._unprintable is not None:
            raise self._unprintable
        return _LOST if lost else _FINE

    def _wait(self, condition: Callable[[], bool], timeout: float | None = None) -> None:
        give_up = math.inf if timeout is None else time.monotonic() + timeout
        with self._changed:
            # By slices: Windows lets no Ctrl+C end a wait without a limit.
            while not self._changed.wait_for(lambda: self._lost or condition(), _SLICE_SECONDS):
                if time.monotonic() >= give_up:
                    return

    def _take(self, text: str) -> None:
        if not text.strip():
            return
        try:
            self._obey(text)
        except MessageRefused as refusal:
            self._complain(str(refusal))

    def _obey(self, text: str) -> None:
        command, _, rest = text.partition(" ")
        match command:
            case "/msg" | "/w":
                target, content = split_target(rest)
                self._send(content, target)
            case "/people":
                self._print(
                    Line(Style.SYSTEM, "", "Here: " + ", ".join(map(self._described, self._people.names())), now())
                )
            case "/name":
                self._join(rest.strip())
            case "/reconnect":
                self._connect()
            case "/help":
                self._print(Line(Style.SYSTEM, "", HELP, now()))
            case _ if text.startswith("//"):
                self._send(text[1:])
            case _ if text.startswith("/"):
                raise MessageRefused(f"No command is called {command}. /help lists them.")
            case _:
                self._send(text)

    def _join(self, username: str) -> None:
        if not username:
            raise MessageRefused("Expected /name NAME.")
        self._client.join(username)  # kept for /reconnect only once the server takes it: see _note

    def _described(self, name: str) -> str:
        doubt = self._people.doubt_about(name)
        return shown_name(name) + (f" (⚠ {doubt})" if doubt else "")

    def _send(self, content: str, target: str | None = None) -> None:
        with self._changed:
            self._unanswered[self._client.send_message(content, target)] = content

    def _show_events(self) -> None:
        try:
            self._show_until_over()
        except OSError as error:  # a full disk, or a reader that has gone: it is waited for no longer
            if not is_closed_pipe(error):
                with contextlib.suppress(OSError):
                    print(f"Cannot print: {described_error(error.errno)}", file=sys.stderr, flush=True)  # noqa: T201  for its user
            with self._changed:
                self._settled = self._lost = self._over = True
                self._changed.notify_all()

    def _show_until_over(self) -> None:
        while not self._over:
            new, lines = self._new_events(), []
            for event in new:
                self._people.learn(event)
                lines.append(line_for(event, self._people.doubt(event)))
            try:
                self._print(*filter(None, lines))
            except OSError as error:  # nobody can be told anything any more
                with self._changed:
                    self._unprintable = error
                    self._settled = self._lost = True
                    self._changed.notify_all()
                return
            if self._interactive:
                self._wait_until_drawn()
            with self._changed:
                for event in new:
                    self._note(event)
                self._changed.notify_all()

    def _new_events(self) -> list[events.Event]:
        """Wait a while for an event; return those that are there, as many as are shown at once."""
        new: list[events.Event] = []
        with contextlib.suppress(queue.Empty):
            while len(new) < _EVENTS_AT_ONCE:
                new.append(self._client.events.get(timeout=0 if new else 1))
        return new

    def _wait_until_drawn(self) -> None:
        """Wait until what was printed above the prompt is there: the prompt keeps it, and takes keys in between."""
        drawn = threading.Event()
        app = self._session.app if self._session is not None else None
        if app is None or app.loop is None:
            return
        with contextlib.suppress(RuntimeError):  # it has just ended
            app.loop.call_soon_threadsafe(run_in_terminal, drawn.set)
            while app.is_running and not self._over and not drawn.wait(_DRAWN_SECONDS):
                pass
            time.sleep(_KEYS_SECONDS)

    def _note(self, event: events.Event) -> None:
        match event:
            case events.Joined(username):
                self._settled, self._lost, self._username = True, False, username
            case events.JoinRefused() | events.ConnectionFailed():
                self._settled = self._lost = True
                self._hint("/name NAME" if isinstance(event, events.JoinRefused) else "/reconnect")
            case events.ConnectionEnded(_, by_user, unanswered):
                self._settled, self._lost = True, not by_user
                for sent_id in unanswered:
                    self._complain(f"no answer before the end: {self._unanswered.get(sent_id, '')}")
                self._unanswered.clear()
                if not by_user:
                    self._hint("/reconnect")
            case events.PublicMessage() | events.PrivateConfirmation() | events.ErrorMessage():
                self._unanswered.pop(event.sent_id or 0, None)

    def _prompt(self) -> str:
        # Asked anew at each drawing: a join may be answered while one types.
        return f"{self._client.username or '(not joined)'}> "

    def _toolbar(self) -> str:
        state = f"joined as {self._client.username}" if self._client.joined else "not joined"
        parts = [shown_address(self._address), state, f"{len(self._people)} here"]
        if self._unanswered:
            parts.append(f"{len(self._unanswered)} sending")
        typed = self._session.default_buffer.text if self._session is not None else ""
        if typed.strip():
            parts.append(_room_left(typed))
        return f" {' · '.join([*parts, '/help'])}"

    def _hint(self, command: str) -> None:
        if self._interactive:
            self._print(Line(Style.SYSTEM, "", f"{command} tries again; /help lists all commands", now()))

    def _complain(self, text: str) -> None:
        self._print(Line(Style.ERROR, "✗ ", text, now()))

    def _print(self, *lines: Line) -> None:
        if lines and self._interactive:
            print_formatted_text(*map(_formatted, lines), sep="\n", style=COLOURS)
        elif not self._interactive:
            for line in lines:
                stream = sys.stderr if line.style is Style.ERROR else sys.stdout
                print(line, file=stream, flush=True)


class NameCompleter(Completer):
    """Completes the commands, and the name after ``/msg``."""

    def __init__(self, people: People) -> None:
        self._people = people

    def get_completions(self, document: Document, complete_event: CompleteEvent) -> Iterable[Completion]:  # noqa: ARG002
        """Yield what may stand at the cursor."""
        text = document.text_before_cursor
        if text.startswith("/msg "):
            beginning = text.removeprefix("/msg ").removeprefix('"')
            for name in self._people.completions(beginning):
                quoted = f'"{name}" ' if " " in name else f"{name} "
                yield Completion(quoted, start_position=len("/msg ") - len(text), display=shown_name(name))
        elif text.startswith("/") and " " not in text:
            for command in ("/msg ", "/people", "/name ", "/reconnect", "/help", "/quit"):
                if command.startswith(text):
                    yield Completion(command, start_position=-len(text))


def _room_left(typed: str) -> str:
    """Return, in words, how many bytes of a frame a line leaves, if it is one that would be sent."""
    target: str | None = None
    if typed.startswith(("/msg ", "/w ")):
        try:
            target, typed = split_target(typed.partition(" ")[2])
        except MessageRefused:
            return "/msg NAME TEXT"
    elif typed.startswith("/"):
        typed = typed[1:]
        if not typed.startswith("/"):
            return "a command"
    left = frame_bytes_left(typed, target)
    return f"{left} bytes left" if left >= 0 else f"{-left} bytes too long"


def split_target(text: str) -> tuple[str, str]:
    """Split ``NAME TEXT`` or ``"NAME WITH SPACES" TEXT``.

    Raises:
        MessageRefused: if either is missing.
    """
    quoted = text.startswith('"')
    name, _, content = text[1:].partition('"') if quoted else text.partition(" ")
    content = content.removeprefix(" ") if quoted else content
    if not name or not content:
        raise MessageRefused('Expected /msg NAME TEXT, or /msg "NAME WITH SPACES" TEXT.')
    return name, content


def _formatted(line: Line) -> FormattedText:
    style = f"class:{line.style.value}"
    text_style = style if line.style in (Style.SYSTEM, Style.SERVER, Style.ERROR) else ""
    return FormattedText(
        [
            ("class:time", f"[{line.timestamp}] "),
            (f"class:{Style.ERROR.value}", line.warning),
            (style, on_one_line(line.heading)),
            (text_style, entry_text(line.text)),
        ]
    )
