"""The bar: on a terminal alone, and out of the way of what else is written."""

import io

from rich.console import Console

from chatproof_schemas.validate.progress import Progress


def test_it_is_drawn_with_name_and_place_and_taken_away():
    console = Console(file=io.StringIO(), force_terminal=True, width=100)
    progress = Progress(console, after=0)
    progress.advance("a [b].ndjson", 500_000, 1_000_000)
    drawn = console.file.getvalue()
    assert "a [b].ndjson" in drawn
    assert "0.5/1.0 MB" in drawn
    progress.hide()
    hidden = console.file.getvalue()
    assert "\x1b[2K" in hidden.removeprefix(drawn)
    progress.hide()
    assert console.file.getvalue() == hidden


def test_a_size_that_nobody_knows_is_no_obstacle():
    console = Console(file=io.StringIO(), force_terminal=True, width=100)
    Progress(console, after=0).advance("<stdin>", 500_000, None)
    assert "500.0/? kB" in console.file.getvalue()


def test_what_is_no_terminal_gets_nothing():
    console = Console(file=io.StringIO())
    Progress(console, after=0).advance("log", 1, 2)
    assert console.file.getvalue() == ""
