"""The pytest plugin for a server's own test-suite: a chat with the server, in the words of the protocol.

pytest imports this module wherever chatproof is installed, also for suites that have nothing to do with it. So it
imports pytest alone, and all else when one of its fixtures is used.
"""

from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from collections.abc import Iterator

    from chatproof_conformance.endpoints.peers.run_context import RunContext
    from chatproof_conformance.endpoints.peers.session import ServerSession
    from chatproof_conformance.pytest_plugin.requirements import CheckedRequirement
    from chatproof_conformance.pytest_plugin.settings import PluginSettings
    from chatproof_schemas import Direction

__all__ = ["assert_valid"]

_SETTINGS = {
    "target": ("HOST:PORT", "the chat server under test, which runs already"),
    "command": ("'… {port} …'", "start the chat server under test; {port} is where it must listen"),
    "announce": ("stdin | 'CMD {text}'", "how to speak for the chat server's operator (stdin needs --chat-command)"),
    "framing": ("lf | none", "none: a chat server of the original kind, objects with no LF (default: lf)"),
    "budget": ("SECONDS", "about how long the generated traffic of chat_requirement may take (default: 6)"),
    "time_limit": ("SECONDS", "end the check of chat_requirement then, with what is known (default: 60)"),
    "wait": ("SECONDS", "how long the chat server may take to start (default: 30; --chat-target: 0)"),
    "seed": ("N", "repeat the generated input of chat_requirement (default: random, and reported)"),
}
"""By name: what the value is, and the help; each an option ``--chat-NAME`` and an ini setting ``chat_NAME``."""


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add the options and the ini settings."""
    group = parser.getgroup("chat", "a server of the TCP chat protocol (chatproof)")
    for name, (value, meaning) in _SETTINGS.items():
        group.addoption(_option(name), metavar=value, help=meaning)
        parser.addini(f"chat_{name}", meaning)
    group.addoption("--chat-strict", action="store_true", help="a broken SHOULD fails a test, instead of a warning")


def pytest_configure(config: pytest.Config) -> None:
    """Refuse settings that do not fit together, before any test runs."""
    if any(_given(config).values()):
        _settings(config)


def pytest_report_header(config: pytest.Config) -> str | None:
    """Report which server is tested, if one is."""
    given = _given(config)
    server = given["target"] or given["command"]
    return f"chat server: {server}" if server else None


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Make one test for each requirement of a test that takes ``chat_requirement``."""
    if "chat_requirement" in metafunc.fixturenames:
        from chatproof_conformance.pytest_plugin.requirements import server_requirements  # noqa: PLC0415  see above

        metafunc.parametrize("chat_requirement", server_requirements(), indirect=True, scope="session")


@pytest.fixture(scope="session")
def _chat_context(request: pytest.FixtureRequest) -> "Iterator[RunContext]":
    """The server under test, started if a command was given, and what all chats with it share."""
    from chatproof_conformance.pytest_plugin.serving import serve  # noqa: PLC0415  see above

    yield from serve(_settings(request.config), request.config.pluginmanager)


@pytest.fixture(scope="session")
def chat_target(_chat_context: "RunContext") -> tuple[str, int]:
    """Where the server under test listens: its host and port."""
    return _chat_context.target.address


@pytest.fixture
def chat(_chat_context: "RunContext") -> "Iterator[ServerSession]":
    """A chat with nobody in it; what the test leaves open is closed after it.

    A frame that breaks the protocol fails the test, whatever the test is about.
    """
    from chatproof_conformance.endpoints.peers.session import ServerSession  # noqa: PLC0415  see above

    session = ServerSession(_chat_context)
    yield session
    session.close()


@pytest.fixture(scope="session")
def _chat_report(request: pytest.FixtureRequest) -> dict[str, Any]:
    """The JSON report of a whole check of the server."""
    from chatproof_conformance.pytest_plugin.requirements import check, selected  # noqa: PLC0415  see above

    return check(_settings(request.config), selected(request.session.items))


@pytest.fixture(scope="session")
def chat_requirement(request: pytest.FixtureRequest, _chat_report: dict[str, Any]) -> "CheckedRequirement":
    """One requirement of SPEC.md, as `chatproof check` found it kept or broken: a test for each of them."""
    from chatproof_conformance.pytest_plugin.requirements import find_result  # noqa: PLC0415  see above

    return find_result(_chat_report, request.param, strict=request.config.getoption("--chat-strict"))


def assert_valid(message: "dict[str, Any] | str | bytes", direction: "Direction | str") -> dict[str, Any]:
    """Fail unless a message is valid against the schema of its type and direction; return it as a dict.

    Args:
        message: a decoded message, or a frame without its LF, as text or bytes.
        direction: ``"client"`` (client to server) or ``"server"`` (server to client).

    Raises:
        AssertionError: if it is not; the text names each member at fault and says what would be right.
        ValueError: if there is no such direction.
    """
    __tracebackhide__ = True
    from chatproof_conformance.pytest_plugin.validity import read_message  # noqa: PLC0415  see above

    value, problems = read_message(message, direction)
    if problems:
        raise AssertionError(problems)
    return value


def _settings(config: pytest.Config) -> "PluginSettings":
    from chatproof_conformance.pytest_plugin.settings import read_settings  # noqa: PLC0415  see above

    return read_settings(_given(config), strict=config.getoption("--chat-strict"))


def _option(name: str) -> str:
    return "--chat-" + name.replace("_", "-")


def _given(config: pytest.Config) -> dict[str, str]:
    """Return the settings as they were given: those of the command line, or else of the ini file."""
    options = {name: config.getoption(_option(name)) or "" for name in _SETTINGS}
    from_file = {name: str(config.getini(f"chat_{name}") or "") for name in _SETTINGS}
    if options["target"] or options["command"]:  # then the file's server is another one
        from_file |= dict.fromkeys(("target", "command"), "")
    if options["target"] and from_file["announce"] == "stdin":  # of one that we start
        from_file["announce"] = ""
    return {name: options[name] or from_file[name] for name in _SETTINGS}
