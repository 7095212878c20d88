"""The pytest plugin: orders and selects the cases, gives each its session, and turns how it ends into a result."""

import time
from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import cast

import hypothesis
import pytest

from chatproof_conformance.core.findings import Finding
from chatproof_conformance.core.marks import ATTRIBUTE, GENERATED, TRAFFIC
from chatproof_conformance.core.options import Options
from chatproof_conformance.core.outcomes import Abandoned, Blocked, Broken, NotTested, Outcome
from chatproof_conformance.core.run_listener import CaseInfo, RunListener
from chatproof_conformance.core.verdicts import CaseResult
from chatproof_conformance.endpoints.served.session import ClientSession
from chatproof_conformance.engine.client_under_test import ClientUnderTest
from chatproof_schemas import Level, requirements, sections
from chatproof_schemas.transcript import Transcript


class CaseCollector:
    """Registered with pytest to find cases.

    Attributes:
        plan: the selected cases, in order.
        gone: why the run could not go on, if it could not.
        failure: what was raised where no case was run, such as at its import; then nothing is known.
    """

    def __init__(self, options: Options, listener: RunListener) -> None:
        """Find what the options select."""
        self.plan: list[CaseInfo] = []
        self.gone: str | None = None
        self.failure: BaseException | None = None
        self._options = options
        self._listener = listener

    @pytest.hookimpl
    def pytest_internalerror(self, excinfo: pytest.ExceptionInfo[BaseException]) -> bool:
        """Keep what was raised; whoever has called pytest raises it again."""
        self.failure = self.failure or excinfo.value
        return True  # so pytest prints no traceback

    @pytest.hookimpl
    def pytest_exception_interact(self, node: pytest.Item | pytest.Collector, call: pytest.CallInfo[object]) -> None:
        """Keep what was raised while cases were collected: pytest would only count it."""
        if call.excinfo is not None and not isinstance(node, pytest.Item):
            self.failure = self.failure or call.excinfo.value

    @pytest.hookimpl
    def pytest_collection_modifyitems(self, items: list[pytest.Item]) -> None:
        """Keep what was selected, in the order of SPEC.md."""
        functions = [item for item in items if isinstance(item, pytest.Function)]
        chosen = [item for item in functions if _selected(describe(item), self._options.selection)]
        rank = {id_: place for place, id_ in enumerate(requirements())}
        chosen.sort(key=lambda item: rank[describe(item).requirements[0]])
        items[:] = chosen
        self.plan = [describe(item) for item in chosen]
        self._listener.planned(self.plan)


class ConformancePlugin(CaseCollector):
    """Registered with pytest to find cases and run them.

    Attributes:
        results: what the cases saw so far.
    """

    def __init__(self, options: Options, client: ClientUnderTest, listener: RunListener) -> None:
        """Check a client."""
        super().__init__(options, listener)
        self.results: list[CaseResult] = []
        self._client = client

    @pytest.fixture
    def client(self) -> Iterator[ClientSession]:
        """A session of the client under test; what a case leaves open is closed after it."""
        session = self._client.session()
        yield session
        session.close()

    @pytest.fixture
    def options(self) -> Options:
        """How the run checks."""
        return self._options

    @pytest.hookimpl(tryfirst=True)
    def pytest_pyfunc_call(self, pyfuncitem: pytest.Function) -> bool:
        """Run a case; one that fails is tried again, to see whether it always does."""
        case = describe(pyfuncitem)
        self._listener.started(case)
        attempts = [self._attempt(pyfuncitem, case)]
        while attempts[0].findings and len(attempts) <= self._options.repeats and self._worth_another():
            pyfuncitem.funcargs["client"] = self._client.session()
            attempts.append(self._attempt(pyfuncitem, case))
        result = _rated(attempts)
        self.results.append(result)
        self._listener.finished(case, result)
        if self._options.fail_fast and any(
            requirements()[one.requirement].level is Level.MUST for one in result.findings
        ):
            self.gone = self.gone or "the first failure ends the run (--fail-fast)"
        if self.gone:
            pyfuncitem.session.shouldstop = self.gone
        return True

    @pytest.hookimpl
    def pytest_runtest_makereport(self, item: pytest.Item, call: pytest.CallInfo[object]) -> None:
        """Let no case be without a result, whatever was raised around it; the run ends, as nothing is certain now."""
        if call.excinfo is not None and isinstance(item, pytest.Function):
            gone = self._end_after(call.excinfo.value)
            case = describe(item)
            self.results.append(CaseResult(case.name, case.title, case.requirements, reason=gone))
            item.session.shouldstop = gone

    def _end_after(self, error: BaseException) -> str:
        """End the run after an error of ours, since the client may be in the middle of something; return why."""
        self.gone = self.gone or f"the harness failed: {described(error)}"
        return self.gone

    def _attempt(self, item: pytest.Function, case: CaseInfo) -> CaseResult:
        session = cast("ClientSession", item.funcargs["client"])
        if hasattr(item.obj, GENERATED):
            hypothesis.seed(self._options.seed)(item.obj)
        names = item._fixtureinfo.argnames  # noqa: SLF001  pytest does the same
        arguments = {name: item.funcargs[name] for name in names}
        start = time.monotonic()
        outcome: BaseException | None = None
        try:
            item.obj(**arguments)
        except (Exception, Abandoned) as error:  # noqa: BLE001  whatever a case raises is judged, not lost
            outcome = error.outcome if isinstance(error, Abandoned) else _unwrapped(error)
            if not isinstance(outcome, Outcome):
                self._end_after(outcome)
        if self._options.save and (session.violations or isinstance(outcome, Broken)):
            session.reads_the_rest()
        violations = {v.requirement: v for v in reversed(session.violations)}.values()
        violated = [(violation, session.traffic.of(violation)) for violation in violations]
        traffic = replace(session.transcript, events=session.traffic.of_last_example())
        crash = self._client.restart_if_crashed(outcome)
        session.close()
        if crash is not None:
            self.gone = crash.final
            outcome = Broken("the client to survive", crash.text, crash.requirement)
        result = CaseResult(
            case.name,
            case.title,
            case.requirements,
            evidence=session.evidence,
            seconds=time.monotonic() - start,
            traffic=case.traffic,
        )
        return _judged(result, outcome, violated, traffic)

    def _worth_another(self) -> bool:
        return self.gone is None and not self._client.timeout.unresponsive


