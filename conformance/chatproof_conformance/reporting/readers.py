"""Who reads what is printed: a person, or a program that pays for each line, as a CI job or a coding agent does."""

from collections.abc import Mapping

VARIABLES = (
    "CI",
    "AI_AGENT",
    "AGENT",
    "CLAUDECODE",
    "CLAUDE_CODE",
    "GEMINI_CLI",
    "CURSOR_AGENT",
    "CODEX_SANDBOX",
    "CODEX_THREAD_ID",
    "OPENCODE",
    "COPILOT_CLI",
    "CLINE_ACTIVE",
    "AUGMENT_AGENT",
    "QWEN_CODE",
)
"""What CI services and coding agents set in the environment of what they start."""
_NO = ("", "0", "false", "no")


def is_for_a_program(environment: Mapping[str, str]) -> bool:
    """Return whether an environment is that of a CI job or a coding agent."""
    return any(environment.get(name, "").lower() not in _NO for name in VARIABLES)
