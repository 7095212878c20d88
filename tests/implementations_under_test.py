"""Where the faulty and conforming servers and clients lie that the harness is tried on."""

from pathlib import Path

_FOLDER = Path(__file__).parents[1] / "conformance" / "chatproof_conformance" / "implementations"
SERVERS, CLIENTS = _FOLDER / "servers", _FOLDER / "clients"
RUN_SERVER, RUN_CLIENT = SERVERS / "run.py", CLIENTS / "run.py"
"""``RUN_SERVER NAME --port PORT`` starts a server; ``RUN_CLIENT NAME`` a client that speaks the driver protocol."""
