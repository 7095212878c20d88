"""What the clients of a chat are asked to do: a talk that touches what people do in a chat, in one order.

Whatever does not happen is waited for a while and left; the judges say from the recording whose fault that is.
"""

import random
from collections.abc import Callable, Sequence
from functools import partial

from chatproof_conformance.apps.interop.chat.participant import Participant
from chatproof_conformance.apps.interop.chat.room import Room
from chatproof_conformance.apps.interop.chat.shown import (
    failure_told,
    message_shown,
    notice_shown,
    or_unsupported,
    told,
    unsupported,
)
from chatproof_conformance.apps.interop.chat.sightings import Expected, Sightings
from chatproof_conformance.core.text import quoted
from chatproof_conformance.judges.client import judge_client

NAMES = ("alice", "Bob", "Zoë", "Ann Lee", "李雷", "Иван", "O'Neil", "d_4-n", "mañana", "x" * 32, "🦉 owl", "ÅSA")
"""Names of users, none of which holds another."""
CONTENTS = (
    "Hello everyone!",
    'He said: {"type": "message"}, then \\n and "quotes" / and \\\\',
    "héllo wörld, 你好, привет, שלום, 👩‍👩‍👧 and 🦉",
    "somebody joined the chat",
    "  spaces around  ",
    "long " + "and longer " * 60,
    "0",
    "</script><b>&amp;</b> %s {0} $HOME `id`",
)
"""What people say; a number is added, so that no two are the same."""
_TOO_LONG = "x" * 1100
_BURST = 8
_LEAVE_SECONDS = 10.5
"""SPEC.md gives a server 10 seconds to tell a leave."""
_START_SECONDS = 30.0
"""For the first connection of a driver."""
_ENOUGH_MISSED = 6
"""Waits in vain after which the talk is cut short: enough is broken, and each costs seconds."""
_NOT_DONE = ("failed", "unsupported", "invalid_request", "disconnected")


