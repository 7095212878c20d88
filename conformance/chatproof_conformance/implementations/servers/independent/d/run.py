"""run.py NAME --port P [--host H]: starts one of the servers; NAME `correct` is the correct one, `list` lists them."""
import argparse
import sys

from server import ChatServer


def main():
    ap = argparse.ArgumentParser()
    ap.add_argument("name")
    ap.add_argument("--port", type=int, default=0)
    ap.add_argument("--host", default="127.0.0.1")
    a = ap.parse_args()
    table = {"correct": ChatServer}
    if a.name != "correct":
        import conforming
        import faults
        table.update({n: e["cls"] for n, e in faults.FAULTS.items()})
        table.update({n: e["cls"] for n, e in conforming.CONFORMING.items()})
    if a.name == "list":
        print("\n".join(table))
        return
    if a.name not in table:
        sys.exit("unknown name: " + a.name)
    table[a.name](a.host, a.port).run()


main()
