"""Every page of the repository: its links lead somewhere, and its English keeps to docs/style.md."""

import ast
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


def is_ours(path):
    """Whether a file belongs to the project: not to an environment, a cache or a build."""
    return not any(
        part in {"node_modules", "build"} or part.startswith(".") for part in path.parts if part != ".github"
    )


PAGES = sorted(path.as_posix() for path in (page.relative_to(ROOT) for page in ROOT.rglob("*.md")) if is_ours(path))
FENCE = re.compile(r"^(```|~~~).*?^\1[ \t]*$", re.DOTALL | re.MULTILINE)
REQUIREMENT_ROW = re.compile(r"^\| [A-Z]+-\d+ \|.*$", re.MULTILINE)  # reports quote these sentences: they do not change
TICS = re.compile(
    r"\bshall\b|\b(?:is|are|was|were) told\b|\bso (?:many|much) \w|\bwhat came\b|\bof (?:its|their) own\b",
    re.IGNORECASE,
)
SHOWS_TICS = "docs/style.md"
MODULES = {path.name for path in ROOT.rglob("*.py") if is_ours(path.relative_to(ROOT))}


def prose(page):
    return FENCE.sub("", (ROOT / page).read_text("utf-8"))


def headings(page):
    """Return a page's headings as a code host turns them into anchors."""
    titles = re.findall(r"^#+ (.+)$", FENCE.sub("", page.read_text("utf-8")), re.MULTILINE)
    return [re.sub(r"[^\w -]", "", title.lower()).replace(" ", "-") for title in titles]


def leads_somewhere(folder, name, heading=""):
    target = folder / name
    return target.exists() and (not heading or heading in headings(target))


def test_all_pages_are_found():
    assert {"README.md", "CONTRIBUTING.md", "docs/index.md", "schemas/chatproof_schemas/SPEC.md"} <= set(PAGES)


@pytest.mark.parametrize("page", PAGES)
def test_the_links_of_a_page_lead_somewhere(page):
    links = [link for link in re.findall(r"\]\(([^)\s]+)\)", prose(page)) if "://" not in link]
    assert [link for link in links if not leads_somewhere((ROOT / page).parent, *link.split("#"))] == []


@pytest.mark.parametrize("page", PAGES)
def test_every_module_that_a_page_names_exists(page):
    named = re.findall(r"`[\w./-]*?(\w+\.py)`", prose(page))
    assert [name for name in named if name not in MODULES] == []


@pytest.mark.parametrize("page", [page for page in PAGES if page != SHOWS_TICS])
def test_the_english_of_a_page_has_none_of_the_banned_tics(page):
    text = REQUIREMENT_ROW.sub("", prose(page))
    assert [text[max(0, hit.start() - 30) : hit.end() + 20] for hit in TICS.finditer(text)] == []


def test_contributing_names_every_task():
    module = ast.parse((ROOT / "noxfile.py").read_text("utf-8"))
    tasks = {part.name for part in module.body if isinstance(part, ast.FunctionDef)}
    named = re.findall(r"nox -s (\w+)", (ROOT / "CONTRIBUTING.md").read_text("utf-8"))
    assert set(named) == tasks
