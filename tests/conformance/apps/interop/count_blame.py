"""Counts whom `chatproof interop` blames where exactly one part is faulty: every fault of the catalogue, in turn.

    python tests/conformance/apps/interop/count_blame.py [--seed N] [--every N] [--json FILE] [NAME…]

Each faulty server meets four conforming clients in one chat; each faulty client meets a conforming server, together
with three conforming clients. A fault that does not show in such traffic counts as not seen. What counts as wrong:
anybody else is blamed. It exits with 1 then. With `--every 10` it tries each tenth, from the seed's on.
"""

import argparse
import json
import sys
import time
from pathlib import Path

from chatproof_common.system.shell_words import join_words
from chatproof_conformance.apps.interop.manifest import Party
from chatproof_conformance.apps.interop.meeting import Meeting
from chatproof_conformance.apps.interop.outcome import Status
from chatproof_conformance.apps.interop.stopping import Stop
from chatproof_conformance.apps.selftest.implementations import Implementation, find_implementations
from chatproof_conformance.core.roles import Role

GOOD_SERVER = "threads"
GOOD_CLIENTS = ("client-node", "client-java", "client-perl", "client-threads")


def party_of(one: Implementation) -> Party:
    """Return a server or client of the catalogue as one that meets others."""
    announce = "stdin" if one.role is Role.SERVER else None
    return Party(one.role, one.name, join_words(one.command), language=one.language, announce=announce)


def meeting_with(one: Implementation, known: dict[str, Implementation]) -> Meeting:
    """Return a chat in which it alone is faulty."""
    clients = [party_of(known[name]) for name in GOOD_CLIENTS if not known[name].missing]
    if one.role is Role.SERVER:
        return Meeting(party_of(one), clients, is_together=True)
    return Meeting(party_of(known[GOOD_SERVER]), [party_of(one), *clients[:3]], is_together=True)


def tried(one: Implementation, known: dict[str, Implementation], seed: int) -> dict[str, object]:
    """Have the chat; return who was blamed for what."""
    start = time.monotonic()
    outcome = meeting_with(one, known).hold(seed, Stop())
    blamed = [(breach.party.label, breach.finding.requirement) for breach in outcome.breaches]
    if outcome.gone:
        blamed.append((outcome.gone[0].label, ""))
    innocent = sorted({f"{label}: {id_}" for label, id_ in blamed if label != one.name})
    return {
        "name": one.name,
        "role": one.role.value,
        "status": outcome.status.value,
        "blamed": sorted({id_ for label, id_ in blamed if label == one.name}),
        "innocent": innocent,
        "is_right_id": any(id_ in one.breaks for label, id_ in blamed if label == one.name),
        "breaks": sorted(one.breaks),
        "why": [
            f"{breach.party.label} {breach.finding.requirement}: {breach.finding.expected}; got {breach.finding.actual}"
            for breach in outcome.breaches
        ][:8],
        "lacking": [f"{one.kind}: {one.lacking}" for one in outcome.sightings if not one.is_whole],
        "seconds": round(time.monotonic() - start, 2),
    }


def main() -> int:
    """Try them, and print the counts."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("names", nargs="*")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--every", type=int, default=1)
    parser.add_argument("--conforming", action="store_true", help="try those that conform: nobody is to be blamed")
    parser.add_argument("--json", type=Path)
    arguments = parser.parse_args()
    known = {one.name: one for one in find_implementations()}
    chosen = [one for one in known.values() if one.faulty is not arguments.conforming and not one.missing]
    if arguments.names:
        chosen = [known[name] for name in arguments.names]
    rows = []
    for one in chosen[arguments.seed % arguments.every :: arguments.every]:
        row = tried(one, known, arguments.seed)
        if not one.faulty and row["status"] == Status.BROKEN.value:  # it is innocent, too
            row["innocent"], row["blamed"] = [*row["innocent"], *row["blamed"]], []
        rows.append(row)
        if arguments.json:
            with arguments.json.open("a", encoding="utf-8") as file:
                file.write(json.dumps(row) + "\n")
        mark = "WRONG" if row["innocent"] else row["status"]
        print(
            f"{row['seconds']:6} {mark:<14} {row['name']:<44} {' '.join(row['blamed'])} {row['innocent'] or ''}",
            flush=True,
        )
    seen = [row for row in rows if row["blamed"] or row["innocent"]]
    right = [row for row in seen if not row["innocent"] and row["blamed"]]
    named = [row for row in seen if row["is_right_id"]]
    quiet = [row for row in rows if not row["blamed"] and not row["innocent"] and row["status"] == Status.UNKNOWN.value]
    print(
        f"{len(rows)} tried; {len(seen)} show; of these the right part alone is named in {len(right)}, under an id "
        f"that is broken in {len(named)}; {len(quiet)} more leave something unseen, with nobody blamed"
    )
    return 0 if len(right) == len(seen) else 1


if __name__ == "__main__":
    sys.exit(main())
