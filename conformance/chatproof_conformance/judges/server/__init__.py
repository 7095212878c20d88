"""Judges a recorded history: a pure function from a transcript to what it breaks, and what it proves.

It is the kit's one model of the chat. It allows every outcome that SPEC.md permits: a server may handle a frame at any
moment between its being sent and the first sight of an delivery, in any interleaving with others'.
"""

from chatproof_conformance.judges.server.judgement import Judgement, PendingLeave
from chatproof_conformance.judges.server.passes import judge

__all__ = ["Judgement", "PendingLeave", "judge"]
