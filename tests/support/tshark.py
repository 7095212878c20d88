"""Captures, as tshark reads them by the dissector that is made from the schemas."""

import json
import subprocess

from support.paths import ROOT

_BOOLEANS = {"True": "1", "False": "0"}
DISSECTOR = ROOT / "schemas" / "chatproof_schemas" / "chatproof.lua"


def read_capture(path, port, fields, *options):
    """Return the fields of each packet as lists of texts; one of no value is left out. A boolean is 0 or 1.

    Checksums are verified. A mistake in the dissector would be on standard error.
    """
    words = ["tshark", "-n", "-r", str(path), "-X", f"lua_script:{DISSECTOR}", "-d", f"tcp.port=={port},chat"]
    words += ["-o", "ip.check_checksum:TRUE", "-o", "tcp.check_checksum:TRUE", "-T", "json", *options]
    words += [word for field in fields for word in ("-e", field)]
    done = subprocess.run(words, capture_output=True, check=False, timeout=120)
    errors = done.stderr.decode()
    assert (done.returncode, [line for line in errors.splitlines() if "as user" not in line]) == (0, []), errors
    packets = [packet["_source"].get("layers", {}) for packet in json.loads(done.stdout)]
    for packet in packets:
        if "chat.delivered" in packet:  # from version 4.2 on a word
            packet["chat.delivered"] = [_BOOLEANS.get(text, text) for text in packet["chat.delivered"]]
    return packets
