"""Starts a server of a blind trial: ``run.py NAME --port P``."""

import argparse, os, sys
sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))


def find(name):
    import server
    if name == "correct":
        return server.Server
    import faults, conforming
    return {**faults.ALL, **conforming.ALL}[name]


if __name__ == "__main__":
    ap = argparse.ArgumentParser()
    ap.add_argument("name")
    ap.add_argument("--port", type=int, required=True)
    ap.add_argument("--host")
    a = ap.parse_args()
    find(a.name)(a.port).serve()
