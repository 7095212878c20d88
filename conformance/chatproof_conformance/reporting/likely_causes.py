"""The most likely cause of a failure, from its symptom: a table of rules, the first that fits wins.

A rule names one of :func:`chatproof_conformance.explanations.reading.causes`. It looks at the requirement, the
situation, and the words of what was expected and received; patterns are searched for, and an empty one always fits.
What no rule fits has no likely cause: a guess that is often wrong is worse than none.
"""

import re
from dataclasses import dataclass

from chatproof_common.command_line.program import typed_program
from chatproof_conformance.core.findings import Finding
from chatproof_conformance.explanations.reading import Cause, causes

_NO_ANSWER = r"^no answer"
_DIED = r"^the server's process ended"
_ENDED = r"the end of the connection|^its end"
_ERROR = r"^error |^an error\b"
_NOTHING = r"^nothing"
_DEEP = r"level|nest|deep|digit|exponent|huge|1e\d|double"
_JAVASCRIPT = r"constructor|__proto__|toString|hasOwnProperty|valueOf|prototype"
_FALSY = r'no object: (?:0|false|null|""|\[\]|\{\})(?:;|$)'
_TO_ITSELF = r'from "([^"]+)" at \1$|from "\w+o(\d+)" at observer \2$'
"""A connection is labelled by its name, an observer by its number, which ends its name."""


@dataclass(frozen=True, slots=True)
class Rule:
    """A symptom and its likely cause.

    Attributes:
        cause: its name.
        requirements: a pattern of the whole id.
        expected: a pattern in what was expected, with the connection.
        actual: a pattern in what was received.
        situation: a pattern in the situation.
    """

    cause: str
    requirements: str
    expected: str = ""
    actual: str = ""
    situation: str = ""

    def fits(self, finding: Finding) -> bool:
        """Whether a finding is such a symptom."""
        return bool(
            re.fullmatch(self.requirements, finding.requirement)
            and re.search(self.expected, finding.expected_there)
            and re.search(self.actual, finding.actual)
            and re.search(self.situation, finding.situation)
        )


