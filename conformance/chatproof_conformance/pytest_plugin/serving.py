"""The server under test for the time of a pytest session."""

from collections.abc import Iterator

import pytest

from chatproof_conformance.core.outcomes import TargetGone
from chatproof_conformance.endpoints.peers.run_context import RunContext
from chatproof_conformance.pytest_plugin.judging import ChatJudge
from chatproof_conformance.pytest_plugin.settings import PluginSettings, as_written_here

NOT_NAMED = (
    "no chat server was named: give --chat-target HOST:PORT or --chat-command '… {port} …', "
    "or set chat_target or chat_command in pytest's ini file"
)


def serve(settings: PluginSettings, plugins: pytest.PytestPluginManager) -> Iterator[RunContext]:
    """Yield the server, started if that is asked for, with a judge of the tests' chats; stop it afterwards.

    Every test that uses it fails if it accepts no connection.
    """
    if not settings.named:
        pytest.fail(NOT_NAMED, pytrace=False)
    try:
        target = settings.server.reach(settings.wait).target()
        target.start()
    except TargetGone as gone:
        raise pytest.fail.Exception(
            f"the chat server cannot be tested: {as_written_here(str(gone))}", pytrace=False
        ) from None
    context = RunContext(target, framing=settings.framing)
    judge = ChatJudge(context, strict=settings.strict)
    plugins.register(judge)
    try:
        yield context
    finally:
        plugins.unregister(judge)
        context.target.stop()
