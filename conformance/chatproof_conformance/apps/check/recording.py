"""Judges a recording with no server there: ``chatproof check --transcript``."""

from dataclasses import replace
from pathlib import Path

from chatproof_common.command_line.values import CommandError
from chatproof_common.system.shell_words import quote_word
from chatproof_conformance.core.options import Options
from chatproof_conformance.core.roles import Role
from chatproof_conformance.judges.recordings import UNSETTLED, examine_recording, selected_rows
from chatproof_conformance.reporting.run import Run, VerdictPolicy, console_for
from chatproof_conformance.reporting.summary import RunRequest
from chatproof_schemas.transcript import read_transcript


def check_recording(path: Path, options: Options, policy: VerdictPolicy) -> int:
    """Judge a recording, print what it breaks and verifies, and return the exit code.

    Raises:
        CommandError: if the file is not a recording of a server, or a word of the selection is neither a section nor a
            requirement.
    """
    try:
        rows = selected_rows(options.selection)
        recorded = read_transcript(path)
    except ValueError as error:
        raise CommandError(str(error)) from None
    if Role(recorded.checked) is Role.CLIENT:
        raise CommandError(f"{path} is a recording of a client; `chatproof replay {path} --command …` plays it to one")
    options = replace(options, framing=recorded.framing)
    again = f" --transcript {quote_word(str(path))}"
    request = RunRequest(described=str(path), target_words=again, options=options, seeded=False, recording=path)
    console = console_for(request, policy)
    run = Run(console.conclude, request)
    console.say(f"Judging {path}, recorded {recorded.started:%Y-%m-%d %H:%M:%S}")
    if recorded.is_cut:
        console.say("  Its last line is not whole, and is left out: the recorder did not end in order.")
    if not recorded.holds_traffic:
        console.say("  It holds no traffic: there is nothing to judge.")
    elif not recorded.settled:
        console.say(UNSETTLED)
    return run.conclude(examine_recording(recorded, rows), policy)
