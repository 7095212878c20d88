"""Starts a server of a blind trial: ``run.py NAME --port P``."""

import argparse
import sys

import server


def find(name):
    if name == 'correct':
        return server.Server
    import conforming
    import faults
    for table in (faults.ALL, conforming.ALL):
        if name in table:
            return table[name]
    sys.exit('no server is called ' + name)


if __name__ == '__main__':
    p = argparse.ArgumentParser()
    p.add_argument('name')
    p.add_argument('--port', type=int, required=True)
    p.add_argument('--host')
    a = p.parse_args()
    server.prepare_process()
    find(a.name)(a.port).run()
