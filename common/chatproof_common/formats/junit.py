"""JUnit XML, as Jenkins, GitLab and most CI services read it (valid by Jenkins' junit-10.xsd).

A suite's counts stand before its cases, so cases are gone through twice; nothing else keeps them: a suite may take
them from a file each time.
"""

import io
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import TextIO
from xml.sax.saxutils import escape, quoteattr

from chatproof_common.printable import printable, readable

# What is not a Char of XML 1.0 (section 2.2): no document can hold it, not even as a reference.
_NOT_XML = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


@dataclass(frozen=True, slots=True)
class Failure:
    """Why a case failed.

    Attributes:
        message: one line.
        text: all that helps, as many lines as it takes.
        type: what kind of failure it is, such as ``MUST`` or an error code.
    """

    message: str
    text: str = ""
    type: str = "failure"


@dataclass(frozen=True, slots=True)
class Case:
    """One test.

    Attributes:
        name: what was tested; unique with ``classname``.
        classname: the group that it belongs to, by parts with dots: ``chatproof.JOIN``.
        failure: why it failed; a case has one of failure, error and skipped, or none: then it passed.
        error: why it is inconclusive.
        skipped: why it did not run.
        output: what else there is to read.
    """

    name: str
    classname: str
    seconds: float = 0.0
    failure: Failure | None = None
    error: Failure | None = None
    skipped: str | None = None
    output: str = ""


@dataclass(frozen=True, slots=True)
class Suite:
    """Cases that belong together.

    Attributes:
        cases: in their order; gone through twice, so no iterator.
        started: by the wall clock.
        seconds: None: the sum of the cases'.
        properties: what else is known, such as the version of the program.
    """

    name: str
    cases: Iterable[Case]
    started: datetime | None = None
    seconds: float | None = None
    properties: dict[str, str] = field(default_factory=dict)


def junit_document(suites: Iterable[Suite], name: str = "chatproof") -> str:
    """Return the text of a document."""
    out = io.StringIO()
    write_junit(out, suites, name)
    return out.getvalue()


def write_junit(out: TextIO, suites: Iterable[Suite], name: str = "chatproof") -> None:
    """Write a document, holding one case at a time.

    ``out`` must take UTF-8.

    Raises:
        OSError: if ``out`` cannot be written.
    """
    out.write('<?xml version="1.0" encoding="UTF-8"?>\n')
    out.write(_opened("testsuites", {"name": name}))
    for suite in suites:
        out.writelines(_suite(suite))
    out.write("</testsuites>\n")


def _suite(suite: Suite) -> Iterator[str]:
    yield _opened("testsuite", {"name": suite.name} | _counts(suite))
    if suite.properties:
        yield "<properties>\n"
        for name, value in suite.properties.items():
            yield f"<property{_attributes({'name': name, 'value': value})}/>\n"
        yield "</properties>\n"
    for case in suite.cases:
        yield from _case(case)
    yield "</testsuite>\n"


def _counts(suite: Suite) -> dict[str, str]:
    tests = failures = errors = skipped = 0
    seconds = 0.0
    for case in suite.cases:
        tests += 1
        failures += case.failure is not None
        errors += case.error is not None
        skipped += case.skipped is not None
        seconds += case.seconds
    counts = {"tests": tests, "failures": failures, "errors": errors, "skipped": skipped}
    shown = {name: str(count) for name, count in counts.items()}
    shown["time"] = _time(seconds if suite.seconds is None else suite.seconds)
    if suite.started:
        shown["timestamp"] = suite.started.isoformat(timespec="seconds")
    return shown


def _case(case: Case) -> Iterator[str]:
    yield _opened("testcase", {"name": case.name, "classname": case.classname, "time": _time(case.seconds)})
    if case.skipped is not None:
        yield _element("skipped", {"message": case.skipped}, "")
    for tag, failure in (("error", case.error), ("failure", case.failure)):
        if failure is not None:
            yield _element(tag, {"message": failure.message, "type": failure.type}, failure.text)
    if case.output:
        yield _element("system-out", {}, case.output)
    yield "</testcase>\n"


def _time(seconds: float) -> str:
    return f"{seconds:.3f}"


def _opened(tag: str, attributes: dict[str, str]) -> str:
    return f"<{tag}{_attributes(attributes)}>\n"


def _element(tag: str, attributes: dict[str, str], text: str) -> str:
    return f"<{tag}{_attributes(attributes)}>{escape(_harmless(text), {chr(13): '&#13;'})}</{tag}>\n"


def _attributes(attributes: dict[str, str]) -> str:
    return "".join(f" {name}={quoteattr(_harmless(value))}" for name, value in attributes.items())


def _harmless(text: str) -> str:
    return _NOT_XML.sub(lambda found: printable(found[0]), readable(text))
