"""Writes the pages of a site into a folder."""

from collections.abc import Iterator
from pathlib import Path

from chatproof_common.command_line.files import writing
from chatproof_common.command_line.values import CommandError
from chatproof_conformance.apps.compare.site import implementation_page, index_page, requirement_page
from chatproof_conformance.apps.compare.site.collection import Collection
from chatproof_conformance.apps.interop import page as interop_page
from chatproof_schemas import requirements


def write_site(collection: Collection, folder: Path, title: str) -> int:
    """Write all pages; return how many there are.

    Files of other names that the folder holds stay.

    Raises:
        CommandError: if one cannot be written.
    """
    if folder.exists() and not folder.is_dir():
        raise CommandError(f"--site {folder}: is a file; expected a folder")
    count = 0
    with writing(f"--site {folder}"):
        folder.mkdir(parents=True, exist_ok=True)
        for name, text in pages(collection, title):
            (folder / name).write_text(text, "utf-8")
            count += 1
    return count


def pages(collection: Collection, title: str) -> Iterator[tuple[str, str]]:
    """Yield the name and the text of each page."""
    yield "index.html", index_page.render(collection, title)
    for one in collection.implementations:
        yield one.page, implementation_page.render(one)
    for name, report in collection.matrices.items():
        yield name, interop_page.render(report, None)
    ids = [id_ for id_ in requirements() if any(id_ in one.newest.rows for one in collection.implementations)]
    for place, id_ in enumerate(ids):
        before, after = (ids[at] if 0 <= at < len(ids) else None for at in (place - 1, place + 1))
        yield f"{id_}.html", requirement_page.render(requirements()[id_], collection, before, after)
