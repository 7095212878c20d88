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


def test_a_source_that_is_saved_during_a_build_is_no_product_of_it():
    session = Session(None, Screen(), None, folder=Path(), report=Path(), asked=[], build_words=["make"])
    session._builds = True  # noqa: SLF001  no build is waited for
    saved, made = [Path("names.go")], [Path("chat.bin")]
    assert session._mattering(saved, during=True) == saved  # noqa: SLF001
    assert session._mattering(made, during=True) == []  # noqa: SLF001
    session._builds = False  # noqa: SLF001
    assert session._mattering(saved, during=False) == saved  # noqa: SLF001
    assert session._mattering(made, during=False) == []  # noqa: SLF001


def test_a_source_that_each_build_writes_is_a_product_of_it():
    session = Session(None, Screen(), None, folder=Path(), report=Path(), asked=[], build_words=["make"])
    session._builds = True  # noqa: SLF001  no build is waited for
    matters = [bool(session._mattering([Path("made.go")], during=True)) for _ in range(4)]  # noqa: SLF001
    assert matters == [True, True, False, False]


def test_an_error_of_our_own_ends_it_and_leaves_nobody_waiting(tmp_path):
    class Steps:
        async def begin(self):
            raise RuntimeError("ours")

    session = Session(Steps(), Screen(), Score(), folder=tmp_path, report=tmp_path / "none", asked=[])
    with pytest.raises(RuntimeError, match="ours"):
        asyncio.run(asyncio.wait_for(session.run(), 20))
