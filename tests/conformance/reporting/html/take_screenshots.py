"""Takes the pictures of reports in docs/screenshots.

    python tests/conformance/reporting/html/take_screenshots.py FOLDER

Needs Chromium, bash and ImageMagick.
"""

import subprocess
import sys
import tempfile
from pathlib import Path

from browser import Browser

ROOT = Path(__file__).parents[4]
SERVER = "python3 conformance/chatproof_conformance/implementations/servers/run.py private-to-everyone --port {port}"
SELECTED = ("PRIVATE-2", "JOIN-3", "FRAME-7")
WIDTH = 1100


def main():
    folder = Path(sys.argv[1]).resolve()
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as scratch:
        page = Path(scratch) / "report.html"
        chatproof = Path(sys.executable).with_name("chatproof")
        words = ["check", "--command", SERVER, *SELECTED, "--seed", "1", "--report", f"html={page}"]
        subprocess.run([chatproof, *words], cwd=ROOT, stdout=subprocess.DEVNULL, check=False)
        browser = Browser()
        try:
            for name, dark in (("report-light", False), ("report-dark", True)):
                browser.open(page, width=WIDTH, dark=dark)
                bottom = browser.value("document.querySelector('article').getBoundingClientRect().bottom + scrollY")
                browser.picture(picture := folder / f"{name}.png", (0, 0, WIDTH, bottom + 24))
                subprocess.run(
                    ["convert", picture, "-strip", "+dither", "-colors", "64", f"png8:{picture}"], check=True
                )
        finally:
            browser.close()


main()
