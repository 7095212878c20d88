"""How a case says which requirements it proves, and which of its input is generated."""

import functools
from collections.abc import Callable
from typing import Any, TypeVar

from hypothesis import given
from hypothesis.strategies import SearchStrategy

from chatproof_conformance.outcomes import Abandoned, Broken, Outcome

Case = TypeVar("Case", bound=Callable[..., None])

ATTRIBUTE = "proves_requirements"
GENERATED = "has_generated_input"


def requirement(*ids: str) -> Callable[[Case], Case]:
    """Mark a case with the ids of the requirements that it proves; the first is broken where it fails unspecifically."""

    def mark(case: Case) -> Case:
        setattr(case, ATTRIBUTE, ids)
        return case

    return mark


def generated(**strategies: SearchStrategy[Any]) -> Callable[[Callable[..., None]], Callable[..., None]]:
    """Run a case once for each of many generated inputs, as many as the budget allows.

    A failure is shrunk. Anything else that ends an example early (a lost fence, a server that is gone) ends the case
    at once: shrinking it would show nothing.
    """

    def wrap(case: Callable[..., None]) -> Callable[..., None]:
        @functools.wraps(case)
        def example(chat: Any, **arguments: Any) -> None:
            chat.begins_example()
            try:
                case(chat, **arguments)
            except Broken:
                raise
            except Outcome as outcome:
                raise Abandoned(outcome) from None

        test = given(**strategies)(example)
        setattr(test, GENERATED, True)
        return test

    return wrap
