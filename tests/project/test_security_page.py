"""The page of what is promised names tests that exist, and the bounds that the code has."""

import re

import pytest

from chatproof_conformance.apps.tap.display import display_thread
from chatproof_reference.client import client, event_queue, input_lines, people
from chatproof_reference.server import ServerOptions, backlog, events, handler
from chatproof_reference.windows import chat_view
from chatproof_schemas.transcript import LONGEST_LINE
from support.paths import ROOT

PAGE = (ROOT / "docs" / "security.md").read_text("utf-8")
MIB = 1024 * 1024


def test_every_test_that_the_page_names_exists():
    folder = None
    named = 0
    for line in PAGE.splitlines():
        if heading := re.search(r"Tested in `(tests/[a-z/]+/)`", line):
            folder = ROOT / heading[1]
        elif folder is not None and line.startswith("| ") and not line.startswith("| ---"):
            for name in re.findall(r"`([a-z_/]+\.py)`", line):
                assert (folder / name).exists(), name
                named += 1
    assert named > 20


def bounds():
    server = ServerOptions()
    return [
        f"{server.max_clients:,}; {server.max_connections:,}",
        f"{server.max_per_address:,}; {server.max_unjoined_per_address:,}",
        f"{handler._PIECES[0] // 1024} KiB, {handler._TURN_FRAMES:,} frames, {handler._TURN_JUDGED} that",  # noqa: SLF001
        f"| {server.outbox_bytes // MIB} MiB |",
        f"a line of a recording | {LONGEST_LINE // MIB} MiB |",
        f"| {server.unread_seconds:g} s |",
        f"reads {backlog._LEAST_PACE // 1024} KiB a second",  # noqa: SLF001
        (
            f"{server.join_seconds:g} s; {server.half_frame_seconds:g} s; {server.linger_seconds:g} s; "
            f"{server.stop_seconds:g} s"
        ),
        f"10,000 events, {events._TEXTS_CODE_POINTS // MIB} Mi characters",  # noqa: SLF001
        f"{event_queue.LIMIT:,}, or those of {event_queue.LIMIT_BYTES // MIB} MiB of frames",
        f"| {client._UNSENT_BYTES // MIB} MiB; then sending is refused",  # noqa: SLF001
        f"{people.MOST:,} of at most 32 code points",
        f"| {input_lines.LONGEST_LINE // 1024} KiB | `client/test_program_mode.py`",
        f"{chat_view.DRAWN_LINES:,} and {chat_view.DRAWN_CHARACTERS // MIB} Mi characters",
        f"{chat_view.KEPT_LINES:,} and {chat_view.KEPT_CHARACTERS // MIB} Mi characters",
        f"{display_thread._MOST_WAITING:,} events, {display_thread._MOST_WAITING_BYTES // MIB} MiB",  # noqa: SLF001
    ]


@pytest.mark.parametrize("text", bounds())
def test_every_number_is_that_of_the_code(text):
    assert text in PAGE
