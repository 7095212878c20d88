"""The server under test for the time of a pytest session."""

from collections.abc import Iterator

import pytest

from chatproof_conformance.core.outcomes import TargetGone
from chatproof_conformance.endpoints.peers.run_context import RunContext
from chatproof_conformance.pytest_plugin.judging import ChatJudge
from chatproof_conformance.pytest_plugin.settings import PluginSettings

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
    context = RunContext(settings.server.target(), framing=settings.framing)
    judge = ChatJudge(context, strict=settings.strict)
    plugins.register(judge)
    try:
        context.target.start()
        yield context
    except TargetGone as gone:
        raise pytest.fail.Exception(f"the chat server cannot be tested: {gone}", pytrace=False) from None
    finally:
        plugins.unregister(judge)
        context.target.end()  # perhaps another than at first: it may have been restarted
