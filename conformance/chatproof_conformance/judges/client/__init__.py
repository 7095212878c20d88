"""Judges what a client sent and showed, from a recording alone: what was sent to it, asked of it, and reported by it.

One judge serves every case, generated traffic and replays. It knows every outcome that SPEC.md, section 16, allows, and
docs/driver-protocol.md says which these are.
"""

from chatproof_conformance.judges.client.judgement import ClientJudgement, find_culprit, judge_client

__all__ = ["ClientJudgement", "find_culprit", "judge_client"]
