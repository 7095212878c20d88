"""The client for people without a display: messages above, the prompt at the bottom; plain lines through a pipe."""

import queue
import shutil
import sys
import threading
from collections.abc import Callable, Iterable

from prompt_toolkit import PromptSession, print_formatted_text
from prompt_toolkit.completion import CompleteEvent, Completer, Completion
from prompt_toolkit.document import Document
from prompt_toolkit.formatted_text import FormattedText
from prompt_toolkit.patch_stdout import patch_stdout
from prompt_toolkit.shortcuts import CompleteStyle
from prompt_toolkit.styles import Style as TerminalStyle

from chatproof_reference.client import events
from chatproof_reference.client.client import ChatClient
from chatproof_reference.client.lines import Line, Style, harmless, line_for, now
from chatproof_reference.client.outgoing import MessageRefused, frame_bytes_left
from chatproof_reference.client.people import People

_FINE, _LOST = 0, 1
_ANSWER_SECONDS = 5.0
_TOOLBAR_SECONDS = 0.5

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
    return chat.run_interactive() if interactive else chat.run_plain(sys.stdin)


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
                    text = session.prompt(f"{self._client.username or self._username}> ")
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
        self._client.wait_closed()
        return _LOST if lost else _FINE

    def _wait(self, condition: Callable[[], bool], timeout: float | None = None) -> None:
        with self._changed:
            self._changed.wait_for(lambda: self._lost or condition(), timeout)

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
                self._print(Line(Style.SYSTEM, "", "Here: " + ", ".join(self._people.names()), now()))
            case "/name":
                self._username = rest.strip()
                self._client.join(self._username)
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

    def _send(self, content: str, target: str | None = None) -> None:
        with self._changed:
            self._unanswered[self._client.send_message(content, target)] = content

    def _show_events(self) -> None:
        while not self._over:
            try:
                event = self._client.events.get(timeout=1)
            except queue.Empty:
                continue
            if not self._over:
                self._show(event)

    def _show(self, event: events.Event) -> None:
        self._people.learn(event)
        line = line_for(event)
        if line is not None:
            self._print(line)
        with self._changed:
            self._note(event)
            self._changed.notify_all()

    def _note(self, event: events.Event) -> None:
        match event:
            case events.Joined(username):
                self._settled, self._lost, self._username = True, False, username
            case events.JoinRefused() | events.ConnectionFailed():
                self._settled = self._lost = True
            case events.ConnectionEnded(_, by_user, unanswered):
                self._settled, self._lost = True, not by_user
                for sent_id in unanswered:
                    self._complain(f"no answer before the end: {self._unanswered.get(sent_id, '')}")
                self._unanswered.clear()
            case events.PublicMessage() | events.PrivateConfirmation() | events.ErrorMessage():
                self._unanswered.pop(event.sent_id or 0, None)

    def _toolbar(self) -> str:
        state = f"joined as {self._client.username}" if self._client.joined else "not joined"
        host, port = self._address
        parts = [f"{host}:{port}", state, f"{len(self._people.names())} here"]
        if self._unanswered:
            parts.append(f"{len(self._unanswered)} sending")
        typed = self._session.default_buffer.text if self._session is not None else ""
        if typed.strip():
            parts.append(_room_left(typed))
        return f" {' · '.join([*parts, '/help'])}"

    def _complain(self, text: str) -> None:
        self._print(Line(Style.ERROR, "✗ ", text, now()))

    def _print(self, line: Line) -> None:
        if self._interactive:
            print_formatted_text(_formatted(line), style=COLOURS)
        else:
            stream = sys.stderr if line.style is Style.ERROR else sys.stdout
            print(harmless(str(line)), file=stream, flush=True)


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
                yield Completion(quoted, start_position=len("/msg ") - len(text), display=name)
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
            (style, harmless(line.heading)),
            (text_style, harmless(line.text)),
        ]
    )
