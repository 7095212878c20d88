"""No control of the windows is left out of the tests."""

import re
from pathlib import Path

import pytest

pytestmark = [pytest.mark.needs("Xvfb"), pytest.mark.needs("xdotool")]

TESTS = "".join(path.read_text("utf-8") for path in Path(__file__).parent.glob("test_*.py"))
USED = re.compile(r'\b(\w+)\.(?:click|fill|drag)\(\s*"([\w.]+)"')
CHOSEN = re.compile(r'\b(\w+)\.choose\("(.+?)", "(.+?)"\)')


@pytest.mark.parametrize("kind", ["client", "server"])
def test_every_control_of_a_window_is_used_with_clicks_by_some_test(desktop, kind):
    def of_this_window(pattern):
        return {tuple(words) for name, *words in pattern.findall(TESTS) if (name == "server") is (kind == "server")}

    window = desktop.open(kind, "860x640+0+0", *(("localhost", 1) if kind == "server" else ()))
    controls = window.ask("controls", "root")
    assert len(controls["widgets"]) > 15
    assert {name for name in controls["widgets"] if (name,) not in of_this_window(USED)} == set()
    assert {tuple(entry) for entry in controls["entries"]} - of_this_window(CHOSEN) == set()
