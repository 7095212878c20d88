"""The likely cause of a failure: found from its symptom, or none."""

import re

import pytest

from chatproof_conformance.core.findings import Finding
from chatproof_conformance.explanations.reading import causes
from chatproof_conformance.reporting.likely_causes import RULES, likely_cause, likely_words
from chatproof_schemas import requirements


def likely(requirement, expected="x", actual="y", situation="", connection=None):
    cause = likely_cause(Finding(requirement, expected, actual, situation=situation, connection=connection))
    return cause and cause.name


@pytest.mark.parametrize(
    ("symptom", "cause"),
    [
        (("FRAME-2", "that a join and a message are handled, each sent in two parts"), "one-read-one-message"),
        (
            ("FRAME-2", "x", "no answer", "message.content: é; joined; a cut inside a character"),
            "text-decoded-by-chunk",
        ),
        (
            ("JOIN-1", "that a client can join", "the server's process ended with exit status 1"),
            "exception-ends-server",
        ),
        (
            ("PUBLIC-2", "that the server goes on serving", "the server's process ended with signal SIGSEGV"),
            "exception-ends-server",
        ),
        (
            ("FRAME-2", "x, each sent in two parts", "the server's process ended with exit status 1"),
            "one-read-one-message",
        ),
        (("FRAME-1", "frames", 'an object with no LF after it: "{}"'), "line-end-not-sent"),
        (
            (
                "STOP-1",
                "the end of the stream",
                "a reset; SIGTERM was sent to x, which ended it at once: it has no handler for that",
            ),
            "stop-not-handled",
        ),
        (("STOP-2", "a system message", "none after it was asked to stop; SIGTERM was sent to x"), "stop-not-handled"),
        (("FRAME-3", "x", "only whole lines, one at a time, are handled"), "rest-of-read-forgotten"),
        (("FRAME-5", "x", "y", "message.content: 1025 bytes in 4 bytes, long; joined"), "bytes-and-characters"),
        (("FRAME-5", "x", "y", "message.content: 1025 bytes in 1 byte, long; joined"), "rest-of-long-frame-handled"),
        (("ERROR-2", "an error in answer", "no answer", "no object: null; joined"), "falsy-value-taken-for-nothing"),
        (("ERROR-2", "an error in answer", "no answer", 'no object: ["w"]; joined'), "refused-without-error"),
        (("ERROR-1", "that the connection goes on", "the end of the connection"), "exception-ends-connection"),
        (("ERROR-4", "an error", "y", "message.content: null; joined"), "members-not-checked"),
        (("ERROR-4", "an error", "y", 'private_message.target: ""; joined'), "name-rules-incomplete"),
        (("JOIN-1", "that the join succeeds", 'error "no"', "a name: constructor"), "plain-object-as-map"),
        (
            ("JOIN-1", "that the join succeeds", 'error "no"', 'join.username: "<word~\\ud83d\\ude4231>"'),
            "utf-16-lengths",
        ),
        (("JOIN-4", 'one holder of the name "a" at a time', "both", "a client joins"), "taken-name-accepted"),
        (("JOIN-4", 'one holder of the name "a" at a time', "both", "a guest leaves"), "clean-up-by-name"),
        (("JOIN-9", "nothing of a frame that was refused", "message"), "refused-frame-leaves-a-trace"),
        (("JOIN-9", "nothing of a connection that had not joined", "message"), "state-not-checked"),
        (("FRAME-5", "an error", "message", "client-frame/bytes-1025-multibyte, vector"), "bytes-and-characters"),
        (("PUBLIC-1", 'the public message "hi" from "ann"', "nothing of it", "", "ann"), "sender-left-out"),
        (("PUBLIC-1", 'the public message "hi" from "ann"', "nothing of it", "", "bob"), "message-lost-or-doubled"),
        (("PUBLIC-1", 'the public message "hi" from "abco1"', "nothing of it", "", "observer 1"), "sender-left-out"),
        (
            ("CONFIRM-2", "a confirmation with delivered false", "delivered true", 'x.target: "<own-case>"; joined'),
            "names-changed-for-comparison",
        ),
        (("LEAVE-2", "one notice that ann left, when it leaves", "system"), "leave-notice-forgotten"),
        (("LEAVE-2", "a notice", "nothing of it"), "reset-not-handled"),
        (("STOP-1", "the end of the stream", "a reset"), "close-with-unread-data"),
        (("STOP-1", "the end of the stream", "the connection is still open"), "stop-waits-for-clients"),
    ],
    ids=str,
)
def test_a_symptom_points_to_its_cause(symptom, cause):
    assert likely(*symptom) == cause


@pytest.mark.parametrize("requirement", ["CLIENT-1", "CLIENT-3", "JOIN-4"])
def test_a_symptom_that_may_have_many_causes_points_to_none(requirement):
    assert likely(requirement) is None


def test_every_rule_names_a_cause_and_requirements_and_can_be_the_first_that_fits():
    assert {rule.cause for rule in RULES} <= set(causes())
    ids = {rule: [id_ for id_ in requirements() if re.fullmatch(rule.requirements, id_)] for rule in RULES}
    assert [rule for rule, found in ids.items() if not found] == []
    open_ = {rule: found for rule, found in ids.items() if not (rule.expected or rule.actual or rule.situation)}
    hidden = [
        rule
        for place, rule in enumerate(RULES)
        if all(any(id_ in open_.get(earlier, ()) for earlier in RULES[:place]) for id_ in ids[rule])
    ]
    assert hidden == []


def test_a_cause_is_told_as_a_clause_with_what_explains_more():
    title = causes()["one-read-one-message"].title
    words = "your reader takes each read for a message; chatproof explain FRAME-2"
    assert likely_words(title, "chatproof explain FRAME-2") == words
    assert likely_words(None, "chatproof explain JOIN-4") == "chatproof explain JOIN-4"
