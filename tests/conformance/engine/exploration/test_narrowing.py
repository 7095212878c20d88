"""From a wave that fails to the one thing that is wrong: the act, or what was special about how it was sent."""

import asyncio
import itertools

import pytest

from chatproof_conformance.endpoints.waves.wave import run_wave
from chatproof_conformance.engine.exploration.narrowing import Narrower
from chatproof_conformance.engine.exploration.plan import related_waves
from chatproof_conformance.space.acts import acts
from chatproof_conformance.space.room import Room
from chatproof_conformance.space.script import Script, State
from chatproof_conformance.space.segmentation import Segmentation
from support.scripts import WORDS, bad, saying, says
from support.workshop import broken_by, workshop_with


def narrowed(server, *waves, options=None):
    """Play waves one after the other and narrow what fails; return the workshop and the narrower."""

    async def run():
        async with workshop_with(server, **(options or {})) as workshop:
            bulk = await workshop.instance()
            narrower = Narrower(workshop, await workshop.instance())
            await narrower.control()
            for scripts in waves:
                record = await run_wave(bulk, scripts)
                findings = (await workshop.judge(bulk, record, counts=True)).findings
                await asyncio.wait_for(narrower.narrow(bulk, record, findings), 60)
            workshop.report_held()
            return workshop, narrower

    return asyncio.run(run())


REFUSES = """
def check_content(self, content):
    if "five" in content:
        raise Refused("invalid_message", "no fives")
    super().check_content(content)
"""
MUTE = """
def answer_error(self, connection, refused):
    if refused.text != "The content is not a string":
        super().answer_error(connection, refused)
"""
MUTE_BEFORE_JOIN = """
def answer_error(self, connection, refused):
    if connection.name or refused.text != "The content is not a string":
        super().answer_error(connection, refused)
"""
EVERY_THIRD_ERROR = """
def answer_error(self, connection, refused):
    connection.watched_errors = getattr(connection, "watched_errors", 0) + (connection.name is not None)
    if connection.watched_errors != 3:
        super().answer_error(connection, refused)
"""
WRONG_CODE = """
def check_content(self, content):
    if not content:
        raise Refused("frame_too_long", "empty")
"""


def test_of_many_acts_the_one_that_fails_is_sent_alone_and_shown(own_server):
    workshop, narrower = narrowed(own_server(REFUSES), [saying(*WORDS), saying(*WORDS[:4])])
    (finding,) = workshop.findings
    assert finding.requirement == "PUBLIC-1"
    assert finding.situation == "message.content: five; joined"
    assert finding.attempts == finding.failures == 1
    data = b"".join(event.data for event in finding.events)
    assert b" five" in data
    assert b" four" not in data
    assert finding.events[finding.event]
    assert says("five") in narrower.failing
    assert says("four") not in narrower.failing


def test_of_a_window_each_act_is_sent_alone(own_server):
    acts = (*map(says, WORDS), bad(7), *map(says, WORDS))
    workshop, _ = narrowed(own_server(MUTE_BEFORE_JOIN), [Script(State.NOT_JOINED, acts)])
    assert broken_by(workshop) <= {"ERROR-4", "JOIN-9"}
    (finding,) = workshop.findings
    assert finding.situation == "message.content: a number, 7; not joined"


def test_of_a_right_server_nothing_fails():
    waves = [[saying(*WORDS), Script(State.NOT_JOINED, tuple(map(bad, range(5))))]]
    workshop, narrower = narrowed("baseline", *waves)
    assert not workshop.findings
    assert says("five") not in narrower.failing


LOSES_PARTS = "def keep_rest(self, connection, rest): connection.inbox = b''"
FIRST_OF_A_READ = """
def lines(self, data):
    first, lf, _ = data.partition(b"\\n")
    return [first, b""] if lf else [first]
"""
KEEPS_CR = """
def handle_frame(self, connection, frame):
    if frame.endswith(b"\\r") and frame.strip():
        return self.answer_error(connection, Refused("invalid_json", "CR"))
    super().handle_frame(connection, frame)
"""
DEAF_AFTER_REFUSED_JOIN = """
def on_taken_name(self, connection, name):
    connection.said = 0
    super().on_taken_name(connection, name)

def on_public(self, connection, message):
    if hasattr(connection, "said"):
        connection.said += " " in message["content"]
    if getattr(connection, "said", 0) != 3:
        super().on_public(connection, message)
"""
SPLITS_AT_SEPARATORS = """
def handle_frame(self, connection, frame):
    for part in frame.split("\\u2029".encode()):
        super().handle_frame(connection, part)
"""
TAKES_A_DOZEN = """
def received(self, connection, data):
    kept = connection.__dict__.setdefault("kept", [])
    kept += self.split_frames(connection, data)
    now, connection.kept = kept[:12], kept[12:]
    for frame in now:
        self.handle_frame(connection, frame)
"""
CONTEXTS = {
    "a cut": (LOSES_PARTS, "FRAME-2", {"segmentation": Segmentation.MIDDLE}),
    "one write": (FIRST_OF_A_READ, "FRAME-3", {"segmentation": Segmentation.ONE_WRITE}),
    "CR LF": (KEEPS_CR, "FRAME-6", {"line_end": b"\r\n"}),
    "a refused join": (DEAF_AFTER_REFUSED_JOIN, "JOIN-5", {"state": State.JOINED_AFTER_REFUSED_JOIN}),
}