_PROCESS = (
    Rule("stop-not-handled", "STOP-.*", actual=r"has no handler|^none after it was asked"),
    Rule("deep-nesting-or-huge-number", "ERROR-.*|PUBLIC-3", actual=_DIED, situation=_DEEP),
    Rule("one-read-one-message", "FRAME-2", actual=_DIED),
    Rule("rest-of-read-forgotten", "FRAME-3", actual=_DIED),
    Rule("reset-not-handled", "LEAVE-2", actual=_DIED),
    Rule("exception-ends-server", "(?!STOP-).*", actual=_DIED),
)
"""What is said of a server that has died, before anything else: no other symptom is left then."""
_STREAM = (
    Rule("line-end-not-sent", "FRAME-1", actual="no LF after it|no LF at the end"),
    Rule("surrogates-passed-on", "FRAME-1", situation=r"surrogate|\\+ud[89a-f]"),
    Rule("json-written-by-hand", "FRAME-1"),
    Rule("text-decoded-by-chunk", "FRAME-2|PUBLIC-2|PRIVATE-1", situation="inside a character"),
    Rule("one-read-one-message", "FRAME-2", expected="each sent in two parts"),
    Rule("object-without-line-end", "FRAME-2", situation="no object"),
    Rule("buffer-outlives-connection", "FRAME-2", situation="a cut before each LF|chunks of"),
    Rule("one-read-one-message", "FRAME-2"),
    Rule("rest-of-read-forgotten", "FRAME-3"),
    Rule("bytes-and-characters", "FRAME-4"),
    Rule("refused-without-error", "FRAME-5", actual=_NO_ANSWER),
    Rule("bytes-and-characters", "FRAME-5", situation=r"in [234] bytes|multibyte|space|CR|tab"),
    Rule("rest-of-long-frame-handled", "FRAME-5"),
    Rule("white-space-refused", "FRAME-[67]"),
    Rule("name-rules-incomplete", "FRAME-8", situation=r"\.(?:username|target): "),
    Rule("members-not-checked", "FRAME-8", situation=r"\.content: (?:\"\"|empty)"),
    Rule("raw-object-passed-on", "FRAME-8", situation=r"added|with a "),
    Rule("message-without-its-schema", "FRAME-8"),
)
_REFUSALS = (
    Rule("deep-nesting-or-huge-number", "ERROR-10"),
    Rule("deep-nesting-or-huge-number", "ERROR-.*|PUBLIC-3", actual=_ENDED, situation=_DEEP),
    Rule("falsy-value-taken-for-nothing", "ERROR-2", actual=_NO_ANSWER, situation=_FALSY),
    Rule("refused-without-error", "ERROR-.*|JOIN-(?:8|9|10)", actual=_NO_ANSWER),
    Rule("exception-ends-connection", "ERROR-.*|JOIN-(?:5|8|9|10)", actual=_ENDED),
    Rule("lines-split-at-other-characters", "ERROR-.*", expected="not two", situation=r"u2028|u2029|x85|x0c|x0b"),
    Rule("error-for-each-problem", "ERROR-[1-8]|JOIN-.*", expected="not two"),
    Rule("lenient-parser", "ERROR-[16]"),
    Rule("members-not-checked", "ERROR-3"),
    Rule("members-not-checked", "ERROR-4", situation=r": (?:null|true|false|0|a |an )"),
    Rule("name-rules-incomplete", "ERROR-4", situation=r"\.(?:username|target): "),
    Rule("members-not-checked", "ERROR-4"),
    Rule("bad-utf-8-repaired", "ERROR-5"),
    Rule("surrogates-passed-on", "ERROR-7"),
    Rule("duplicate-members", "ERROR-8"),
    Rule("server-types-accepted", "ERROR-9"),
    Rule("server-types-accepted", "ERROR-11", situation=r"^(?:system|server|private_confirmation): "),
    Rule("wrong-recipients", "ERROR-11|JOIN-4", expected="no error: no frame"),
    Rule("code-of-the-wrong-check", "ERROR-12"),
)
_PEOPLE = (
    Rule("newcomer-not-in-set", "JOIN-1", actual=f"{_NO_ANSWER}|{_NOTHING}"),
    Rule("notice-in-other-words", "JOIN-1", actual="^system "),
    Rule("plain-object-as-map", "JOIN-1|CONFIRM-2", actual=f"{_ERROR}|delivered true", situation=_JAVASCRIPT),
    Rule("utf-16-lengths", "JOIN-1|CONFIRM-2", actual=_ERROR, situation=r"word~\\+u|astral|of [234] bytes"),
    Rule("valid-input-refused", "JOIN-1", actual=_ERROR),
    Rule("several-paths-to-a-client", "JOIN-2", actual="^(?:message|private_message|error) .*own"),
    Rule("greeting-before-notice", "JOIN-2"),
    Rule("notice-in-other-words", "JOIN-3|LEAVE-3"),
    Rule("taken-name-accepted", "JOIN-4", expected="one holder", situation=r"^a (?:client joins|join\b)"),
    Rule("clean-up-by-name", "JOIN-4", expected="one holder"),
    Rule("refused-frame-leaves-a-trace", "JOIN-(?:5|10)", expected="succeeds"),
    Rule("name-entered-after-waiting", "JOIN-6"),
    Rule("names-changed-for-comparison", "JOIN-7"),
    Rule("name-rules-incomplete", "JOIN-8"),
    Rule("refused-frame-leaves-a-trace", "JOIN-9|PUBLIC-1", expected="from before the join|that was refused"),
    Rule("state-not-checked", "JOIN-(?:9|10)"),
    Rule("unjoined-in-broadcast", "JOIN-11"),
    Rule("connection-ended-without-reason", "JOIN-12|LEAVE-7"),
    Rule("notice-in-other-words", "JOIN-13"),
    Rule("leave-notice-forgotten", "LEAVE-[12]", expected="^one notice"),
    Rule("reset-not-handled", "LEAVE-2"),
    Rule("leave-notice-forgotten", "LEAVE-[15]"),
    Rule("name-freed-late", "LEAVE-4"),
    Rule("leave-before-last-frames", "LEAVE-6"),
    Rule("several-paths-to-a-client", "ORDER-[12]"),
    Rule("no-common-order", "ORDER-3"),
)
_MESSAGES = (
    Rule("valid-input-refused", "(?:PUBLIC|PRIVATE)-.*|CONFIRM-2", expected=r"^(?!a confirmation)", actual=_ERROR),
    Rule("message-lost-or-doubled", "PUBLIC-1", expected="missing at"),
    Rule("sender-left-out", "PUBLIC-1", expected=_TO_ITSELF),
    Rule("message-lost-or-doubled", "PUBLIC-1"),
    Rule("content-changed", "PUBLIC-2|PRIVATE-1", expected="the content as sent"),
    Rule("raw-object-passed-on", "PUBLIC-[34]"),
    Rule("content-changed", "PUBLIC-2"),
    Rule("names-changed-for-comparison", "CONFIRM-2", situation="-case>"),
    Rule("confirmation-not-sent", "PRIVATE-1|CONFIRM-.*", expected="is delivered|a confirmation|with delivered false"),
    Rule("confirmation-not-sent", "PRIVATE-3", expected="confirmation"),
    Rule("sender-left-out", "PRIVATE-3"),
    Rule("message-lost-or-doubled", "PRIVATE-1"),
    Rule("wrong-recipients", "PRIVATE-2"),
    Rule("kept-for-later", "CONFIRM-2", expected="reaches nobody"),
    Rule("confirmation-not-sent", "CONFIRM-.*"),
)
_SERVING = (
    Rule("wrong-clock", "TIME-1"),
    Rule("too-few-clients", "LOAD-1"),
    Rule("waits-for-slow-client", "LOAD-2"),
    Rule("waits-for-unfinished-frame", "LOAD-3"),
    Rule("queue-without-bound", "LOAD-4"),
    Rule("dropped-for-a-burst", "LOAD-5"),
    Rule("announcement-lost", "SERVER-1"),
    Rule("close-with-unread-data", "STOP-1", actual="reset"),
    Rule("stop-waits-for-clients", "STOP-1", actual="still open"),
    Rule("stop-not-handled", "STOP-2"),
    Rule("stop-not-handled", "STOP-3", actual="still runs"),
    Rule("no-reuse-address", "STOP-3", actual=r"^(?!its process has ended)"),
)
_CLIENTS = (
    Rule("client-input-not-checked", "CLIENT-2"),
    Rule("client-stops-at-bad-frame", "CLIENT-[45]"),
    Rule("client-takes-itself-for-joined", "CLIENT-6"),
    Rule("client-end-unnoticed", "CLIENT-7"),
    Rule("client-ignores-confirmation", "CLIENT-9"),
)
_CLUSTERS = (
    Rule("state-kept-per-node", "CLUSTER-1"),
    Rule("lost-node-remembered", "CLUSTER-2"),
    Rule("sent-again-after-a-loss", "CLUSTER-3", actual="twice"),
    Rule("lost-node-goes-on", "CLUSTER-[345]"),
)
RULES = (*_PROCESS, *_STREAM, *_REFUSALS, *_PEOPLE, *_MESSAGES, *_SERVING, *_CLIENTS, *_CLUSTERS)


def likely_cause(finding: Finding) -> Cause | None:
    """Return the most likely cause of a failure; None if its symptom points to none."""
    return next((causes()[rule.cause] for rule in RULES if rule.fits(finding)), None)


def likely_words(title: str | None, explain: str) -> str:
    """Return what a report says about the cause: the title of the likely one, if any, and what explains more."""
    return f"{title[0].lower()}{title[1:]}; {explain}" if title else explain


def explain_command(requirement: str) -> str:
    """Return the command line that explains a requirement."""
    return f"{typed_program()} explain {requirement}"
