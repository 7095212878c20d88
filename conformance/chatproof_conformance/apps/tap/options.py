"""The options of a tap."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from chatproof_conformance.apps.tap.proxy.proxied_connection import FaultPlan
from chatproof_conformance.core.roles import Role
from chatproof_schemas.transcript import Framing

SETTLE_SECONDS = 5.0


@dataclass(frozen=True, slots=True)
class TapOptions:
    """How to tap.

    Attributes:
        listen: host and port that clients connect to; port 0 lets the system choose.
        to: host and port of the server.
        fault_plan: what the network is made to be like.
        record: the file that everything is recorded in, None: none.
        framing: how frames end.
        judged: which roles are judged.
        quiet: whether what passes is not shown.
        json: whether what is shown is for programs.
        settle: after how many seconds with no traffic what has not arrived counts as missing.
        connections: after how many connections the tap ends, None: it does not.
        seconds: after how many seconds it ends, None: it does not.
        command: the words of a command whose end is the tap's; empty if there is none.
        words: the words of the command line that tap like this again, with a space before them.
    """

    listen: tuple[str, int]
    to: tuple[str, int]
    fault_plan: FaultPlan
    record: Path | None = None
    framing: Framing = "lf"
    judged: Sequence[Role] = tuple(Role)
    quiet: bool = False
    json: bool = False
    settle: float = SETTLE_SECONDS
    connections: int | None = None
    seconds: float | None = None
    command: Sequence[str] = ()
    words: str = ""
