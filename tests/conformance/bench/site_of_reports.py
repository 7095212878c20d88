"""How long the pages of many reports take: python tests/conformance/bench/site_of_reports.py [REPORTS] [FOLDER].

The reports are those of real checks (of a conforming and of a faulty server), under other names, versions and days:
five of each implementation. FOLDER keeps the pages. The aim is 200 reports in under 10 s.
"""

import copy
import json
import subprocess
import sys
import tempfile
import time
from datetime import datetime, timedelta
from pathlib import Path

SERVERS = Path(__file__).parents[3] / "conformance/chatproof_conformance/implementations/servers/run.py"
NAMES = ("threads", "private-to-everyone")
OF_EACH = 5


def checked(name, folder):
    """Check a server of the catalogue; return its report."""
    file = folder / f"{name}.json"
    command = f"{sys.executable} -S -E {SERVERS} {name} --port {{port}}"
    words = ["check", "--command", command, "--seed", "1", "--budget", "1", "--report", f"json={file}"]
    subprocess.run([*CHATPROOF, *words], stdout=subprocess.DEVNULL, check=False)
    return json.loads(file.read_text("utf-8"))


def varied(report, number):
    """The same report of another implementation, version and day."""
    made = copy.deepcopy(report)
    one, version = divmod(number, OF_EACH)
    started = datetime.fromisoformat(report["started"]) + timedelta(days=number)
    made["implementation"] = {
        "name": f"server {one}",
        "version": f"1.{version}",
        "address": f"https://example.org/{one}",
    }
    return made | {"started": started.isoformat(timespec="seconds")}


CHATPROOF = [sys.executable, "-m", "chatproof_common.command_line.main"]


def main():
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 200
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch)
        real = [checked(name, folder) for name in NAMES]
        (reports := folder / "reports").mkdir()
        for number in range(count):
            text = json.dumps(varied(real[number % len(real)], number), indent=1)
            (reports / f"{number}.json").write_text(text, "utf-8")
        size = sum(file.stat().st_size for file in reports.iterdir())
        site = sys.argv[2] if len(sys.argv) > 2 else str(folder / "site")
        start = time.perf_counter()
        subprocess.run([*CHATPROOF, "compare", reports, "--site", site], stdout=subprocess.DEVNULL, check=True)
        seconds = time.perf_counter() - start
        pages = len(list(Path(site).iterdir()))
        print(f"{count} reports ({size / 1e6:.1f} MB): {pages} pages in {seconds:.1f} s")


if __name__ == "__main__":
    main()
