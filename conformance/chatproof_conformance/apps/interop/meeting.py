"""Has one chat from its beginning to its verdict: starts all of them, lets them talk, judges, ends them."""

import random
import time
from collections.abc import Sequence
from typing import TYPE_CHECKING

from chatproof_conformance.apps.interop.blame import judge_participant, judge_server
from chatproof_conformance.apps.interop.chat.conversation import NAMES, Conversation
from chatproof_conformance.apps.interop.chat.participant import Participant
from chatproof_conformance.apps.interop.chat.room import Room
from chatproof_conformance.apps.interop.chat.shown import unsupported
from chatproof_conformance.apps.interop.manifest import FEATURES, Party
from chatproof_conformance.apps.interop.outcome import Guest, Outcome
from chatproof_conformance.apps.interop.stopping import Stop
from chatproof_conformance.core.outcomes import TargetGone

if TYPE_CHECKING:
    from chatproof_schemas.transcript import Transcript

FEWEST = 3
"""Guests of a chat: a private message between two has a third one who must not get it."""
_PREFIX = 12


class Meeting:
    """A chat that is to be had.

    Attributes:
        server: the server.
        clients: those who take part; if they are fewer than three, some more than once.
        is_together: whether these are several different clients, not instances of one.
    """

    def __init__(self, server: Party, clients: Sequence[Party], *, is_together: bool = False) -> None:
        self.server = server
        self.clients = list(clients)
        self.is_together = is_together
        self.recording: Transcript | None = None

    def hold(self, seed: int, stop: Stop) -> Outcome:
        """Have it, and judge it.

        Raises:
            Stopped: if all of this is to stop.
        """
        start = time.monotonic()
        outcome = self._outcome(seed, stop)
        outcome.seconds = time.monotonic() - start
        return outcome

    def _outcome(self, seed: int, stop: Stop) -> Outcome:
        guests = self._guests(seed)
        outcome = Outcome(self.server, guests, self.is_together)
        try:
            room = Room(self.server, stop)
        except TargetGone as gone:
            outcome.gone = (self.server, str(gone))
            return outcome
        try:
            self._talk(room, guests, seed, outcome)
        finally:
            room.close()
        return outcome

    def _talk(self, room: Room, guests: Sequence[Guest], seed: int, outcome: Outcome) -> None:
        everyone: list[Participant] = []
        try:
            for guest in guests:
                everyone.append(room.admit(guest.party, guest.username, guest.prefix))  # noqa: PERF401  those before one that fails count
        except TargetGone as gone:
            outcome.gone = (guests[len(everyone)].party, str(gone))
            return
        conversation = Conversation(room, everyone, seed)
        try:
            conversation.hold()
        except TargetGone as gone:  # a driver that had ended could not be started again
            outcome.gone = (next(who.party for who in everyone if not who.driver_runs), str(gone))
            return
        self._judge(room, everyone, conversation, outcome)

    def _judge(self, room: Room, everyone: Sequence[Participant], talk: Conversation, outcome: Outcome) -> None:
        self.recording = room.transcript
        outcome.sightings = list(talk.sightings.of.values())
        outcome.breaches, outcome.kept = judge_server(room, talk.judged_to, self.server, talk.death)
        for who in everyone:
            who.look_for_crash()
            outcome.breaches += judge_participant(who)
            for do in FEATURES:
                reason = unsupported(who, do) if do in who.party.supports else None
                known = [(party.label, name) for party, name, _ in outcome.unsupported]
                if reason is not None and (who.party.label, do) not in known:
                    outcome.unsupported.append((who.party, do, reason))
            if who.trouble is not None:
                outcome.gone = (who.party, f"its driver wrote what is no JSON object on a line: {who.trouble[:200]}")
            elif who.unreachable and not outcome.breaches:
                outcome.gone = (self.server, who.unreachable[0])

    def _guests(self, seed: int) -> list[Guest]:
        parties = [self.clients[place % len(self.clients)] for place in range(max(FEWEST, len(self.clients)))]
        chance = random.Random(seed)  # noqa: S311  repeatable chance, no secrets
        names = chance.sample(NAMES, len(NAMES))
        chance.shuffle(parties)
        return [
            Guest(party, _name(names, place), f"{party.name[:_PREFIX].replace('.', '_')}-{place + 1}")
            for place, party in enumerate(parties)
        ]


def _name(names: Sequence[str], place: int) -> str:
    """Return a name for each place, however many there are."""
    return names[place] if place < len(names) else f"guest {place:03d} of many"
