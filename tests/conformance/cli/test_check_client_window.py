"""The reference client's window, checked through its real window: keys, clicks, and what stands in its history."""

import os
import re
import shlex
import sys
from pathlib import Path

import pytest

from reference.windows.desktop import Desktop
from support.commands import run_command

DRIVER = Path(__file__).with_name("window_driver.py")
CASES = """
its_first_frame_is_a_join a_message_does_not_overtake_the_join
the_reason_of_a_refused_join_is_shown a_refused_client_sends_no_messages another_name_after_a_refusal
every_kind_of_message the_longest_message nothing_is_sent_of_an_empty_message no_message_to_an_invalid_name
every_type_is_shown a_frame_byte_by_byte many_frames_at_once the_longest_frames texts_that_programs_change
near_json unknown_types one_bad_frame_alone every_test_vector unknown_members_are_ignored
the_server_ends_the_connection the_connection_is_reset the_end_in_the_middle_of_a_frame
its_own_message_appears_once its_own_messages_among_others the_same_words_again_are_another_message
an_undelivered_message_is_shown_as_failed some_are_delivered_and_some_are_not
""".split()  # noqa: SIM905  a list would be longer than its words
"""Cases of every requirement; those with generated input take too many keys."""


@pytest.fixture
def environment(tmp_path):
    desktop = Desktop(tmp_path / "settings")
    yield desktop.environment
    desktop.close()


@pytest.mark.long("drives a window with real keys through all these cases")
@pytest.mark.needs("Xvfb", "xdotool")
def test_the_window_conforms(environment, tmp_path):
    command = shlex.join([sys.executable, str(DRIVER)])
    done = run_command(
        "check-client", "--command", command, *CASES, folder=tmp_path, environment={**os.environ, **environment}
    )
    passed = " ".join(re.findall(r"^  ✓ (.*)$", done.stdout, re.MULTILINE)).split()
    assert passed[:10] == [f"CLIENT-{number}" for number in range(1, 11)]
    assert (done.returncode, done.stderr) == (0, ""), done.stdout
