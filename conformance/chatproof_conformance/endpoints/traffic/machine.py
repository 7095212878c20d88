"""The rule-based state machine: what several connections may do, in any order.

Every act is possible in every state: a message before a join, a join under a name that is taken, a frame after a half
one. So there are no preconditions, and a failure shrinks well.
"""

from collections.abc import Callable, Sequence
from typing import Any

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, rule

from chatproof_conformance.endpoints.traffic.traffic_driver import NAMES, SLOTS, TrafficDriver, join, private, public
from chatproof_conformance.generation import client_frames
from chatproof_conformance.generation.segmentation import cuts
from chatproof_conformance.generation.text import contents, invalid_names

_slots = st.sampled_from(SLOTS)
_names = st.sampled_from(NAMES)
_texts = st.one_of(st.sampled_from(["hi", "ho", "again"]), contents(12))
_refused = st.one_of(
    st.sampled_from(
        (
            *client_frames.NOT_JSON,
            *client_frames.NEAR_JSON,
            *client_frames.NOT_UTF8,
            *client_frames.LONE_SURROGATES,
            *client_frames.NOT_OBJECTS,
            *client_frames.DUPLICATES,
        )
    ),
    st.one_of(client_frames.missing_or_wrong_types(), client_frames.broken_members("red")).map(client_frames.encoded),
    st.sampled_from(
        [{"type": name, "message": "forged", "content": "forged"} for name in client_frames.SERVER_TYPES]
    ).map(client_frames.encoded),
    st.sampled_from([1025, 2000, 5000]).map(lambda length: public("x" * length)),
)
_histories = st.sampled_from([5, 29, 30, 31, 40])


class ChatMachine(RuleBasedStateMachine):
    """Drives up to four connections; the recording is judged when the example ends."""

    driver: TrafficDriver

    def __init__(self, make_driver: Callable[[], TrafficDriver]) -> None:
        """Take a factory of drivers: each example has its own."""
        super().__init__()
        self.driver = make_driver()

    @initialize(joined=st.integers(0, 3))
    def begin(self, joined: int) -> None:
        """Let some join at once, so that most examples soon have a chat."""
        for slot, name in zip(SLOTS[:joined], NAMES, strict=False):
            self.driver.send(slot, [join(self.driver.name(name))])

    @rule(slot=_slots, name=_names)
    def joins(self, slot: str, name: str) -> None:
        """Join under a name: free, taken, given up by another, or although it has joined."""
        self.driver.send(slot, [join(self.driver.name(name))])

    @rule(slot=_slots, name=invalid_names())
    def joins_invalidly(self, slot: str, name: str) -> None:
        """Join under an invalid name."""
        self.driver.send(slot, [join(name)])

    @rule(slot=_slots, text=_texts, extra=st.just({}) | client_frames.extra_members(), places=st.just([]) | cuts(3))
    def says(self, slot: str, text: str, extra: dict[str, Any], places: Sequence[float]) -> None:
        """Send a public message, perhaps with members of its own, perhaps in pieces."""
        self.driver.send(slot, [public(text, **extra)], cuts=places)

    @rule(slot=_slots, name=_names, text=_texts)
    def whispers(self, slot: str, name: str, text: str) -> None:
        """Send a private message: to someone present, absent, departed, or to itself."""
        self.driver.send(slot, [private(self.driver.name(name), text)])

    @rule(slot=_slots, frame=_refused)
    def errs(self, slot: str, frame: bytes) -> None:
        """Send a frame that is no valid message."""
        self.driver.send(slot, [frame])

    @rule(slot=_slots, blank=st.sampled_from([b"", b" ", b"\r", b"\t \r"]))
    def sends_a_blank_line(self, slot: str, blank: bytes) -> None:
        """Send a line that is no frame."""
        self.driver.send(slot, [blank])

    @rule(
        slot=_slots, texts=st.lists(_texts, min_size=2, max_size=6), name=_names, bad=_refused, place=st.integers(0, 5)
    )
    def bursts(self, slot: str, texts: list[str], name: str, bad: bytes, place: int) -> None:
        """Send several frames in one segment, a bad one between good ones."""
        target = self.driver.name(name)
        sent = [private(target, text) if number % 3 == 1 else public(text) for number, text in enumerate(texts)]
        sent.insert(min(place, len(sent)), bad)
        self.driver.send(slot, sent)

    @rule(slot=_slots, count=_histories)
    def goes_on_talking(self, slot: str, count: int) -> None:
        """Send so many messages that what shows only after a history has one."""
        self.driver.send(slot, [public(f"talk {number}") for number in range(count)])

    @rule(slot=_slots, text=_texts, cut=st.floats(0, 1))
    def sends_half(self, slot: str, text: str, cut: float) -> None:
        """Send the beginning of a frame; its rest precedes what the slot sends next."""
        self.driver.send_half(slot, public(text), cut)

    @rule(slot=_slots, how=st.sampled_from(["leaves", "resets", "half_closes"]))
    def ends(self, slot: str, how: str) -> None:
        """End a connection in order, or reset it; perhaps in the middle of a frame."""
        self.driver.end(slot, how)

    @rule(slot=_slots, text=_texts, how=st.sampled_from(["leaves", "half_closes"]))
    def says_goodbye(self, slot: str, text: str, how: str) -> None:
        """Say something and end at once."""
        self.driver.send(slot, [public(text), public(f"{text}!")], wait=False)
        self.driver.end(slot, how)

    @rule(name=_names, slots=st.sets(_slots, min_size=2))
    def race(self, name: str, slots: set[str]) -> None:
        """Let several ask for one name at the same time."""
        frame = join(self.driver.name(name))
        self.driver.send_together({slot: [frame] for slot in sorted(slots)})

    def teardown(self) -> None:
        """Judge the example, and leave nothing behind."""
        try:
            self.driver.judge()
        finally:
            self.driver.close()
