"""Judges what a client sent and showed, from a recording alone: what was sent to it, asked of it, and told by it.

One judge serves every case, generated traffic and replays. It knows every outcome that SPEC.md, section 16, allows, and
docs/driver-protocol.md says which these are.
"""

from chatproof_conformance.clients.judging.judgement import Judged, find_culprit, judge_client
from chatproof_conformance.clients.judging.story import Wrong

__all__ = ["Judged", "Wrong", "find_culprit", "judge_client"]
