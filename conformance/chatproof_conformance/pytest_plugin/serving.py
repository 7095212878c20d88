"""The server under test for the time of a pytest session."""

from collections.abc import Iterator

import pytest

from chatproof_conformance.outcomes import TargetGone
from chatproof_conformance.peers.chat import Party, new_party
from chatproof_conformance.pytest_plugin.judging import ChatJudge
from chatproof_conformance.pytest_plugin.settings import Settings
from chatproof_conformance.targets.command import CommandTarget, Recipe
from chatproof_conformance.targets.target import RunningTarget

NOT_NAMED = (
    "no chat server was named: give --chat-target HOST:PORT or --chat-command '… {port} …', "
    "or set chat_target or chat_command in pytest's ini file"
)


def serve(settings: Settings, plugins: pytest.PytestPluginManager) -> Iterator[Party]:
    """Yield the server, started where that is wanted, with a judge of the tests' chats; stop it afterwards."""
    if not settings.named:
        pytest.fail(NOT_NAMED, pytrace=False)
    party = new_party(_target(settings), settings.framing)
    judge = ChatJudge(party, strict=settings.strict)
    plugins.register(judge)
    try:
        _reach(party)
        yield party
    finally:
        plugins.unregister(judge)
        if isinstance(party.target, CommandTarget):  # perhaps another than at first: it may have been restarted
            party.target.end()


def _target(settings: Settings) -> CommandTarget | RunningTarget:
    if settings.address is not None:
        return RunningTarget(settings.address, settings.announce)
    return CommandTarget(Recipe(settings.command or "", settings.announce))


def _reach(party: Party) -> None:
    """Make sure that the server accepts connections; every test that wants it fails where it does not."""
    why = None
    try:
        if isinstance(party.target, CommandTarget):
            party.target.start()
        elif isinstance(party.target, RunningTarget):
            party.target.reach()
    except TargetGone as gone:
        why = str(gone)
    if why:  # out of the handler, so that nothing else is told
        pytest.fail(f"the chat server cannot be tested: {why}", pytrace=False)
