"""How a case says which requirements it proves, and which of its input is generated."""

import functools
import inspect
from collections.abc import Callable
from typing import Any, TypeVar

from hypothesis import given
from hypothesis.errors import HypothesisException
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

    A failure is shrunk. Anything else that ends an example early (a lost fence, a client that is gone, or an error of
    ours) ends the case at once: shrinking it would show nothing, and would replace the traffic by which it died.
    """

    def wrap(case: Callable[..., None]) -> Callable[..., None]:
        session = next(iter(inspect.signature(case).parameters))

        @functools.wraps(case)
        def example(*first: Any, **arguments: Any) -> None:
            there = first[0] if first else arguments[session]
            there.traffic.begin_example()
            try:
                _try(case, there, *first, **arguments)
            except (Broken, HypothesisException):
                raise
            except Outcome as outcome:
                raise Abandoned(outcome) from None
            except Exception as error:  # noqa: BLE001  what the next example sees would be called the client's fault
                raise Abandoned(error) from None

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