@pytest.mark.parametrize("name", CONTEXTS)
def test_in_context_what_makes_the_difference_is_blamed(name, own_server):
    body, requirement, dimensions = CONTEXTS[name]
    workshop, _ = narrowed(own_server(body), [saying(*WORDS, **dimensions)])
    assert broken_by(workshop) == {requirement}


def test_characters_that_fail_in_a_plain_message_explain_what_else_they_break(own_server):
    target = next(act for act in acts()["vectors"] if act.label == "client-private-message/target-u2029, vector")
    assert "\u2029".encode() in target.write(Room("token", "own", ("present", "other", "third")))
    workshop, _ = narrowed(own_server(SPLITS_AT_SEPARATORS), [Script(acts=(target,))])
    assert broken_by(workshop) == {"PUBLIC-1"}


def test_frames_that_wait_for_more_bytes_are_found_though_none_is_lost(own_server):
    workshop, _ = narrowed(own_server(TAKES_A_DOZEN), [saying(*WORDS[:8])])
    assert broken_by(workshop) == {"FRAME-3"}
    assert "waited until more bytes came" in workshop.findings[0].actual


def test_in_context_an_act_that_makes_the_difference_keeps_its_own_requirement(own_server):
    script = Script(acts=tuple(map(bad, range(8))), segmentation=Segmentation.PER_FRAME)
    workshop, _ = narrowed(own_server(EVERY_THIRD_ERROR), [script])
    assert broken_by(workshop) == {"ERROR-4"}


def test_what_is_shown_often_enough_is_counted_not_shown(own_server):
    refused = """
    def on_public(self, connection, message):
        if " " in message["content"]:
            raise Refused("invalid_message", "no spaces")
        super().on_public(connection, message)
    """
    waves = [[saying(word)] for word in WORDS[:6]]
    workshop, narrower = narrowed(own_server(refused), *waves)
    assert broken_by(workshop) == {"PUBLIC-1"}
    assert len(workshop.findings) <= 3
    assert sum(finding.hides for finding in workshop.findings) >= 3
    assert saying("one") != narrower.failing.without(saying("one"))


def test_acts_that_failed_are_left_out_of_what_is_sent_afterwards(own_server):
    workshop, narrower = narrowed(own_server(REFUSES), [saying(*WORDS)])
    rest = narrower.failing.without(saying(*WORDS, line_end=b"\r\n"))
    assert [act.value for act in rest.acts] == [word for word in WORDS if word != "five"]
    assert rest.line_end == b"\r\n", "only what fails is made plain"
    assert workshop.count("PUBLIC-1") == 1


def test_codes_wait_until_all_else_is_known(own_server):
    empty = next(act for act in acts()["wrong members"] if act.label == "message.content: empty")
    waves = [[Script(acts=(empty,))], [Script(acts=(bad(1),))]]
    workshop, _ = narrowed(own_server(WRONG_CODE + MUTE), *waves)
    assert [finding.requirement for finding in workshop.findings] == ["ERROR-4", "ERROR-12"]


def test_what_is_wrong_with_every_script_is_reported_once_and_blamed_on_no_act(own_server):
    no_time = """
    def public(self, connection, message):
        return {key: value for key, value in super().public(connection, message).items() if key != "timestamp"}
    """
    workshop, narrower = narrowed(own_server(no_time), [saying(*WORDS)])
    assert len({finding.requirement for finding in workshop.findings}) == 1
    assert workshop.findings[0].situation == "a join and a public message"
    assert says("one") not in narrower.failing


def test_names_that_are_taken_for_alike_are_asked_again_together():
    workshop, _ = narrowed("case-insensitive-names", *itertools.islice(related_waves(), 1))
    assert "JOIN-7" in broken_by(workshop)