class Conversation:
    """The talk of the participants of a room.

    Attributes:
        sightings: what was seen of it.
        judged_to: the place in the recording up to which the server is judged; None: to its end.
        death: how the server's process ended before it was asked to; None if it did not.
    """

    def __init__(self, room: Room, everyone: Sequence[Participant], seed: int) -> None:
        """Know who talks, at least two; what they say depends on the seed alone."""
        self.sightings = Sightings()
        self.judged_to: int | None = None
        self.death: str | None = None
        self._room = room
        self._everyone = everyone
        self._chance = random.Random(seed)  # noqa: S311  repeatable chance, no secrets
        self._said = 0
        self._has_missed_a_leave = False

    def hold(self) -> None:
        """Have the whole talk, as far as it goes."""
        self._come_in()
        parts: tuple[Callable[[], None], ...] = (
            *(partial(self._all_say, content) for content in CONTENTS),
            self._say_too_much,
            self._speak_at_once,
            self._speak_in_private,
            self._go_and_come_back,
            self._announce,
        )
        for part in parts:
            if len(self._present()) > 1 and self._room.timeout.missed < _ENOUGH_MISSED:
                part()
        self._settle()
        self._stop()

    def _come_in(self) -> None:
        first, *others, last = self._everyone
        for who in (first, *others):
            self._join(who, "join")
        self._take_a_taken_name(last, first)

    def _join(self, who: Participant, kind: str) -> None:
        expected = self._join_of(who, kind)
        self._ask_to_connect(who, who.username)
        self._expect(expected)

    def _join_of(self, who: Participant, kind: str) -> Expected:
        expected = Expected(kind)
        expected.add(f"{who.prefix} joins", lambda: who.visit.is_joined)
        for other in self._present():
            if other is not who:
                check = notice_shown(other.visit, who.username)
                expected.add(f"{other.prefix} shows that {who.prefix} joined", check)
        return expected

    def _ask_to_connect(self, who: Participant, username: str) -> None:
        """Ask for a connection, and wait until the client has joined or says why not."""
        who.ask_to_connect(username)
        if not self._await_answer(who, "joined", "refused", *_NOT_DONE) and who.ended_before_it_read():
            who.ask_to_connect(username)
            self._await_answer(who, "joined", "refused", *_NOT_DONE)

    def _await_answer(self, who: Participant, *names: str) -> bool:
        visit = who.visit
        if who.is_starting:
            self._room.wait_until(lambda: bool(visit.label or visit.told) or not who.driver_runs, _START_SECONDS)
        self._room.wait_until(lambda: visit.has_told(*names) or not who.driver_runs)
        return visit.has_told(*names)

    def _take_a_taken_name(self, who: Participant, owner: Participant) -> None:
        expected = self._join_of(who, "join")
        if owner in self._present():
            self._ask_to_connect(who, owner.username)
            refused = who.visit
            taken = Expected("taken")
            taken.add(
                f"{who.prefix} shows that its join was refused",
                lambda: refused.has_told("refused", "disconnected") or message_shown(refused, "error")(),
            )
            self._expect(taken)
            if refused.stands and not refused.has_told("joined") and "join" in who.party.supports:
                refused.username = who.username
                who.ask("join", username=who.username)
                self._await_answer(who, "joined", *_NOT_DONE)
        if not who.visits or not who.visit.is_joined or who.visit.username != who.username:
            self._leave(who)
            self._ask_to_connect(who, who.username)
        self._expect(expected)

    def _all_say(self, content: str) -> None:
        expected = Expected("public")
        for who in self._able("say"):
            self._say(who, self._numbered(content), expected)
        self._expect(expected)

    def _say_too_much(self) -> None:
        expected = Expected("long")
        for who in self._able("say"):
            expected.add(f"{who.prefix} tells that {len(_TOO_LONG)} bytes are too long", told(who, *_NOT_DONE))
            who.ask("say", content=_TOO_LONG)
        self._expect(expected)
        for who in self._present():  # judged here: a later word about another message could pass for this one
            self._await_right(who)

    def _speak_at_once(self) -> None:
        expected = Expected("burst")
        for _ in range(_BURST):
            for who in self._able("say"):
                self._say(who, self._numbered(self._chance.choice(CONTENTS)), expected)
        self._expect(expected)

    def _speak_in_private(self) -> None:
        present = self._present()
        for content in CONTENTS[:4]:
            expected = Expected("private")
            for who in self._able("say_privately"):
                others = [other for other in present if other is not who]
                self._whisper(who, self._chance.choice(others), self._numbered(content), expected)
            self._expect(expected)
        expected = Expected("private")
        for who in self._able("say_privately"):
            self._whisper(who, who, self._numbered("a note to myself"), expected)
        self._expect(expected)
        self._whisper_to_nobody("nobody")

    def _whisper_to_nobody(self, target: str) -> None:
        expected = Expected("absent")
        for who in self._able("say_privately"):
            content = self._numbered("is anybody there?")
            check = or_unsupported(who, "say_privately", failure_told(who.visit, content))
            expected.add(f"{who.prefix} tells {quoted(content)} as failed", check)
            who.ask("say_privately", target=target, content=content)
        self._expect(expected)

    def _go_and_come_back(self) -> None:
        present = self._present()
        if len(present) < 2:  # noqa: PLR2004  who is alone has nobody to tell
            return
        who = self._chance.choice(present)
        self._leave(who)
        self._all_say("while you were away")
        self._whisper_to_nobody(who.username)
        self._join(who, "return")
        self._all_say("welcome back")

    def _leave(self, who: Participant) -> None:
        """Let a client leave, once nothing of it is on its way."""
        if not who.visits or not who.visit.label:
            return
        self._await_right(who)
        visit, others = who.visit, [other for other in self._present() if other is not who]
        expected = Expected("leave")
        if visit.is_joined:
            for other in others:
                check = notice_shown(other.visit, visit.username)
                expected.add(f"{other.prefix} shows that {who.prefix} left", check)
        if visit.stands:
            who.ask("leave")
            self._room.wait_until(lambda: visit.is_over or not who.driver_runs)
        self._room.wait_until(lambda: visit.has_told("disconnected") or not who.driver_runs)
        if expected.checks:
            self._expect(expected, None if self._has_missed_a_leave else _LEAVE_SECONDS)
            self._has_missed_a_leave = not self.sightings.of["leave"].is_whole

    def _announce(self) -> None:
        if not self._room.server.can_announce:
            return
        text = self._numbered("Closing at ten.")
        expected = Expected("announcement")
        for who in self._present():
            expected.add(f"{who.prefix} shows the announcement", message_shown(who.visit, "server", message=text))
        self._room.announce(text)
        self._expect(expected)

    def _settle(self) -> None:
        """Wait until all that is owed has come, or long enough; up to here the server is judged."""
        for who in self._everyone:
            self._await_right(who)
        self.judged_to = len(self._room.transcript.events)
        self.death = self._room.server.exit_reason()

    def _stop(self) -> None:
        """Stop the server; each client is to tell its user."""
        expected = Expected("stop")
        for who in self._everyone:  # those whose join was refused too: whoever is connected must notice
            if who.visits and who.visit.stands and who.driver_runs:
                expected.add(f"{who.prefix} tells the end", told(who, "disconnected"))
        self._room.server.ask_to_stop()
        self._expect(expected)

    def _present(self) -> list[Participant]:
        return [who for who in self._everyone if who.visits and who.visit.is_joined and who.driver_runs]

    def _able(self, do: str) -> list[Participant]:
        """Return who is there, declares that it can do something, and has not said that it cannot."""
        return [who for who in self._present() if do in who.party.supports and unsupported(who, do) is None]

    def _numbered(self, content: str) -> str:
        self._said += 1
        return f"{content} #{self._said}"

    def _say(self, who: Participant, content: str, expected: Expected) -> None:
        for other in self._present():
            check = message_shown(other.visit, "message", username=who.username, content=content)
            what = f"{other.prefix} shows {quoted(content)} of {who.prefix}"
            expected.add(what, or_unsupported(who, "say", check))
        who.ask("say", content=content)

    def _whisper(self, who: Participant, target: Participant, content: str, expected: Expected) -> None:
        shown = message_shown(target.visit, "private_message", sender=who.username, content=content)
        confirmed = message_shown(who.visit, "private_confirmation", target=target.username, content=content)
        what = f"{target.prefix} shows the private {quoted(content)} of {who.prefix}"
        expected.add(what, or_unsupported(who, "say_privately", shown))
        what = f"{who.prefix} shows that {quoted(content)} was delivered"
        expected.add(what, or_unsupported(who, "say_privately", confirmed))
        who.ask("say_privately", target=target.username, content=content)

    def _expect(self, expected: Expected, most: float | None = None) -> None:
        """Wait until all of it was seen, or nobody is left who could see it, or long enough; count what was seen."""
        if expected.checks:
            all_seen = expected.progress()
            self._room.wait_until(lambda: all_seen() or not any(one.driver_runs for one in self._everyone), most)
            self.sightings.count(expected)

    def _await_right(self, who: Participant) -> None:
        """Wait until the judge has nothing against a client: what is missing may still be on its way."""
        if not who.visits or not who.visit.label:
            return
        visit, seen = who.visit, -1
        is_right = True

        def is_right_now() -> bool:
            nonlocal seen, is_right
            if len(visit.events) != seen:
                seen, is_right = len(visit.events), not judge_client(visit.events).findings
            return is_right or not who.driver_runs

        self._room.wait_until(is_right_now)
        visit.settled_at.append(len(visit.events))
