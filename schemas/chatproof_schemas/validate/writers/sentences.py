"""A finding in one sentence, for forms that have a place for the file and the line."""

from chatproof_common.printable import printable
from chatproof_schemas.validate.findings import Finding


def sentence(finding: Finding) -> str:
    """Return what is wrong, what would be right, and whose message it was, as far as that is known."""
    problem = finding.problem
    return f"{problem.place}: {problem.what}; expected {problem.expected}{_whose(finding)}"


def _whose(finding: Finding) -> str:
    said = []
    if finding.connection is not None:
        said.append(f"connection {printable(finding.connection)}")
    if finding.direction:
        said.append(f"sent by the {finding.direction.value}")
    return f" ({', '.join(said)})" if said else ""
