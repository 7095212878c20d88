"""Makes a log of messages as several programs would write it: mixed types, Unicode, some invalid, always the same."""

import json
import random
from collections.abc import Iterator

_NAMES = ["alice", "bob", "Зоя", "艾达", "carol-77", "josé", "d'Artagnan", "😀 smile", *(f"user{n}" for n in range(40))]
_PLAIN = "the quick brown fox jumps over a lazy dog hello there how are you ok thanks see meeting at noon"
_WORDS = [*_PLAIN.split(), "привет", "мир", "你好", "🎉", "déjà", "vu", '"quoted"', "back\\slash", "line\nbreak"]
_WEIGHTS = {
    ("server", "message"): 64,
    ("client", "message"): 12,
    ("server", "private_message"): 6,
    ("client", "private_message"): 4,
    ("server", "private_confirmation"): 5,
    ("server", "system"): 5,
    ("client", "join"): 2,
    ("server", "server"): 1,
    ("server", "error"): 1,
}
_DIRECTIONS_AND_TYPES = list(_WEIGHTS)
_STYLES = ({"separators": (",", ":"), "ensure_ascii": False}, {}, {"ensure_ascii": False})
_DAMAGE = (
    lambda text: text[:-1],
    lambda text: text + "x",
    lambda text: text.replace('"type"', '"kind"'),
    lambda text: text.replace('"content"', '"contents"').replace('"message":', '"messages":'),
    lambda text: text.replace("{", '{"type":"x",', 1),
)


def lines(count: int, *, invalid: float = 0.01, seed: int = 1) -> Iterator[bytes]:
    """Yield so many lines, each with its LF; ``invalid`` is the share of those that are no valid message."""
    chance = random.Random(seed)
    kinds = chance.choices(_DIRECTIONS_AND_TYPES, list(_WEIGHTS.values()), k=count)
    for direction, name in kinds:
        text = json.dumps(_message(chance, direction, name), **chance.choice(_STYLES))
        if chance.random() < invalid:
            text = chance.choice(_DAMAGE)(text)
        yield text.encode() + b"\n"


def _message(chance: random.Random, direction: str, name: str) -> dict:
    who, text = chance.choice(_NAMES), " ".join(chance.choices(_WORDS, k=chance.randint(1, 20)))
    time = f"{chance.randrange(24):02}:{chance.randrange(60):02}:{chance.randrange(60):02}"
    delivered = chance.random() < 0.7
    members = {
        ("client", "join"): {"username": who},
        ("client", "message"): {"content": text},
        ("client", "private_message"): {"target": who, "content": text},
        ("server", "message"): {"username": who, "content": text, "timestamp": time},
        ("server", "private_message"): {"sender": who, "content": text, "timestamp": time},
        ("server", "private_confirmation"): {"target": who, "content": text, "delivered": delivered, "timestamp": time}
        | ({} if delivered else {"reason": "User not found"}),
        ("server", "system"): {"message": f"{who} joined the chat", "timestamp": time},
        ("server", "server"): {"message": text, "timestamp": time},
        ("server", "error"): {"message": "Username already taken", "code": "username_taken"},
    }
    return {"type": name} | members[direction, name]
