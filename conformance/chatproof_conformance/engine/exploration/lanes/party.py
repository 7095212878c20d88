"""People at each node of a server, who talk while something happens to a node, or to what orders their chat."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Iterable, Sequence
from dataclasses import dataclass, field, replace

from chatproof_common.addresses import shown_address
from chatproof_conformance.core.findings import Finding
from chatproof_conformance.endpoints.process.cluster import Cluster
from chatproof_conformance.endpoints.process.relay import Relay
from chatproof_conformance.endpoints.process.server_process import ServerProcess
from chatproof_conformance.endpoints.waves.connection import WaveConnection
from chatproof_conformance.endpoints.waves.instance import Instance
from chatproof_conformance.engine.exploration.lanes.scene import Scene
from chatproof_conformance.engine.exploration.workshop import Workshop
from chatproof_conformance.judges.lost_nodes import Loss, Seen, Witness, judge_loss
from chatproof_conformance.judges.server.server_frames import MessageKind, read_server_frame
from chatproof_conformance.wire.framing import frame_splitter
from chatproof_schemas.transcript import Kind

AFTER_SECONDS = 0.6
"""For what comes late."""
_AT_EACH = 2
_PACE_SECONDS = 0.05
_BEFORE_SECONDS = 0.4
_SLACK_SECONDS = 1.5
_END_WITHIN_BOUNDS = 2
"""SPEC.md does not say how soon after the bound, and on a busy machine a node may look at its clock late."""
_JOIN_SECONDS, _AGAIN_SECONDS = 2.0, 0.1
_OF_PEOPLE = (MessageKind.PUBLIC, MessageKind.LEFT)
_CANNOT_TALK = "people at different nodes could not talk before that was done to the server"
CANNOT_PAUSE = "this system cannot pause a process"


@dataclass(slots=True)
class Party:
    """People at each node, who talk all the time, and what happens to them.

    Attributes:
        situation: what happens, for a report.
        ids: what is put to the test by it.
        cluster: the nodes, and their engine.
        number: which node it happens to, from 1; 0 if it happens to the engine.
        lost: the people of that node.
        stayers: all others.
        at: when it happened, in seconds of the recorder.
        said: by connection, the contents of its messages in order, each with the time.
    """

    workshop: Workshop
    scene: Scene
    situation: str
    ids: Sequence[str]
    cluster: Cluster
    number: int
    lost: list[WaveConnection]
    stayers: list[WaveConnection]
    at: float = 0.0
    said: dict[WaveConnection, dict[str, float]] = field(default_factory=dict)

    @classmethod
    async def gather(
        cls, workshop: Workshop, instance: Instance, situation: str, ids: Sequence[str], *, of_engine: bool = False
    ) -> "Party | None":
        """Let people join at each node; return None, and let it be known, if they cannot talk.

        Args:
            workshop: the check.
            instance: the cluster.
            situation: what happens, for a report.
            ids: what is put to the test by it.
            of_engine: whether it happens to the engine, not to one node.
        """
        cluster = workshop.target(instance)
        if not isinstance(cluster, Cluster):
            return None
        scene = await Scene.open(instance, listeners=False)
        number = 0 if of_engine else 1 + workshop.options.seed % len(cluster.nodes)
        nodes = [place for place in range(1, len(cluster.nodes) + 1) for _ in range(_AT_EACH)]
        people = [(place, await scene.joined("talker", node=place)) for place in nodes]
        lost = [one for place, one in people if place == number]
        stayers = [one for place, one in people if place != number]
        party = cls(workshop, scene, situation, ids, cluster, number, lost, stayers)
        if all(one.joined for one in party.everyone) and await party.fence(party.everyone):
            return party
        workshop.unknown.update(dict.fromkeys(ids, _CANNOT_TALK))
        scene.close()
        return None

    @property
    def everyone(self) -> list[WaveConnection]:
        """All people, those to whom it happens first."""
        return [*self.lost, *self.stayers]

    @property
    def node(self) -> ServerProcess:
        """The process of the node that it happens to."""
        return self.cluster.nodes[self.number - 1]

    @property
    def relay(self) -> Relay:
        """The way of that node to the engine."""
        return self.cluster.relays[self.number - 1]

    @property
    def engine(self) -> ServerProcess:
        """The process of the engine; such a lane is only met if there is one."""
        if self.cluster.engine is None:
            raise ValueError("this cluster's engine is not ours")
        return self.cluster.engine

    @property
    def what(self) -> str:
        """The node that it happens to, or the engine, with its address."""
        named = (f"node {self.number}", self.node) if self.number else ("the engine", self.engine)
        return f"{named[0]} ({shown_address(named[1].address)})"

    @property
    def most(self) -> float:
        """Seconds for which something is awaited that the bound ends."""
        return self.workshop.options.bound + _SLACK_SECONDS

    def note(self, what: str) -> float:
        """Let the recording say what happens; return when that is."""
        return self.scene.instance.recorder.append("", Kind.NOTE, what.encode()).time

    async def pause(self) -> bool:
        """Pause the node or the engine; return whether this system can."""
        self.at = self.note(f"{self.what} is paused (SIGSTOP)")
        if await asyncio.to_thread((self.node if self.number else self.engine).pause):
            return True
        self.workshop.untested.update(dict.fromkeys(self.ids, CANNOT_PAUSE))
        self.close()
        return False

    async def resume(self) -> None:
        """Let it go on."""
        self.note(f"{self.what} goes on (SIGCONT)")
        await asyncio.to_thread((self.node if self.number else self.engine).resume)

    @contextlib.asynccontextmanager
    async def talking(self) -> AsyncIterator[None]:
        """Let everyone talk, a moment before and while the block lasts."""
        talks = [asyncio.create_task(self._talk(one)) for one in self.everyone]
        try:
            await asyncio.sleep(_BEFORE_SECONDS)
            yield
        finally:
            for talk in talks:
                talk.cancel()
            await asyncio.wait(talks)
        for talk in talks:
            if not talk.cancelled():
                talk.result()

    async def _talk(self, one: WaveConnection) -> None:
        said = self.said.setdefault(one, {})
        while one.open:
            content = self.scene.instance.room().word()
            said[content] = self.scene.instance.recorder.now
            await self.scene.say(one, content)
            await asyncio.sleep(_PACE_SECONDS)

    async def hear_of_leaves(self) -> None:
        """Wait until everyone who stays is told that those of the node have left, as long as that may take."""
        names = {one.name for one in self.lost}
        done = lambda: all(names <= one.left.keys() or not one.open for one in self.stayers)  # noqa: E731  for one wait
        await self.scene.until(done, self.most, self.most)

    async def require_ends(self, due: Sequence[WaveConnection]) -> None:
        """Wait until these connections end, whose node cannot reach the engine: that is CLUSTER-4."""
        bound, recorder = self.workshop.options.bound, self.scene.instance.recorder
        most = max(0.0, self.at + bound * _END_WITHIN_BOUNDS - recorder.now)
        self.workshop.evidence["CLUSTER-4"] += len(due)
        if await self.scene.until(lambda: not any(one.open for one in due), most, most):
            return
        left = [one for one in due if one.open]
        expected = f"the end of the connection: its node has not reached the engine for {bound:g} s"
        actual = f"it is open after {recorder.now - self.at:.1f} s, as {len(left)} of {len(due)} are"
        self.report(self.scene.finding("CLUSTER-4", expected, actual, left[0]))

    async def fence(self, speakers: Iterable[WaveConnection], also: Sequence[WaveConnection] = ()) -> bool:
        """Let each say one thing; return whether they, and who else is there still, have got all of it."""
        there = [one for one in speakers if one.open]
        contents = [await self.scene.mark(one) for one in there]
        everyone = (*there, *also)
        return await self.scene.until(
            lambda: all(one.markers.issuperset(contents) or not one.open for one in everyone), self.most, self.most
        )

    async def settle(self, *, with_lost: bool = False) -> float:
        """Wait until what was said has arrived wherever it does; return before which time it was said."""
        until = self.scene.instance.recorder.now
        await self.fence(self.stayers, self.lost if with_lost else ())
        return until

    async def serve_again(self, nodes: Sequence[int], expected: str) -> None:
        """Let somebody join at each of some nodes as soon as that works, and talk with those who are there."""
        newcomers = [await self._come_in("newcomer", node) for node in nodes]
        for one in newcomers:
            if not one.joined:
                self.report(self.scene.finding("CLUSTER-1", expected, "nobody can join there", one))
                return
        if not await self.fence([*newcomers, *self.stayers]):
            actual = "not everyone gets what is said there and elsewhere"
            self.report(self.scene.finding("CLUSTER-1", expected, actual, newcomers[0]))

    async def free_names(self) -> None:
        """Let somebody take the names of two whose connections have ended, as soon as that works."""
        ended = [one for one in self.everyone if not one.open]
        for one in {*ended[:1], *ended[-1:]}:
            heir = await self._come_in("heir", 1, str(one.name))
            if not heir.joined:
                expected = f'that the name "{one.name}" is free: the node of its user was cut off'
                self.report(self.scene.finding("CLUSTER-2", expected, "an error, or no answer", heir))

    async def _come_in(self, label: str, node: int, name: str | None = None) -> WaveConnection:
        """Return somebody who has joined at a node, or who tried last when the time was over."""
        recorder = self.scene.instance.recorder
        give_up = recorder.now + self.most
        while True:
            one = await self.scene.connect(label, name=name, node=node)
            if await self.scene.join(one, patience=_JOIN_SECONDS) or recorder.now > give_up:
                return one
            one.close()
            await asyncio.sleep(_AGAIN_SECONDS)

    async def take_names(self) -> None:
        """Let somebody else take the name of one who was lost; what is sent to another one is not delivered."""
        name, other = (str(one.name) for one in self.lost[:2])
        nodes = len(self.scene.instance.placement.addresses)
        heir = await self.scene.connect("heir", name=name, node=1 + self.number % nodes)
        if not await self.scene.join(heir, patience=_JOIN_SECONDS):
            expected = f'that the name "{name}" is free: the node of its user was lost'
            self.report(self.scene.finding("CLUSTER-2", expected, "an error, or no answer", heir))
        teller, content = self.stayers[0], self.scene.instance.room().word()
        await self.scene.whisper(teller, other, content)
        await self.fence([teller])
        answers = (one for one in self.scene.received(teller) if one.kind is MessageKind.CONFIRMATION)
        told = [one for one in answers if one.text == content]
        if not told or told[0].message.get("delivered") is not False:
            expected = f'a confirmation with delivered false for "{other}", whose node was lost'
            actual = "delivered true" if told else "none"
            self.report(self.scene.finding("CLUSTER-2", expected, actual, teller))

    def judge(self, until: float, *, is_certain: bool = False, may_end: bool = False) -> None:
        """Judge what everyone got, and report what is wrong.

        Args:
            until: messages that were sent before this time have arrived wherever they do.
            is_certain: whether the node was lost for longer than the bound, so that its users must leave.
            may_end: whether any connection may end: then those that did are the lost ones.
        """
        lost = [one for one in self.everyone if one in self.lost or (may_end and not one.open)]
        witnesses = [self._witness(one, lost=one in lost) for one in self.everyone]
        loss = Loss(witnesses, self.at, is_certain, until, self.workshop.options.bound)
        if not loss.stayers and not may_end:
            self.workshop.unknown.update(dict.fromkeys(self.ids, "no connection went on"))
        elif is_certain:
            self.workshop.evidence["CLUSTER-2"] += len(loss.stayers) * len(lost)
        self.workshop.evidence["CLUSTER-3"] += sum(len(one.seen) for one in loss.stayers)
        self.workshop.evidence["CLUSTER-5"] += len(loss.stayers) * is_certain
        events, found = tuple(self.scene.events), {one.requirement: one for one in reversed([*judge_loss(loss)])}
        for finding in found.values():
            self.report(replace(finding, events=events, started=self.scene.instance.recorder.started))

    def report(self, finding: Finding) -> None:
        """Report a finding of this situation, with what the process printed last to which it happened."""
        words = self.node.last_words() if self.number else self.cluster.last_words()
        self.workshop.report(replace(finding, situation=self.situation, last_words=words))

    def _witness(self, one: WaveConnection, *, lost: bool) -> Witness:
        said = self.said.get(one, {})
        return Witness(one.label, str(one.name), lost, one.open, said, self._seen(one))

    def _seen(self, one: WaveConnection) -> list[Seen]:
        """Return what somebody got of our people: what they said, but for the markers of fences, and that they left."""
        splitter, seen = frame_splitter(self.scene.instance.framing), []
        for place, event in enumerate(self.scene.events):
            if event.connection == one.label and event.kind is Kind.SERVER_DATA:
                seen += [Seen(event.time, place, read_server_frame(line)) for line in splitter.feed(event.data)]
        token = self.scene.instance.token
        of_people = (each for each in seen if each.frame.kind in _OF_PEOPLE and each.frame.name.startswith(token))
        return [each for each in of_people if each.frame.text not in one.markers]

    def close(self) -> None:
        """Let everyone go."""
        self.scene.close()
