"""A pytest plugin (``-p left_out``): leaves out what is about the system that was taken away, and says what and why."""

ULIMIT = "a limit of open files, which Windows has not"
CORES = "sets cores, which Linux alone lets a program do"

LEFT_OUT = {
    "tests/reference/bench/test_bench.py::test_wrong_arguments_are_explained[arguments3-": "a quotation may stay open",
    "tests/reference/server/test_server_fanout.py::test_the_threads_of_a_server_": CORES,
    "tests/reference/server/test_server_fanout.py::test_a_core_that_is_not_allowed": CORES,
    "tests/reference/server/test_server_headless.py::test_counters_are_logged_on_request": "SIGUSR1",
    "tests/reference/server/test_server_headless.py::test_when_descriptors_run_out": ULIMIT,
    "tests/reference/server/test_server_headless.py::test_the_limit_of_open_files": ULIMIT,
    "tests/reference/server/test_server_headless.py::test_the_end_of_the_terminal": "SIGHUP, and a shell of POSIX",
    "tests/reference/server/test_server_vanished.py::test_a_client_whose_machine_vanished_leaves_and_its_name_is_free["
    "while others talk]": "TCP_INFO; without it, data that nobody takes is sent again for as long as the system likes",
}
"""By the beginning of a test's id, the reason."""


def pytest_collection_modifyitems(config, items):
    """Leave them out."""
    reasons = {item: reason for item in items for begun, reason in LEFT_OUT.items() if item.nodeid.startswith(begun)}
    items[:] = [item for item in items if item not in reasons]
    config.hook.pytest_deselected(items=list(reasons))


def pytest_report_header():
    """Say what is left out."""
    return [f"left out: {begun}: {reason}" for begun, reason in LEFT_OUT.items()]
