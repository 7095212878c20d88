"""MkDocs hooks: whatever a page links to outside ``docs/`` becomes part of the site, and links are rewritten.

In the repository links are relative to their file, so that they work on a code host as well. On the site ``docs/`` is
the root, and everything else keeps its path in the repository.
"""

import os
import posixpath
import re
from collections.abc import Callable, Iterator
from pathlib import Path

from mkdocs.config.defaults import MkDocsConfig
from mkdocs.structure.files import File, Files
from mkdocs.structure.pages import Page

ROOT = Path(__file__).parents[1]
FENCE = re.compile(r"^(```|~~~).*?^\1[ \t]*$", re.DOTALL | re.MULTILINE)
LINK = re.compile(r"\[([^\[\]]*)\]\(([^)\s#:]+)(#[^)\s]*)?\)")


def on_files(files: Files, config: MkDocsConfig) -> Files:
    """Add every existing file outside ``docs/`` to which a page leads, and the pages that the navigation names."""
    outside = {name for name in _nav_pages(config.nav) if not (ROOT / "docs" / name).exists()}
    waiting = [path for path in map(_source, files.documentation_pages()) if path] + sorted(outside)
    while waiting:
        source = waiting.pop()
        if not source.startswith("docs/"):
            files.append(File(source, str(ROOT), config.site_dir, config.use_directory_urls))
        if not source.endswith(".md"):
            continue
        for target in _targets(source):
            if not target.startswith("docs/") and target not in outside and (ROOT / target).is_file():
                outside.add(target)
                waiting.append(target)
    return files


def on_page_markdown(markdown: str, *, page: Page, config: MkDocsConfig, files: Files) -> str:  # noqa: ARG001  MkDocs passes all of them by name
    """Rewrite a page's links from the repository's layout to the site's; a link to a folder becomes its text."""
    source = _source(page.file)
    here = posixpath.dirname(page.file.src_uri)

    def rewritten(link: re.Match[str]) -> str:
        target = _resolve(source, link[2])
        if (ROOT / target).is_dir():  # a code host shows folders, a site has none
            return link[1]
        return f"[{link[1]}]({posixpath.relpath(target.removeprefix('docs/'), here)}{link[3] or ''})"

    return _outside_fences(markdown, lambda text: LINK.sub(rewritten, text))


def _source(file: File) -> str:
    """Return a file's path in the repository, with slashes."""
    return Path(os.path.relpath(file.abs_src_path or "", ROOT)).as_posix()


def _resolve(source: str, link: str) -> str:
    """Return the path in the repository to which a link leads; the site has its own first page, not the README."""
    path = posixpath.normpath(posixpath.join(posixpath.dirname(source), link))
    return "docs/index.md" if path == "README.md" else path


def _targets(source: str) -> list[str]:
    """Return the paths in the repository to which the relative links of a page lead."""
    text = FENCE.sub("", (ROOT / source).read_text("utf-8"))
    return [_resolve(source, link[2]) for link in LINK.finditer(text)]


def _nav_pages(nav: object) -> Iterator[str]:
    if isinstance(nav, str):
        yield nav
    elif isinstance(nav, list | dict):
        for part in nav.values() if isinstance(nav, dict) else nav:
            yield from _nav_pages(part)


def _outside_fences(markdown: str, change: Callable[[str], str]) -> str:
    parts, end = [], 0
    for fence in FENCE.finditer(markdown):
        parts += [change(markdown[end : fence.start()]), fence[0]]
        end = fence.end()
    return "".join([*parts, change(markdown[end:])])
