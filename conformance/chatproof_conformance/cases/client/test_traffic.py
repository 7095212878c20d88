"""Generated traffic: everything that may happen to a client on one connection, in any mixture."""

from typing import TYPE_CHECKING, Any

from hypothesis import strategies as st

from chatproof_conformance.core.marks import generated, traffic
from chatproof_conformance.endpoints.served.session import ClientSession
from chatproof_conformance.generation import server_frames
from chatproof_conformance.generation.segmentation import cuts, pieces
from chatproof_conformance.generation.server_frames import encoded
from chatproof_conformance.generation.text import contents

if TYPE_CHECKING:
    from chatproof_conformance.generation.server_frames import ServerMessage

_ENDS = st.sampled_from(["", "", "", "close", "reset"])


def _steps() -> st.SearchStrategy[list[tuple[str, Any]]]:
    valid = server_frames.valid_messages(most=1).map(lambda messages: messages[0])
    extended = st.builds(lambda message, extra: {**extra, **message}, valid, server_frames.extra_members())
    undelivered = st.builds(
        lambda content: {**server_frames.valid_message("private_confirmation", content, "nobody"), "delivered": False},
        contents(8),
    )
    step = st.one_of(
        st.tuples(st.just("send"), valid),
        st.tuples(st.just("send"), extended),
        st.tuples(st.just("send"), undelivered),
        st.tuples(st.just("bad"), server_frames.bad_frames()),
        st.tuples(st.just("blank"), st.sampled_from([b"", b" ", b"\r", b"\t \r"])),
        st.tuples(st.just("say"), contents(12)),
    )
    return st.lists(step, min_size=1, max_size=12)


@traffic(*(f"CLIENT-{number}" for number in (3, 4, 5, 8, 9, 2, 7, 10, 11, 12, 13, 14, 15)))
@generated(steps=_steps(), places=st.one_of(st.just([]), cuts()), end=_ENDS)
def test_generated_traffic(client: ClientSession, steps: list[tuple[str, Any]], places: list[float], end: str) -> None:
    """Messages of all types, unknown members, bad frames, blank lines and its user's words, in any pieces."""
    client.stays_joined()
    data = b"".join(frame + b"\n" for frame in (_frame(client, *step) for step in steps) if frame is not None)
    client.server.sends_pieces(pieces(data, places) if places and len(data) > 1 else [data])
    client.check_shown()
    if end:
        client.vanishes(reset=end == "reset")


def _frame(client: ClientSession, what: str, value: Any) -> bytes | None:
    """Return the frame of a step; of its user's words the one by which they come back."""
    if what == "send":
        message: ServerMessage = value
        return encoded(message)
    if what != "say":
        return bytes(value)
    said = client.user.says_if_it_can(value)
    return encoded({"type": "message", "username": client.exchange.username, "content": value}) if said else None
