"""Starts a server of a blind trial: ``run.py NAME --port P``."""

import argparse, os, sys
sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import server, faults, conforming

ALL = {"correct": server.Correct}
for e in faults.CATALOGUE + conforming.CATALOGUE:
    ALL[e["name"]] = e["cls"]

if __name__ == "__main__":
    p = argparse.ArgumentParser()
    p.add_argument("name")
    p.add_argument("--port", type=int, required=True)
    p.add_argument("--host")
    a = p.parse_args()
    if a.name not in ALL:
        sys.exit("unknown name: " + a.name)
    ALL[a.name]().run(a.port)
