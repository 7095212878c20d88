"""Nodes that are lost while people talk: killed, paused for a moment, paused for long (CLUSTER-2, -3, -5)."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Iterable, Sequence
from dataclasses import dataclass, field, replace

from chatproof_common.addresses import shown_address
from chatproof_conformance.core.findings import Finding
from chatproof_conformance.core.outcomes import TargetGone
from chatproof_conformance.endpoints.process.cluster import Cluster
from chatproof_conformance.endpoints.process.server_process import ServerProcess
from chatproof_conformance.endpoints.waves.connection import WaveConnection
from chatproof_conformance.endpoints.waves.instance import Instance
from chatproof_conformance.engine.exploration.lanes.scene import Scene
from chatproof_conformance.engine.exploration.workshop import Workshop
from chatproof_conformance.judges.lost_nodes import Loss, Seen, Witness, judge_loss
from chatproof_conformance.judges.server.server_frames import MessageKind, read_server_frame
from chatproof_conformance.wire.framing import frame_splitter
from chatproof_schemas.transcript import Kind

IDS = ("CLUSTER-2", "CLUSTER-3", "CLUSTER-5")
_AT_EACH = 2
_PACE_SECONDS = 0.05
_BEFORE_SECONDS, _AFTER_SECONDS = 0.4, 0.6
_SLACK_SECONDS = 1.5
_JOIN_SECONDS = 2.0
_OF_PEOPLE = (MessageKind.PUBLIC, MessageKind.LEFT)
_CANNOT_TALK = "people at different nodes could not talk before a node was lost"


async def killed(workshop: Workshop, instance: Instance) -> None:
    """Kill a node: its users leave once, their names are free; start it again: it serves."""
    party = await _Party.gather(workshop, instance, "a node is killed while people talk")
    if party is None:
        return
    async with party.talking():
        party.note("is killed (SIGKILL)")
        await asyncio.to_thread(party.node.kill)
        await party.hear_of_leaves()
        await asyncio.sleep(_AFTER_SECONDS)
    party.judge(await party.settle(), is_certain=True)
    await party.take_names()
    await _start_again(party)
    party.close()


async def paused_briefly(workshop: Workshop, instance: Instance) -> None:
    """Pause a node for half the bound: whoever goes on has everything; whoever cannot is ended."""
    party = await _Party.gather(workshop, instance, "a node is paused for half the bound while people talk")
    if party is None or not await party.pause():
        return
    async with party.talking():
        await asyncio.sleep(workshop.options.bound / 2)
        await party.resume()
        await asyncio.sleep(_AFTER_SECONDS)
    party.judge(await party.settle(with_lost=True), is_certain=False)
    party.close()


async def paused_long(workshop: Workshop, instance: Instance) -> None:
    """Pause a node for twice the bound: its users leave meanwhile; when it wakes up, it ends their connections."""
    party = await _Party.gather(workshop, instance, "a node is paused for twice the bound while people talk")
    if party is None or not await party.pause():
        return
    async with party.talking():
        await party.hear_of_leaves()
        await party.take_names()
        await asyncio.sleep(max(0.0, party.at + 2 * workshop.options.bound - instance.recorder.now))
        await party.resume()
        await party.scene.until(lambda: not any(one.open for one in party.lost), party.most, party.most)
        await asyncio.sleep(_AFTER_SECONDS)
    party.judge(await party.settle(), is_certain=True)
    party.close()


async def _start_again(party: "_Party") -> None:
    """Start the killed node again; somebody must be able to join there, and to talk with the others."""
    expected = "that a node that was killed serves when it is started again"
    party.note("is started again")
    try:
        await asyncio.to_thread(party.node.start_once_more)
    except TargetGone as gone:
        party.report(party.scene.finding("CLUSTER-1", expected, str(gone)))
        return
    began, newcomer = party.scene.instance.recorder.now, None
    while newcomer is None or not newcomer.joined:
        if party.scene.instance.recorder.now - began > party.most:
            party.report(party.scene.finding("CLUSTER-1", expected, "nobody can join there", newcomer))
            return
        newcomer = await party.scene.connect("newcomer", node=party.number)
        await party.scene.join(newcomer, patience=_JOIN_SECONDS)
    if not await party.fence([newcomer, *party.stayers]):
        actual = "not everyone gets what is said there and elsewhere"
        party.report(party.scene.finding("CLUSTER-1", expected, actual, newcomer))


@dataclass(slots=True)
class _Party:
    """People at each node, who talk all the time, and the node that is lost.

    Attributes:
        node: its process; ``number`` its number, from 1.
        at: when it was lost, in seconds of the recorder.
        said: by connection, the contents of its messages in order, each with the time.
    """

    workshop: Workshop
    scene: Scene
    situation: str
    node: ServerProcess
    number: int
    lost: list[WaveConnection]
    stayers: list[WaveConnection]
    at: float = 0.0
    said: dict[WaveConnection, dict[str, float]] = field(default_factory=dict)

    @classmethod
    async def gather(cls, workshop: Workshop, instance: Instance, situation: str) -> "_Party | None":
        """Let people join at each node; return None, and let it be known, if they cannot talk."""
        cluster = workshop.target(instance)
        if not isinstance(cluster, Cluster):
            return None
        scene = await Scene.open(instance, listeners=False)
        number = 1 + workshop.options.seed % len(cluster.nodes)
        nodes = [place for place in range(1, len(cluster.nodes) + 1) for _ in range(_AT_EACH)]
        people = [(place, await scene.joined("talker", node=place)) for place in nodes]
        lost = [one for place, one in people if place == number]
        stayers = [one for place, one in people if place != number]
        party = cls(workshop, scene, situation, cluster.nodes[number - 1], number, lost, stayers)
        if all(one.joined for _, one in people) and await party.fence([*lost, *stayers]):
            return party
        workshop.unknown.update(dict.fromkeys(IDS, _CANNOT_TALK))
        scene.close()
        return None

    @property
    def most(self) -> float:
        """Seconds for which something is awaited that the bound ends."""
        return self.workshop.options.bound + _SLACK_SECONDS

    def note(self, what: str) -> None:
        """Let the recording say what happens to the node."""
        text = f"node {self.number} ({shown_address(self.node.address)}) {what}"
        self.at = self.scene.instance.recorder.append("", Kind.NOTE, text.encode()).time

    async def pause(self) -> bool:
        """Pause the node; return whether this system can."""
        self.note("is paused (SIGSTOP)")
        if await asyncio.to_thread(self.node.pause):
            return True
        self.workshop.untested.update(dict.fromkeys(IDS, "this system cannot pause a process"))
        self.close()
        return False

    async def resume(self) -> None:
        """Let the node go on."""
        lost_at = self.at
        self.note("goes on (SIGCONT)")
        self.at = lost_at
        await asyncio.to_thread(self.node.resume)

    @contextlib.asynccontextmanager
    async def talking(self) -> AsyncIterator[None]:
        """Let everyone talk, a moment before and while the block lasts."""
        talks = [asyncio.create_task(self._talk(one)) for one in (*self.lost, *self.stayers)]
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
        done = lambda: all(one.left >= names or not one.open for one in self.stayers)  # noqa: E731  for one wait
        await self.scene.until(done, self.most, self.most)

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

    def judge(self, until: float, *, is_certain: bool) -> None:
        """Judge what everyone got, and report what is wrong."""
        witnesses = [self._witness(one) for one in (*self.lost, *self.stayers)]
        loss = Loss(witnesses, self.at, is_certain, until, self.workshop.options.bound)
        if not loss.stayers:
            self.workshop.unknown.update(dict.fromkeys(IDS, "no connection went on when a node was lost"))
        elif is_certain:
            self.workshop.evidence["CLUSTER-2"] += len(loss.stayers) * len(self.lost)
        self.workshop.evidence["CLUSTER-3"] += sum(len(one.seen) for one in loss.stayers)
        self.workshop.evidence["CLUSTER-5"] += len(loss.stayers) * is_certain
        events, found = tuple(self.scene.events), {one.requirement: one for one in reversed([*judge_loss(loss)])}
        for finding in found.values():
            self.report(replace(finding, events=events, started=self.scene.instance.recorder.started))

    def report(self, finding: Finding) -> None:
        """Report a finding of this situation, with what its node printed last."""
        words = self.node.last_words()
        self.workshop.report(replace(finding, situation=self.situation, last_words=words))

    def _witness(self, one: WaveConnection) -> Witness:
        said = self.said.get(one, {})
        return Witness(one.label, str(one.name), one in self.lost, one.open, said, self._seen(one))

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
