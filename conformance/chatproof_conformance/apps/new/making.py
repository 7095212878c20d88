"""Writes a server to begin with: its source, its tests, a CI file, and a README that names the next level."""

from collections.abc import Iterator, Mapping
from importlib.resources import files
from pathlib import Path

from chatproof_common.command_line.files import writing
from chatproof_common.command_line.values import CommandError
from chatproof_common.system.shell_words import quote_word
from chatproof_common.terminal import Terminal, markup
from chatproof_conformance.apps.new.languages import LANGUAGES, Language
from chatproof_schemas import work_levels

_SUFFIX = ".tmpl"
_CI = ".github/workflows/chat.yml"


def make_server(language: str, folder: Path) -> int:
    """Write a server, print how to go on, and return the exit code.

    Raises:
        CommandError: if one of its files is there already, or cannot be written.
    """
    written = server_files(language)
    if there := [name for name in written if (folder / name).exists() or (folder / name).is_symlink()]:
        raise CommandError(f"{folder / there[0]} is there already, and nothing is overwritten; name another folder")
    for name, text in written.items():
        with writing(str(folder / name)):
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            with (folder / name).open("x", encoding="utf-8", newline="\n") as file:
                file.write(text)
    _print_next_steps(LANGUAGES[language], folder, list(written))
    return 0


def server_files(language: str) -> dict[str, str]:
    """Return the texts of a server's files, by their paths in its folder."""
    chosen = LANGUAGES[language]
    sources = dict(_templates(language))
    shared = {name: _filled(text, chosen) for name, text in _templates("shared")}
    ignored = "".join(f"{line}\n" for line in chosen.ignored)
    return {**sources, "README.md": shared["README.md"], ".gitignore": ignored, _CI: shared["chat.yml"]}


def check_words(language: Language) -> str:
    """Return the command line that checks a server's first level."""
    return f"chatproof check --command {quote_word(language.run)} --level 1"


def watch_words(language: Language) -> str:
    """Return the command line that checks a server's next level whenever a file changes: all would be too much yet."""
    build = f" --build {quote_word(language.build)}" if language.build else ""
    return f"chatproof check --command {quote_word(language.run)} --watch --level 2{build}"


def _templates(name: str) -> Iterator[tuple[str, str]]:
    """Yield the names and texts of the templates in a folder."""
    folder = files("chatproof_conformance.apps.new") / "templates" / name
    for file in sorted(folder.iterdir(), key=lambda file: file.name):
        if file.name.endswith(_SUFFIX):
            yield file.name.removesuffix(_SUFFIX), file.read_text("utf-8")


def _filled(text: str, language: Language) -> str:
    for name, value in _values(language).items():
        text = text.replace(f"@{name}@", value)
    return text


def _values(language: Language) -> Mapping[str, str]:
    following, *later = work_levels("server")[1:]
    rows = {
        "build it": language.build,
        "start it": language.run.replace("{port}", "12345"),
        "run its own tests": language.test,
        "check the level that it has reached": check_words(language),
        "check the next level at each change of a file": watch_words(language),
    }
    steps = [f"      - uses: {language.setup[0]}\n        with:\n" + _inputs(language)] if language.setup else []
    steps += [f"      - run: {language.build}\n"] if language.build else []
    return {
        "LANGUAGE": language.title,
        "NEEDS": language.needs,
        "ROWS": "\n".join(f"| {task} | `{command}` |" for task, command in rows.items() if command),
        "NEXT": following.subject,
        "IDS": ", ".join(following.ids),
        "FIRST": following.ids[0],
        "LATER": "; ".join(level.subject for level in later),
        "SOURCE": language.source,
        "SETUP": "".join(steps),
        "TEST": language.test,
        "RUN": language.run,
    }


def _inputs(language: Language) -> str:
    _, name, version = language.setup or ("", "", "")
    distribution = "          distribution: temurin\n" if name == "java-version" else ""
    return f'{distribution}          {name}: "{version}"\n'


def _print_next_steps(language: Language, folder: Path, written: list[str]) -> None:
    out = Terminal()
    out.print(f"A server in {language.title} at level 1 of {len(work_levels('server'))}, in {markup(str(folder))}:")
    out.print(f"  {markup(', '.join(written))}")
    steps = [f"cd {quote_word(str(folder))}"] if folder != Path() else []
    steps += [language.build, check_words(language), watch_words(language)]
    out.print(f"\nNext, with {language.needs}:")
    for step in filter(None, steps):
        out.print(f"  {markup(step)}")
    out.print("\nREADME.md there says what the next level asks for.")
