"""What several formats have in plain text."""

from chatproof_common.printable import indented
from chatproof_conformance.reporting.shape import FindingJson, Report, RequirementJson
from chatproof_conformance.reporting.wording import explains, last_lines, likely, seen_by


def finding_text(found: FindingJson) -> str:
    """Return a finding as lines: what was expected and received, where it shows, how often, and how to repeat it."""
    lines = [f"expected  {found['expected']}", f"actual    {found['actual']}"]
    if found["case"]:
        lines.append(f"{seen_by(found):<9} {found['case']}")
    if found["failures"] < found["attempts"]:
        lines.append(f"seen in   {found['failures']} of {found['attempts']} attempts")
    if found["hides"]:
        lines.append(f"hides     {explains(found['hides'], found['hidden'])}")
    lines += [f"printed   {line}" for line in last_lines(found["last_words"])]
    lines += [f"{'likely' if found['cause'] else 'more':<9} {likely(found)}", f"repeat    {found['repeat']}"]
    return "\n".join(indented(line, 10) for line in lines)


def mend_order(report: Report) -> list[RequirementJson]:
    """Return the requirements in the order in which to mend them; what is not broken comes last, as SPEC.md has it."""
    order = {id_: place for place, id_ in enumerate(report["mend_first"])}
    return sorted(report["requirements"], key=lambda row: order.get(row["id"], len(order)))


def ended_early(report: Report) -> str | None:
    """Return why not everything was tried; None if it was."""
    return report["gone"] or report["interrupted"]


def is_failure(row: RequirementJson, *, strict: bool) -> bool:
    """Whether a requirement fails the run."""
    return not row["known"] and (row["verdict"] == "fail" or (strict and row["verdict"] == "warning"))
