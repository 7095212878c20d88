"""``chatproof completion``: make a shell complete chatproof's command lines."""

import argparse
import io
import sys
from importlib.resources import files

from chatproof_common.command_line.command import Command

_DESCRIPTION = """\
Prints a script that makes a shell complete commands, options, requirement ids, and the names of cases and servers.
The script asks this program each time, so that it needs no renewal."""

_EXAMPLES = """\
examples:
  eval "$(chatproof completion bash)"          in ~/.bashrc
  eval "$(chatproof completion zsh)"           in ~/.zshrc, after compinit
  chatproof completion fish | source           in ~/.config/fish/config.fish
  chatproof completion powershell | Out-String | Invoke-Expression      in $PROFILE

exit codes:
  0  the script is printed
  2  wrong usage"""


def _configure(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("shell", choices=("bash", "zsh", "fish", "powershell"), help="the shell to complete in")
    # What the scripts ask with: the words of a command line, up to the cursor.
    parser.add_argument("words", nargs=argparse.REMAINDER, help=argparse.SUPPRESS)


def _run(arguments: argparse.Namespace) -> int:
    from chatproof_common.command_line.completion.offers import offer_lines  # noqa: PLC0415  only where it is asked for

    if arguments.words:
        *before, current = arguments.words
        if (
            arguments.shell == "powershell"
        ):  # it drops empty words on their way to a program: its script ends the last by a dot
            current = current.removesuffix(".")
        lines = offer_lines([*before, current])
    else:
        script = files("chatproof_common").joinpath("command_line", "completion", f"chatproof.{arguments.shell}")
        lines = iter(script.read_text("utf-8").splitlines())
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(
            newline="\n"
        )  # the shells of Unix exist on Windows, too, and read a CR as part of the word
    for line in lines:
        print(line)  # noqa: T201  it is the answer
    return 0


COMMAND = Command(
    summary="complete command lines in bash, zsh, fish or PowerShell",
    configure=_configure,
    run=_run,
    description=_DESCRIPTION,
    examples=_EXAMPLES,
)
