"""All chats: planned, had some at a time, printed, and written as reports."""

import concurrent.futures
import secrets
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path

from chatproof_common.command_line.files import STANDARD, writing
from chatproof_common.system.signals import stop_status
from chatproof_common.system.streams import print_document
from chatproof_common.system.waiting import each_completed
from chatproof_conformance.apps.interop import console, document, markdown, page
from chatproof_conformance.apps.interop.changes import Changes, find_changes
from chatproof_conformance.apps.interop.document import Meetings, document_of, key_of
from chatproof_conformance.apps.interop.formats import Destination
from chatproof_conformance.apps.interop.manifest import Manifest
from chatproof_conformance.apps.interop.meeting import Meeting
from chatproof_conformance.apps.interop.outcome import Outcome, Status
from chatproof_conformance.apps.interop.shape import InteropReport
from chatproof_conformance.apps.interop.stopping import Stop, Stopped
from chatproof_schemas.transcript import Kind, write_transcript


@dataclass(frozen=True, slots=True, kw_only=True)
class InteropOptions:
    """How chats are had.

    Attributes:
        file: the manifest.
        only: names to which it is narrowed; empty: all.
        seed: what the conversations depend on; None: chosen by chance.
        jobs: how many chats are had at once.
        strict: whether a broken SHOULD fails the run.
        reports: what is written, and where.
        save: the folder for the recordings of chats in which something is broken; None: none are kept.
        against: the report of an earlier run, with which this one is compared; None: there is none.
    """

    file: str
    only: Sequence[str] = ()
    seed: int | None = None
    jobs: int = 1
    strict: bool = False
    reports: Sequence[Destination] = ()
    save: Path | None = None
    against: InteropReport | None = None


def run_interop(manifest: Manifest, options: InteropOptions) -> int:
    """Have all chats, print and write how they went; return the exit code.

    Raises:
        CommandError: if a report or a recording cannot be written.
    """
    aside = any(one.name == STANDARD for one in options.reports)
    seed = secrets.randbelow(1_000_000) if options.seed is None else options.seed
    options = replace(options, seed=seed)
    started, start = datetime.now().astimezone(), time.monotonic()
    meetings = plan(manifest)
    progress = console.Progress(meetings, aside=aside)
    progress.start()
    try:
        outcomes, was_interrupted = _hold_all(meetings, options, progress.ended)
    finally:
        progress.stop()
    run = Meetings(
        manifest=manifest,
        file=options.file,
        outcomes=outcomes,
        planned=len(meetings),
        started=started,
        seconds=time.monotonic() - start,
        seed=seed,
        strict=options.strict,
        only=options.only,
        saved=_save(meetings, outcomes, options.save),
    )
    report = document_of(run)
    changes = find_changes(options.against, report) if options.against else None
    console.print_report(report, changes, aside=aside)
    _write(report, changes, options.reports)
    return stop_status() if was_interrupted else report["exit_code"]


def plan(manifest: Manifest) -> list[Meeting]:
    """Return the chats: each client alone with each server, and then all clients together with each."""
    meetings = [Meeting(server, [client]) for client in manifest.clients for server in manifest.servers]
    if len(manifest.clients) > 1:
        meetings += [Meeting(server, manifest.clients, is_together=True) for server in manifest.servers]
    return meetings


def _hold_all(
    meetings: Sequence[Meeting], options: InteropOptions, ended: Callable[[Outcome], None]
) -> tuple[list[Outcome], bool]:
    """Return how each chat went, in the order of the plan, and whether the user ended it before all were had."""
    stop, was_interrupted = Stop(), False
    pool = concurrent.futures.ThreadPoolExecutor(options.jobs)
    running = [pool.submit(meeting.hold, options.seed or 0, stop) for meeting in meetings]
    try:
        for one in each_completed(running):
            ended(one.result())
    except KeyboardInterrupt:
        was_interrupted = True
    finally:
        stop.ask()
        pool.shutdown(cancel_futures=True)
    return [one.result() for one in running if _went_well(one)], was_interrupted


def _went_well(one: "concurrent.futures.Future[Outcome]") -> bool:
    return not one.cancelled() and not isinstance(one.exception(), Stopped)


def _save(meetings: Sequence[Meeting], outcomes: Sequence[Outcome], folder: Path | None) -> dict[tuple[str, str], Path]:
    """Write the recording of each chat in which something went wrong; return the files by the chats."""
    saved: dict[tuple[str, str], Path] = {}
    if folder is None:
        return saved
    went_well = (Status.WORKS, Status.PARTLY)
    wrong = {key_of(outcome) for outcome in outcomes if outcome.status not in went_well}
    for meeting in meetings:
        key = (meeting.server.label, "together" if meeting.is_together else meeting.clients[0].label)
        if key in wrong and meeting.recording is not None:
            path = folder / f"{document.file_stem(*key)}.ndjson"
            lines = (Kind.REQUEST, Kind.DRIVER_EVENT)
            events = [event for event in meeting.recording.events if event.kind not in lines]
            with writing(f"--save {folder}"):
                folder.mkdir(parents=True, exist_ok=True)
                write_transcript(replace(meeting.recording, events=events), path)
            saved[key] = path
    return saved


def _write(report: InteropReport, changes: Changes | None, destinations: Sequence[Destination]) -> None:
    import json  # noqa: PLC0415  only if it is asked for

    for one in destinations:
        if one.kind == "json":
            text = json.dumps(report, indent=1, ensure_ascii=False) + "\n"
        else:
            text = page.render(report, changes) if one.kind == "html" else markdown.render(report, changes)
        if one.name == STANDARD:
            print_document(text)
            continue
        with writing(one.file.place), Path(one.name).open("ab" if one.append else "wb") as file:
            file.write(text.encode("utf-8", "backslashreplace"))
