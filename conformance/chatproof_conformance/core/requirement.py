"""How a case says which requirements it proves, and which of its input is generated."""

import functools
import inspect
from collections.abc import Callable
from typing import Any, TypeVar

from hypothesis import given
from hypothesis.strategies import SearchStrategy

from chatproof_conformance.core.outcomes import Abandoned, Broken, Outcome

Case = TypeVar("Case", bound=Callable[..., None])

ATTRIBUTE = "proves_requirements"
GENERATED = "has_generated_input"
TRAFFIC = "is_generated_traffic"


def requirement(*ids: str) -> Callable[[Case], Case]:
    """Mark a case with the ids of the requirements that it proves; a failure that names none breaks the first."""

    def mark(case: Case) -> Case:
        setattr(case, ATTRIBUTE, ids)
        return case

    return mark


def generated(**strategies: SearchStrategy[Any]) -> Callable[[Callable[..., None]], Callable[..., None]]:
    """Run a case once for each of many generated inputs, as many as the budget allows.

    A failure is shrunk. Anything else that ends an example early (a lost fence, a server that is gone) ends the case
    at once: shrinking it would show nothing, and would replace the traffic by which the server died.
    """

    def wrap(case: Callable[..., None]) -> Callable[..., None]:
        session = next(iter(inspect.signature(case).parameters))

        @functools.wraps(case)
        def example(*first: Any, **arguments: Any) -> None:
            there = first[0] if first else arguments[session]
            there.traffic.begin_example()
            try:
                _try(case, there, *first, **arguments)
            except Broken:
                raise
            except Outcome as outcome:
                raise Abandoned(outcome) from None

        test = given(**strategies)(example)
        setattr(test, GENERATED, True)
        return test

    return wrap


def _try(case: Callable[..., None], there: Any, *first: Any, **arguments: Any) -> None:
    try:
        case(*first, **arguments)
    except Broken:
        there.requires_life()
        raise


def traffic(*ids: str) -> Callable[[Case], Case]:
    """Mark a case that drives generated traffic: what it finds counts, and its evidence; it ends early for no other."""

    def mark(case: Case) -> Case:
        setattr(case, TRAFFIC, True)
        return requirement(*ids)(case)

    return mark


SEEN_BY_THE_JUDGE = (
    *(
        "ORDER-1",
        "ORDER-2",
        "FRAME-2",
        "FRAME-3",
        "FRAME-5",
        "JOIN-1",
        "JOIN-2",
        "JOIN-4",
        "JOIN-6",
        "JOIN-8",
        "JOIN-9",
        "JOIN-10",
    ),
    *("JOIN-11", "LEAVE-1", "LEAVE-2", "LEAVE-4", "LEAVE-5", "LEAVE-6", "PUBLIC-1", "PUBLIC-2", "PUBLIC-3"),
    *("PRIVATE-1", "PRIVATE-2", "PRIVATE-3", "CONFIRM-1", "CONFIRM-2", "ERROR-1", "ERROR-2", "ERROR-3", "ERROR-4"),
    *("ERROR-5", "ERROR-6", "ERROR-7", "ERROR-9", "ERROR-11"),
)
"""Every MUST that the judge of a history can see broken there; broken SHOULDs are noted too."""
