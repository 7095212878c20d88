"""A failure that no recording shows: only who was there knows what a server's own words mean."""

from chatproof_conformance.core.findings import Finding
from chatproof_conformance.endpoints.peers.run_context import RunContext
from chatproof_conformance.endpoints.peers.session import ServerSession
from chatproof_conformance.endpoints.process.target import RunningTarget
from chatproof_conformance.reporting.export.saving import save_findings
from support.commands import running


def save_told(folder):
    """Save the recording of a chat in which the holder of a name is told that another asked for it; return its path."""
    with running("taken-name-told-to-holder") as place:
        host, _, port = place.rpartition(":")
        chat = ServerSession(RunContext(RunningTarget((host, int(port)))))
        holder, rival = chat.joins("holder"), chat.connect("rival")
        rival.asks_to_join(holder.name)
        rival.gets_error()
        holder.sees_notice(holder)
        traffic = {"events": list(chat.transcript.events), "started": chat.transcript.started}
        chat.close()
    finding = Finding("JOIN-4", "nothing at holder", "a system message", case="the_holder_is_told", **traffic)
    (path,) = save_findings([finding], folder, "lf").values()
    return path
