"""What scripts that play a finding's traffic have in common, whichever side they play."""

import textwrap
from collections.abc import Sequence

from chatproof_conformance.core.findings import Finding
from chatproof_schemas import requirements

MOST_STEPS = 2000
"""A longer recording makes no script to read."""


def script_of(finding: Finding, template: str, steps: Sequence[str], **more: str) -> str | None:
    """Return the text of a script; None if it is too long to be read.

    Args:
        finding: what it shows; it names the requirement, and prints what was expected and what was seen.
        template: the text, with the places of ``sentence``, ``expected``, ``actual``, ``steps``, and more.
        steps: each as an expression of Python.
        more: by name, what fills the template's other places.
    """
    if len(steps) > MOST_STEPS:
        return None
    row = requirements()[finding.requirement]
    sentence = textwrap.fill(f"{row.id} ({row.level.value}): {row.sentence}", 100)
    return template.format(
        sentence=sentence.replace("\\", "\\\\").replace('"""', "'''"),
        expected=finding.expected_there,
        actual=finding.actual,
        steps="\n".join(f"    {step}," for step in steps),
        **more,
    )
