"""Clients of the tests' own, and what a check of one emits."""

import sys

from chatproof_common.system.shell_words import join_words
from chatproof_conformance.core.options import Options
from chatproof_conformance.core.run_listener import RunListener
from chatproof_conformance.engine.conversations.exploring import explore_client
from support.paths import RUN_CLIENT

DRIVER = """
import json, os, socket, sys, threading, time

def tell(event, **members):
    sys.stdout.write(json.dumps({"event": event, **members}) + "\\n")
    sys.stdout.flush()

"""
"""How a small driver begins."""


def client_command(name):
    """The command line of one of the catalogue's clients."""
    return join_words([sys.executable, str(RUN_CLIENT), name])


def write_driver(path, body):
    """Write a driver with this body; return the command line that starts it."""
    path.write_text(DRIVER + body)
    return join_words([sys.executable, str(path)])


class Heard(RunListener):
    """What a run emitted, in order."""

    def __init__(self):
        self.findings = []
        self.rounds = []
        self.is_done = False

    def finding(self, finding):
        self.findings.append(finding)

    def progress(self, done, planned, what):  # noqa: ARG002  as its callers name them
        self.rounds.append((done, planned))

    def done(self):
        self.is_done = True


def explored_client(command, **options):
    """Check a client; return what is known, and what was emitted on the way."""
    heard = Heard()
    chosen = {"lanes": False, "budget": 0.1, "seed": 1, "time_limit": 300, **options}
    known = explore_client(command, Options(**chosen), heard)
    assert heard.is_done
    return known, heard