def _judged(
    result: CaseResult,
    outcome: BaseException | None,
    violated: Sequence[tuple[Finding, Transcript]],
    traffic: Transcript,
) -> CaseResult:
    """Complete a case's result by how the case ended and by what was wrong with the frames it received."""
    findings = [_completed(violation, result, shown) for violation, shown in violated]
    if isinstance(outcome, Broken):
        broken = outcome.finding.requirement or result.requirements[0]
        findings.append(_completed(replace(outcome.finding, requirement=broken), result, traffic))
        if broken not in result.requirements and not result.traffic:
            result = replace(result, reason=str(outcome), blocked_by=broken)
    elif isinstance(outcome, Outcome):
        result = replace(
            result,
            reason=str(outcome),
            blocked_by=outcome.by if isinstance(outcome, Blocked) else None,
            not_tested=isinstance(outcome, NotTested),
        )
    elif outcome is not None:
        result = replace(result, reason=f"the harness failed: {described(outcome)}")
    return replace(result, findings=tuple(findings))


def _completed(finding: Finding, result: CaseResult, traffic: Transcript) -> Finding:
    return replace(finding, case=result.case, events=traffic.events, started=traffic.started)


def described(error: BaseException) -> str:
    """Return the kind of an error and the first line of what it says."""
    return f"{type(error).__name__}: {''.join(str(error).splitlines()[:1])}"


def describe(item: pytest.Function) -> CaseInfo:
    """Return a case's name, sentence and requirements."""
    ids: tuple[str, ...] = getattr(item.obj, ATTRIBUTE)
    title = " ".join((item.obj.__doc__ or "").strip().split("\n\n")[0].split())
    section = requirements()[ids[0]].section
    name = item.name.removeprefix("test_")
    traffic = hasattr(item.obj, TRAFFIC)
    return CaseInfo(name, title, ids, section, traffic or hasattr(item.obj, GENERATED), traffic)


def _selected(case: CaseInfo, selection: Sequence[str]) -> bool:
    ids = {word.upper() for word in selection if word.upper() in sections() or word.upper() in requirements()}
    by_id = any(id_ in ids or id_.split("-")[0] in ids for id_ in case.requirements)
    return not selection or by_id or case.name in selection


def _unwrapped(error: Exception) -> BaseException:
    # Hypothesis reports an example that fails once and then not as a group with the failures in it.
    nested = getattr(error, "exceptions", ())
    ours = next((one for one in nested if not isinstance(one, (Outcome, hypothesis.errors.HypothesisException))), None)
    return ours or next((one for one in nested if isinstance(one, Broken)), error)


def _rated(attempts: Sequence[CaseResult]) -> CaseResult:
    """Return the first attempt's result, its findings with how many of the attempts showed the same."""
    shown = [{finding.requirement for finding in attempt.findings} for attempt in attempts]
    rated = (
        replace(finding, failures=sum(finding.requirement in ids for ids in shown), attempts=len(attempts))
        for finding in attempts[0].findings
    )
    return replace(attempts[0], findings=tuple(rated))
