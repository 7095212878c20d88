"""Where things lie in the project: its root, and the servers and clients that the harness is tried on."""

from pathlib import Path

ROOT = Path(__file__).parents[2]
_IMPLEMENTATIONS = ROOT / "conformance" / "chatproof_conformance" / "implementations"
SERVERS, CLIENTS = _IMPLEMENTATIONS / "servers", _IMPLEMENTATIONS / "clients"
RUN_SERVER, RUN_CLIENT = SERVERS / "run.py", CLIENTS / "run.py"
RUN_CLUSTER = _IMPLEMENTATIONS / "clusters" / "run.py"
"""``RUN_SERVER NAME --port PORT`` starts a server; ``RUN_CLIENT NAME`` a client that speaks the driver protocol.
``RUN_CLUSTER NAME --port PORT --shared FOLDER`` starts a node of a cluster."""
