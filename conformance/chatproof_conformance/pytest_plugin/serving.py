"""The server under test for the time of a pytest session."""

from collections.abc import Iterator

import pytest

from chatproof_conformance.core.outcomes import TargetGone
from chatproof_conformance.endpoints.peers.run_context import RunContext, new_run_context
from chatproof_conformance.pytest_plugin.judging import ChatJudge
from chatproof_conformance.pytest_plugin.settings import PluginSettings

NOT_NAMED = (
    "no chat server was named: give --chat-target HOST:PORT or --chat-command '… {port} …', "
    "or set chat_target or chat_command in pytest's ini file"
)


def serve(settings: PluginSettings, plugins: pytest.PytestPluginManager) -> Iterator[RunContext]:
    """Yield the server, started where that is wanted, with a judge of the tests' chats; stop it afterwards."""
    if not settings.named:
        pytest.fail(NOT_NAMED, pytrace=False)
    context = new_run_context(settings.server.target(), settings.framing)
    judge = ChatJudge(context, strict=settings.strict)
    plugins.register(judge)
    try:
        _start(context)
        yield context
    finally:
        plugins.unregister(judge)
        context.target.end()  # perhaps another than at first: it may have been restarted


def _start(context: RunContext) -> None:
    """Make sure that the server accepts connections; every test that wants it fails where it does not."""
    why = None
    try:
        context.target.start()
    except TargetGone as gone:
        why = str(gone)
    if why:  # out of the handler, so that nothing else is told
        pytest.fail(f"the chat server cannot be tested: {why}", pytrace=False)
