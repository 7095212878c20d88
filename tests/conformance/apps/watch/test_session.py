"""What a change means while a check runs: a source is checked again, what the program writes is left out."""

import asyncio
from pathlib import Path

import pytest

from chatproof_conformance.apps.watch.score import Score
from chatproof_conformance.apps.watch.session import Session


class Screen:
    """Takes note of notes, and of nothing else."""

    def __init__(self):
        self.notes = []

    def __getattr__(self, _):
        return lambda *_, **__: None

    def note(self, text):
        self.notes.append(text)


@pytest.mark.parametrize(("name", "is_left_out"), [("server.js", False), ("main.go", False), ("chat.log", True)])
def test_only_what_nobody_writes_by_hand_is_left_out(name, is_left_out):
    screen, path = Screen(), Path(name)
    session = Session(None, screen, None, folder=Path(), report=Path(), asked=[])
    matters = [session._mattering([path], during=True) == [path] for _ in range(12)]  # noqa: SLF001  time is not waited for
    assert matters[:4] == [True] * 4
    assert all(matters) is not is_left_out
    assert len(screen.notes) == is_left_out


def test_an_error_of_our_own_ends_it_and_leaves_nobody_waiting(tmp_path):
    class Steps:
        async def begin(self):
            raise RuntimeError("ours")

    session = Session(Steps(), Screen(), Score(), folder=tmp_path, report=tmp_path / "none", asked=[])
    with pytest.raises(RuntimeError, match="ours"):
        asyncio.run(asyncio.wait_for(session.run(), 20))
