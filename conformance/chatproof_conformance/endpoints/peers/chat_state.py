"""What the peers of one chat share: what was found, who is present, and which messages concern them."""

from dataclasses import dataclass, field

from chatproof_conformance.endpoints.peers.expectations import Message
from chatproof_conformance.endpoints.peers.run_context import RunContext
from chatproof_conformance.wire.markers import marker_note
from chatproof_schemas.transcript import Kind, Transcript


@dataclass
class ChatState:
    """One chat's part of a run.

    Attributes:
        run: what all the chats of the run share.
        transcript: every byte that passed, with its time.
        present: the connections that have joined and not left, by label, in the order of joining.
        markers: the contents of the fences sent so far.
    """

    run: RunContext
    transcript: Transcript
    present: list[str] = field(default_factory=list)
    markers: set[str] = field(default_factory=set)
    _own_texts: set[str] = field(default_factory=set)

    def count_as_absent(self, label: str) -> None:
        """Let no fence wait for a connection any more; harmless if none does."""
        if label in self.present:
            self.present.remove(label)

    def new_marker(self, sender: str) -> str:
        """Return the content of a new fence, and note it in the transcript."""
        marker = f"marker {len(self.markers)} of {sender}"
        self.markers.add(marker)
        self.transcript.append("", Kind.NOTE, marker_note(marker))
        return marker

    def register_own(self, text: str) -> None:
        """Remember a name or an announcement as one of this run's, if its characters do not show that."""
        if self.run.token not in text:
            self._own_texts.add(text)

    def belongs_to_others(self, message: Message) -> bool:
        """Whether a message belongs to other users of a server that we did not start."""
        if self.run.target.started_by_us or message.get("type") not in ("message", "system", "server"):
            return False
        text = " ".join(str(message.get(member, "")) for member in ("username", "content", "message"))
        return self.run.token not in text and not any(own in text for own in self._own_texts)

    def concerns_us(self, message: Message) -> bool:
        """Whether a message that nobody expected is one of this run's: only such a one breaks a silence."""
        match message.get("type"):
            case "message":
                return self.run.token in f"{message.get('username')} {message.get('content')}"
            case "system":
                # One that names several of ours is a list of those present, which a server may send.
                return str(message.get("message")).count(self.run.token) == 1
            case "server":
                return self.run.token in str(message.get("message"))
            case _:
                return True
