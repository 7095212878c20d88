"""Sees the calls of the harness: of its own functions, and by them of anything else that has an effect outside them."""

import gc
import importlib
import pkgutil
import sys
from collections import Counter
from pathlib import Path
from types import CodeType, FunctionType

import chatproof_common
import chatproof_conformance

_PACKAGES = (chatproof_common, chatproof_conformance)
_FOLDERS = tuple(f"{package.__path__[0]}/" for package in _PACKAGES)
_NOT_IMPORTED = ("implementations", "__main__")
_TOOL = 4
"""A number that no other tool has."""
_PURE = {
    *("builtins", "functools", "_functools", "itertools", "_operator", "collections", "_collections", "_abc"),
    *("dataclasses", "_json", "_sre", "_struct", "math", "re"),
}
"""Modules whose functions have no effect outside the process, and fail only for what they are given."""


class Tracer:
    """Sees every call that our code makes or takes, counts them, and raises at one (by PEP 669, at hardly any cost)."""

    def __init__(self, call: str | None = None, number: int = 0, error: BaseException | None = None) -> None:
        """Raise an error at the how-manieth call of that name, or count all calls if no name is given."""
        self.raised = False
        self._call, self._number, self._error = call, number, error
        self._calls: Counter[tuple[CodeType, object]] = Counter()

    @property
    def calls(self) -> dict[str, int]:
        """How often each call was made."""
        told: Counter[str] = Counter()
        for (code, called), times in self._calls.items():
            if name := _told(code, called):
                told[name] += times
        return told

    def begin(self) -> None:
        """From now on see them."""
        events = sys.monitoring.events
        sys.monitoring.use_tool_id(_TOOL, "faults")
        sys.monitoring.register_callback(_TOOL, events.PY_START, lambda code, _: self._count(code, None))
        sys.monitoring.register_callback(_TOOL, events.CALL, lambda code, _, called, __: self._count(code, called))
        caller = self._call and self._call.partition(" -> ")[0]
        for code in _all_codes():
            if caller in (None, _name(code)):
                sys.monitoring.set_local_events(_TOOL, code, events.PY_START | events.CALL)

    def _count(self, code: CodeType, called: object) -> None:
        if self.raised or self._call not in (None, _told(code, called)):
            return
        named = called if called is None or hasattr(called, "__qualname__") else type(called)
        self._calls[code, named] += 1
        if self._error is not None and self._calls.total() == self._number:
            self.raised = True
            raise self._error


def _told(code: CodeType, called: object) -> str:
    """Return the name of a call; empty if it is not worth a fault."""
    if called is None:
        return _name(code)
    named = called if hasattr(called, "__qualname__") else type(called)
    module = str(getattr(named, "__module__", None) or getattr(named, "__objclass__", type(named)).__module__)
    if module in _PURE or module.startswith("chatproof"):
        return ""
    return f"{_name(code)} -> {module}.{named.__qualname__}"


def _all_codes() -> set[CodeType]:
    """Return the code of all functions of ours, of those within them too."""
    codes = [one.__code__ for one in gc.get_objects() if isinstance(one, FunctionType) and _is_ours(one.__code__)]
    for code in codes:
        codes += (one for one in code.co_consts if isinstance(one, CodeType))
    return set(codes)


def _is_ours(code: CodeType) -> bool:
    return code.co_filename.startswith(_FOLDERS)


def _name(code: CodeType) -> str:
    return f"{'.'.join(Path(code.co_filename).with_suffix('').parts[-2:])}:{code.co_qualname}"


def import_all() -> None:
    """Import all of the harness, so that no fork has to."""
    for package in _PACKAGES:
        for module in pkgutil.walk_packages(package.__path__, f"{package.__name__}."):
            if not any(name in module.name for name in _NOT_IMPORTED):
                importlib.import_module(module.name)
