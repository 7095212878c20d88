"""run.py NAME: starts one client of the catalogue (or a base) and speaks the driver protocol on standard input and output."""

import os
import pathlib
import sys

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE))

from subjects import SUBJECTS  # noqa: E402


def main():
    if len(sys.argv) < 2 or sys.argv[1] not in SUBJECTS:
        sys.exit("run.py NAME, where NAME is one of: " + " ".join(SUBJECTS))
    name = sys.argv[1]
    shell, make = SUBJECTS[name][:2]
    if shell == "node":
        os.execvp("node", ["node", str(HERE / "client.js"), make])
    from shells import SHELLS
    SHELLS[shell](make).run()


if __name__ == "__main__":
    main()
