"""Changes an input whose lines hold JSON so that it is JSON still: bytes that change at random seldom are.

A string may hold JSON again, as the frames and requests of a recording do; there the change goes on.
"""

import json

VALUES = ("", "a\x7f\u202e", None, True, -1.5, 10**30, ["a"], {"a": 1})


def changed(data, chance):
    """Return an input with a value of one of its lines changed, taken out or twice; as it is if no line has any."""
    lines = data.split(b"\n")
    at = chance.randrange(len(lines))
    begin = lines[at].find(b"{")
    try:
        value = json.loads(lines[at][begin:] if begin >= 0 else b"")
    except (ValueError, RecursionError):
        return data
    text = json.dumps(changed_value(value, chance), ensure_ascii=chance.random() < 0.5)
    lines[at] = lines[at][:begin] + text.encode("utf-8", "surrogatepass")
    lines[at:at] = lines[at : at + 1] if chance.random() < 0.1 else []
    return b"\n".join(lines)


def changed_value(value, chance):
    if isinstance(value, dict | list) and value and chance.random() < 0.9:
        return changed_inside(value, chance)
    if isinstance(value, str) and chance.random() < 0.8:
        try:
            return json.dumps(changed_value(json.loads(value), chance)) + "\n" * value.endswith("\n")
        except (ValueError, RecursionError):
            pass
    return chance.choice(VALUES)


def changed_inside(value, chance):
    key = chance.choice(list(value) if isinstance(value, dict) else range(len(value)))
    changed = value.copy()
    if chance.random() < 0.1:
        del changed[key]
    else:
        changed[key] = changed_value(value[key], chance)
    return changed
