"""What the peers of one case share: what was found, who is present, and which messages concern them."""

from dataclasses import dataclass, field

from chatproof_conformance.core.evidence import Evidence
from chatproof_conformance.core.findings import Finding
from chatproof_conformance.endpoints.peers.expectations import Message
from chatproof_conformance.endpoints.peers.run_context import RunContext
from chatproof_conformance.endpoints.process.adaptive_timeout import AdaptiveTimeout
from chatproof_conformance.wire.markers import marker_note
from chatproof_schemas.transcript import Kind, Transcript


@dataclass
class CaseContext:
    """One case's part of a run.

    Attributes:
        run: what all the cases of the run share.
        transcript: every byte that passed, with its time.
        evidence: what the verdict of the case rests on.
        violations: frames that break a requirement, whatever the case is about.
        present: the connections that have joined and not left, by label, in the order of joining.
        markers: the contents of the fences sent so far.
    """

    run: RunContext
    transcript: Transcript
    evidence: Evidence = field(default_factory=Evidence)
    violations: list[Finding] = field(default_factory=list)
    present: list[str] = field(default_factory=list)
    markers: set[str] = field(default_factory=set)
    _own_texts: set[str] = field(default_factory=set)

    @property
    def timeout(self) -> AdaptiveTimeout:
        """What is known of the server's speed."""
        return self.run.timeout

    @property
    def framing(self) -> str:
        """``lf`` or ``none``."""
        return self.run.framing

    @property
    def is_server_shared(self) -> bool:
        """Whether others than our own peers may be on the server."""
        return not self.run.target.started_by_us

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
        """Whether a message belongs to other users of a shared server."""
        if not self.is_server_shared or message.get("type") not in ("message", "system", "server"):
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
