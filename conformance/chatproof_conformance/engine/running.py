"""Runs the cases of a client in pytest, away from whatever pytest set-up the user's folder holds."""

import contextlib
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import hypothesis
import pytest
from hypothesis.configuration import set_hypothesis_home_dir

from chatproof_conformance.core.options import Options
from chatproof_conformance.core.roles import CLIENT_CASES
from chatproof_conformance.core.run_listener import CaseInfo, RunListener
from chatproof_conformance.engine.case_runner import CaseCollector, ConformancePlugin
from chatproof_conformance.engine.client_under_test import ClientUnderTest

_ISOLATED = {"PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1", "PYTEST_ADDOPTS": "", "PYTEST_PLUGINS": ""}
_SHRINK_SECONDS = 5
_PHASES = (hypothesis.Phase.explicit, hypothesis.Phase.generate, hypothesis.Phase.shrink)


def run_cases(options: Options, client: ClientUnderTest, listener: RunListener, *, examples: int) -> ConformancePlugin:
    """Run the selected cases; return the plugin, which holds the results.

    Args:
        options: how to check.
        client: what is checked, which must be there.
        listener: hears of each case.
        examples: how many inputs each case with generated input tries.
    """
    plugin = ConformancePlugin(options, client, listener)
    _run(plugin, examples, shrink=options.shrink)
    return plugin


def collect_cases(options: Options, listener: RunListener) -> list[CaseInfo]:
    """Return the selected cases, in order, without running them."""
    plugin = CaseCollector(options, listener)
    _run(plugin, 1, "--collect-only")
    _forget_cases()
    return plugin.plan


def _forget_cases() -> None:
    # Hypothesis ties a test to the settings in force when its module is imported: a later run must import it anew.
    for name, module in list(sys.modules.items()):
        if Path(getattr(module, "__file__", None) or "").parent == CLIENT_CASES:
            del sys.modules[name]


def _run(plugin: CaseCollector, examples: int, *extra: str, shrink: bool = True) -> None:
    with isolation(examples, shrink=shrink) as scratch:
        ini = scratch / "pytest.ini"
        ini.write_text("[pytest]\npython_files = test_*.py\n")
        words = [
            str(CLIENT_CASES),
            *(
                "-c",
                str(ini),
                "--rootdir",
                str(CLIENT_CASES),
                "--confcutdir",
                str(CLIENT_CASES),
                "--import-mode=importlib",
            ),
            *("-p", "no:cacheprovider", "-p", "no:terminal", "-p", "no:capture", "-p", "no:logging"),
            *("-p", "no:faulthandler", "-p", "no:junitxml", "-p", "no:doctest", "-p", "no:warnings"),
            # What ends a thread is reported as it is everywhere, and not as a warning of pytest.
            *("-p", "no:threadexception", "-p", "no:unraisableexception"),
            *extra,
        ]
        ended = pytest.main(words, plugins=[plugin])
    if plugin.failure is not None:
        raise plugin.failure
    if ended is pytest.ExitCode.INTERRUPTED and plugin.gone is None:
        # pytest takes Ctrl+C for an end like any other; what was not run must not look like a verdict.
        raise KeyboardInterrupt


@contextlib.contextmanager
def isolation(examples: int, *, shrink: bool) -> Iterator[Path]:
    """Keep the environment's pytest options out, and Hypothesis's files out of the user's folder; give a scratch one.

    Args:
        examples: how many inputs each case with generated input tries.
        shrink: whether failing input is made as short as it can be.
    """
    with tempfile.TemporaryDirectory(prefix="chatproof-") as folder, pytest.MonkeyPatch.context() as patch:
        for name, value in _ISOLATED.items():
            patch.setenv(name, value)
        # For seconds, not for Hypothesis's five minutes: there is no public setting for it.
        patch.setattr("hypothesis.internal.conjecture.engine.MAX_SHRINKING_SECONDS", _SHRINK_SECONDS, raising=False)
        set_hypothesis_home_dir(folder)
        hypothesis.settings.register_profile(
            "chatproof",
            max_examples=examples,
            deadline=None,
            database=None,
            verbosity=hypothesis.Verbosity.quiet,
            print_blob=False,
            report_multiple_bugs=False,
            phases=_PHASES if shrink else _PHASES[:-1],
            suppress_health_check=list(hypothesis.HealthCheck),
        )
        hypothesis.settings.load_profile("chatproof")
        yield Path(folder)
