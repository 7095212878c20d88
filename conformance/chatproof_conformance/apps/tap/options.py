"""The options of a tap."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from chatproof_conformance.apps.tap.proxy.faults import Faults
from chatproof_conformance.core.roles import Role
from chatproof_schemas import Direction
from chatproof_schemas.transcript import Framing

SETTLE_SECONDS = 5.0


@dataclass(frozen=True, slots=True)
class TapOptions:
    """How to tap.

    Attributes:
        listen: host and port that clients connect to; port 0 lets the system choose.
        to: host and port of the server.
        faults: what is done to each direction.
        seed: the number that repeats what chance decides in the faults.
        record: the file that everything is recorded in, None: none.
        pcap: the file for a capture of packets, None: none.
        framing: how frames end.
        judged: which roles are judged.
        quiet: whether what passes is not shown.
        json: whether what is shown is for programs.
        settle: after how many seconds with no traffic what has not arrived counts as missing.
        connections: after how many connections the tap ends, None: it does not.
        record_mib: how many MiB of memory the record may take; what passes after that is neither shown nor judged.
        seconds: after how many seconds it ends, None: it does not.
        command: the words of a command whose end is the tap's; empty if there is none.
        words: the words of the command line that tap like this again, with a space before them.
    """

    listen: tuple[str, int]
    to: tuple[str, int]
    faults: Mapping[Direction, Faults]
    seed: int
    record: Path | None = None
    pcap: Path | None = None
    framing: Framing = "lf"
    judged: Sequence[Role] = tuple(Role)
    quiet: bool = False
    json: bool = False
    settle: float = SETTLE_SECONDS
    connections: int | None = None
    seconds: float | None = None
    record_mib: int = 1024
    command: Sequence[str] = ()
    words: str = ""
