"""JUnit XML: valid by the schema of those who read it, whatever texts and how many cases there are."""

import io
from datetime import datetime, timezone

from hypothesis import given
from hypothesis import strategies as st

from chatproof_common.formats.junit import Case, Failure, Suite, junit_document, write_junit
from chatproof_common.printable import readable
from support.report_consumers import read_junit

STARTED = datetime(2026, 1, 31, 14, 30, 25, 250000, tzinfo=timezone.utc)
CASES = (
    Case("passes", "chat.JOIN", 0.25),
    Case(
        "fails", "chat.JOIN", 1.5, failure=Failure("nothing came", "expected\n  a notice", "MUST"), output="alice → {}"
    ),
    Case("breaks", "chat.LEAVE", error=Failure("no connection")),
    Case("waits", "chat.LEAVE", skipped="not told how to announce"),
)


def test_every_part_is_where_a_reader_looks_for_it():
    root = read_junit(junit_document([Suite("chat", CASES, STARTED, properties={"version": "1.0"})]))
    (suite,) = root
    counts = {name: suite.get(name) for name in ("tests", "failures", "errors", "skipped", "time", "timestamp")}
    assert list(counts.values()) == ["4", "1", "1", "1", "1.750", "2026-01-31T14:30:25+00:00"]
    assert suite.find("properties/property").attrib == {"name": "version", "value": "1.0"}
    passes, fails, breaks, waits = suite.findall("testcase")
    assert dict(passes.attrib) == {"name": "passes", "classname": "chat.JOIN", "time": "0.250"}
    assert len(passes) == 0
    assert dict(fails.find("failure").attrib) == {"message": "nothing came", "type": "MUST"}
    assert fails.findtext("failure") == "expected\n  a notice"
    assert fails.findtext("system-out") == "alice → {}"
    assert breaks.find("error").get("message") == "no connection"
    assert waits.find("skipped").get("message") == "not told how to announce"


def test_no_suite_and_an_empty_suite_are_documents():
    assert len(read_junit(junit_document([]))) == 0
    assert read_junit(junit_document([Suite("none", ())]))[0].get("tests") == "0"


def test_what_xml_cannot_hold_is_shown_as_its_escape():
    case = Case("\x00", "\ufffe", failure=Failure("a\x1b[31m", "\ud800\x0b"), output="\uffff")
    found = read_junit(junit_document([Suite("s", [case])]))[0][0]
    assert (found.get("name"), found.get("classname")) == (r"\x00", r"\ufffe")
    assert (found.find("failure").get("message"), found.findtext("failure")) == (r"a\x1b[31m", r"\ud800\x0b")
    assert found.findtext("system-out") == r"\uffff"


@given(st.text(st.characters(codec="utf-8", exclude_categories=["Cc", "Cs"], exclude_characters="\ufffe\uffff")))
def test_any_other_text_arrives_with_white_space_too(text):
    text = f"{text}\t\r\n\r<&>\"']]>{text}"
    case = Case(text, text, failure=Failure(text, text), output=text)
    found = read_junit(junit_document([Suite(text, [case], properties={text: text})]))[0]
    text = readable(text)
    assert [found.get("name"), *found.find("properties/property").attrib.values()] == [text] * 3
    case = found.find("testcase")
    failure = case.find("failure")
    found = (case.get("name"), case.get("classname"), failure.get("message"), failure.text, case.findtext("system-out"))
    assert found == (text,) * 5


class Once:
    """Cases that are made anew each time and never kept, as those of a long file are."""

    def __iter__(self):
        for number in range(1000):
            yield Case(str(number), "many", failure=Failure("no") if number % 10 == 0 else None)


def test_cases_may_come_from_anywhere_twice():
    out = io.StringIO()
    write_junit(out, [Suite("many", Once())])
    (suite,) = read_junit(out.getvalue())
    assert (suite.get("tests"), suite.get("failures"), len(suite)) == ("1000", "100", 1000)
