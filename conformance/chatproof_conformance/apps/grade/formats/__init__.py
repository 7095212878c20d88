"""What autograders read: each format has a module of its name, with ``render`` and perhaps ``require``.

``render(grade, scheme)`` returns the text of a submission's file, or None if its system is better served by none: one
that finds no result knows that grading has failed, and takes it for nobody's zero. ``require(scheme)`` raises a
CommandError if the scheme, or this process's environment, has not what the format needs.
"""

from importlib import import_module
from types import ModuleType
from typing import TYPE_CHECKING

from chatproof_conformance.apps.grade.scheme import Scheme
from chatproof_conformance.apps.grade.scoring import Grade

if TYPE_CHECKING:
    from collections.abc import Callable

KINDS = ("gradescope", "prairielearn", "autolab", "check50", "classroom50", "junit")


def require(kind: str, scheme: Scheme) -> None:
    """Make sure that results of this kind can be made.

    Raises:
        CommandError: if not.
    """
    check: Callable[[Scheme], None] | None = getattr(_module(kind), "require", None)
    if check is not None:
        check(scheme)


def render(kind: str, grade: Grade, scheme: Scheme) -> str | None:
    """Return the text of a submission's file; None if there is to be none."""
    text: str | None = _module(kind).render(grade, scheme)
    return text


def _module(kind: str) -> ModuleType:
    return import_module(f"{__name__}.{kind}")
