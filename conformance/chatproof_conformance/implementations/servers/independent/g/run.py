"""python run.py NAME --port N [--host H]: starts one subject, or a base (threads, actors, select, pool, aio, node)."""
import argparse
import os
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, HERE)


def main():
    p = argparse.ArgumentParser()
    p.add_argument("name")
    p.add_argument("--port", type=int, required=True)
    p.add_argument("--host", default="127.0.0.1")
    a = p.parse_args()
    import registry
    s = registry.subjects().get(a.name)
    if a.name == "node" or (s and s.node):
        js = os.path.join(HERE, "chat.js")
        os.execvp("node", ["node", js, a.name, a.host, str(a.port)])
    if s:
        kit = s.build()
    else:
        kit = registry.BASES[a.name]
    sys.setswitchinterval(0.001)
    kit.Server(kit, a.host, a.port).run()


main()
