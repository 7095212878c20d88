"""The schemas as a Python module: a function for each type and each shared definition, and nothing to be interpreted.

It knows the few rules that the schemas use. A schema with another one cannot be made into code: then the task fails.
"""

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from chatproof_schemas.schemas import Direction, load_schema, message_types

_ANNOTATIONS = {"$schema", "$id", "title", "description", "examples", "$comment"}
_TYPES = {"string": "str", "boolean": "bool"}
_WIDTH = 120
_HEAD = '''"""Whether the members of a message are valid, for each type. Made from the schemas: change those instead.

Written by ``python -m chatproof_schemas.generate``. What is judged are the members of a JSON object with that ``type``.
"""

import re
from collections.abc import Callable
from typing import Any
'''


def checks_module() -> str:
    """Return the text of the module.

    Raises:
        ValueError: if a schema has a rule that cannot be made into code; the text names the schema and the rule.
    """
    shared = load_schema("common")["$defs"]
    constants = [line for name, rules in shared.items() for line in _constants(name, rules)]
    functions = [
        _function(f"_is_{name}", "value: object", _terms(name, "value", rules)) for name, rules in shared.items()
    ]
    tables = []
    for direction in Direction:
        names = {name: f"_is_{direction.value}_{name}" for name in message_types(direction)}
        for name, function in names.items():
            terms = _members(f"{direction.value}/{name}", load_schema(f"{direction.value}/{name}"))
            functions.append(_function(function, "members: dict[str, Any]", terms))
        tables.append(_table(direction.name, names))
    return "\n\n\n".join(["\n".join([_HEAD, *constants]), *functions, "\n".join(tables)]) + "\n"


def _members(place: str, schema: Mapping[str, Any]) -> Iterator[str]:
    """Yield the conditions of the members of a type, but for ``type``: by that its function is found."""
    rules = [rule for rule in schema if rule not in _ANNOTATIONS]
    if rules != ["type", "properties", "required"] or schema["type"] != "object":
        raise ValueError(f"{place}: cannot make code of {rules}; expected type, properties and required")
    for member, own in schema["properties"].items():
        if member == "type":
            continue
        if "$ref" in own:
            whole = f"_is_{own['$ref'].rpartition('/')[2]}(%s)"
        else:
            (whole,) = _terms(f"{place}/{member}", "%s", own)  # more than one rule makes a shared definition
        name = _string(member)
        if member in schema["required"]:
            yield whole % f"members.get({name})"
        else:
            yield f"({name} not in members or {whole % f'members[{name}]'})"


def _terms(place: str, value: str, rules: Mapping[str, Any]) -> Iterator[str]:
    """Yield the conditions of a value; the first of them refuses what is missing, which is None here."""
    known = _judging(rules)
    wanted, words = known.pop("type", None), known.pop("enum", ())
    if wanted in _TYPES and not words:
        yield f"isinstance({value}, {_TYPES[wanted]})"
    elif words and all(isinstance(word, str) for word in words) and not known:
        yield f"{value} in {_tuple(words)}"
    else:
        raise ValueError(f"{place}: cannot make code of {rules}; expected strings, a boolean, or an enum of strings")
    least, most = known.pop("minLength", None), known.pop("maxLength", None)
    if least is not None and most is not None:
        yield f"{least} <= len({value}) <= {most}"
    elif least is not None:
        yield f"len({value}) >= {least}"
    elif most is not None:
        yield f"len({value}) <= {most}"
    if known.pop("pattern", None) is not None:
        yield f"_{place.upper()}_PATTERN.search({value}) is not None"
    if known.pop("allOf", None) is not None:
        yield f"_{place.upper()}_REFUSED.search({value}) is None"
    if known:
        raise ValueError(f"{place}: cannot make code of the rule {', '.join(known)}")


def _constants(name: str, rules: Mapping[str, Any]) -> Iterator[str]:
    """Yield the definitions of the patterns that the conditions of a shared definition need."""
    if "pattern" in rules:
        yield f"_{name.upper()}_PATTERN = re.compile({_string(rules['pattern'])})"
    if "allOf" in rules:
        patterns = "|".join(_refused(name, part) for part in rules["allOf"])
        yield f"_{name.upper()}_REFUSED = re.compile(\n    {_string(patterns)}\n)"


def _refused(place: str, rules: Mapping[str, Any]) -> str:
    """Return the pattern that a part of ``allOf`` refuses."""
    known = _judging(rules)
    pattern = str(known.get("not", {}).get("pattern", ""))
    if known != {"not": {"type": "string", "pattern": pattern}} or re.compile(pattern).groups:
        raise ValueError(f"{place}: cannot make code of {rules}; expected not, with a pattern without groups")
    return pattern


def _judging(rules: Mapping[str, Any]) -> dict[str, Any]:
    return {rule: wanted for rule, wanted in rules.items() if rule not in _ANNOTATIONS}


def _function(name: str, parameter: str, terms: Iterator[str]) -> str:
    all_terms = list(terms)
    line = f"    return {' and '.join(all_terms)}"
    if len(line) > _WIDTH and len(all_terms) > 1:
        line = "    return (\n        " + "\n        and ".join(all_terms) + "\n    )"
    return f"def {name}({parameter}) -> bool:\n{line}"


def _tuple(words: Sequence[str]) -> str:
    return "(\n" + "".join(f"        {_string(word)},\n" for word in words) + "    )"


def _table(name: str, functions: Mapping[str, str]) -> str:
    lines = (f"    {_string(key)}: {function},\n" for key, function in functions.items())
    return f"{name}: dict[str, Callable[[dict[str, Any]], bool]] = {{\n{''.join(lines)}}}"


def _string(text: str) -> str:
    """Return a literal of ASCII: what JSON escapes, Python escapes alike."""
    return json.dumps(text)
