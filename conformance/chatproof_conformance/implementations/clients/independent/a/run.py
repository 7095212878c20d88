"""run.py NAME: starts the client of that name; it speaks the driver protocol on standard input and output."""

import importlib
import os
import sys

import clients
import core


def main():
    name = sys.argv[1]
    shell = clients.shell_of(name)
    here = os.path.dirname(os.path.abspath(__file__))
    if shell == "node":
        os.execvp("node", ["node", os.path.join(here, "client.js"), name])
    core.F = name
    core.P = clients.policy_of(name)
    importlib.import_module("sh_" + shell).Shell().main()
    sys.stdout.flush()
    os._exit(0)


main()
