"""run.py NAME --port N [--host 127.0.0.1]: starts one test subject. base_selectors, base_poll, base_asyncio, base_threads and
base_node are the bases without any fault."""
import argparse
import os
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, HERE)
sys.dont_write_bytecode = True


def main():
    a = argparse.ArgumentParser()
    a.add_argument("name")
    a.add_argument("--port", type=int, required=True)
    a.add_argument("--host", default="127.0.0.1")
    a = a.parse_args()
    import subjects
    entry = subjects.ALL.get(a.name)
    if entry is None:
        sys.exit(f"There is no subject {a.name}.")
    if entry["base"] == "node":
        if entry.get("tz"):
            os.environ["TZ"] = entry["tz"]
        os.execvp("node", ["node", os.path.join(HERE, "server.js"), a.name, a.host, str(a.port)])
    transport = __import__("t_" + entry["base"])
    t = entry.get("transport", lambda m: m.Transport)(transport)
    t(entry["hub"], a.host, a.port).run()
    os._exit(0)


if __name__ == "__main__":
    main()
