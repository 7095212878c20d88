"""Puts a session of watching together from the options of a check."""

import hashlib
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from chatproof_common.system.cache_folder import cache_folder
from chatproof_conformance.apps.watch.building import build_words
from chatproof_conformance.apps.watch.client_steps import ClientSteps, client_words
from chatproof_conformance.apps.watch.score import Score
from chatproof_conformance.apps.watch.screen import Screen
from chatproof_conformance.apps.watch.server_steps import ServerSteps
from chatproof_conformance.apps.watch.session import Session, watch
from chatproof_conformance.core.options import Options
from chatproof_conformance.core.roles import Role
from chatproof_conformance.core.selection import selected_ids
from chatproof_conformance.core.verdicts import Verdict
from chatproof_conformance.endpoints.process.source import ServerSource
from chatproof_conformance.reporting.last_failures import last_failures
from chatproof_conformance.reporting.reports import Destination
from chatproof_conformance.reporting.run import VerdictPolicy
from chatproof_conformance.reporting.summary import RunRequest


def watch_server(source: ServerSource, options: Options, policy: VerdictPolicy, build: str | None) -> int:
    """Watch the current folder and check a server at each change; return the exit code of the last whole check.

    Raises:
        CommandError: if the build command cannot be read.
    """
    words = build_words(build) if build is not None else []
    screen, score, report = Screen(), Score(), _report(Role.SERVER, source.words)
    policy = replace(policy, reports=(*policy.reports, Destination("html", str(report))))
    steps = ServerSteps(source, options, policy, screen, score)
    asked = selected_ids(options.selection, Role.SERVER)
    _remember(score, asked, last_failures(Role.SERVER, source.words))
    screen.begin(source.described, str(Path.cwd()), build)
    return watch(
        Session(
            steps, screen, score, folder=Path.cwd(), report=report, asked=asked, build_words=words,
            own=_own(policy.reports, options.server_log),
            fail_fast=options.fail_fast,
        )
    )  # fmt: skip


def watch_client(request: RunRequest, policy: VerdictPolicy, more: Sequence[str], build: str | None) -> int:
    """Watch the current folder and check a client at each change; return the exit code of the last whole check.

    Args:
        request: what is to be checked.
        policy: how it is judged and reported.
        more: the same, as options of a command line.
        build: the build command.

    Raises:
        CommandError: if the build command cannot be read.
    """
    words = build_words(build) if build is not None else []
    screen, score, report = Screen(), Score(), _report(Role.CLIENT, request.target_words)
    bare = replace(request, options=replace(request.options, selection=(), level=None))
    options = client_words(bare.command_line(" --fail-fast" * request.options.fail_fast))
    selection = request.options.selection
    steps = ClientSteps(options, selection, [*more, "--report", f"html={report}"], screen, score)
    asked = selected_ids(selection, Role.CLIENT)
    _remember(score, asked, last_failures(Role.CLIENT, request.target_words))
    screen.begin(request.described, str(Path.cwd()), build)
    return watch(
        Session(
            steps, screen, score, folder=Path.cwd(), report=report, asked=asked,
            build_words=words, fail_fast=request.options.fail_fast, own=_own(policy.reports),
        )
    )  # fmt: skip


def _remember(score: Score, asked: Sequence[str], failed: Sequence[str]) -> None:
    """Let what failed in an earlier session be tried first."""
    for id_ in failed:
        if id_ in asked:
            score.learn(id_, Verdict.FAIL)


def _own(reports: Sequence[Destination], *more: str | None) -> list[Path]:
    """Return what we write."""
    names = [*(one.name for one in reports), *(name for name in more if name)]
    return [cache_folder("chatproof"), *map(Path, names)]


def _report(role: Role, target_words: str) -> Path:
    name = hashlib.sha256(f"{role.value}{target_words}{Path.cwd()}".encode()).hexdigest()[:16]
    folder = cache_folder("chatproof") / "watch"
    folder.mkdir(parents=True, exist_ok=True)
    file = folder / f"{name}.html"
    file.unlink(missing_ok=True)
    return file
