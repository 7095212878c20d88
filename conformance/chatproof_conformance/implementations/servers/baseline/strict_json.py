"""From the bytes of a frame to a JSON value and back, as strictly as the protocol asks."""

import json
import re

from baseline.refused import Refused


class StrictJson:
    """RFC 8259 and no more; no member name twice, no lone surrogate."""

    surrogate = re.compile("[\ud800-\udfff]")
    refuses_control_characters = True

    def __init__(self) -> None:
        self.encoder = self.make_encoder()
        self.decoder = json.JSONDecoder(
            strict=self.refuses_control_characters,
            object_pairs_hook=self.make_object,
            parse_constant=self.refuse_constant,
            parse_int=self.read_integer,
        )

    def make_encoder(self) -> json.JSONEncoder:
        return json.JSONEncoder(ensure_ascii=False, separators=(",", ":"))

    def decode(self, frame: bytes):
        """Return the value, of whatever type.

        Raises:
            Refused: not UTF-8, not JSON, a member name twice or a lone surrogate.
        """
        try:
            value = self.parse(self.decode_text(frame))
            if self.may_hold_surrogate(frame):
                self.refuse_surrogates(value)
        except RecursionError:
            raise Refused("malformed_json", "The frame is nested too deeply") from None
        return value

    def decode_text(self, frame: bytes) -> str:
        try:
            return frame.decode("utf-8")
        except UnicodeDecodeError:
            raise Refused("malformed_json", "The frame is not UTF-8") from None

    def parse(self, text: str):
        try:
            return self.decoder.decode(text)
        except ValueError:
            raise Refused("malformed_json", "The frame is not JSON") from None

    def make_object(self, pairs: list) -> dict:
        members = dict(pairs)
        if len(members) != len(pairs):
            raise Refused("malformed_json", "A member name stands twice")
        return members

    def refuse_constant(self, name: str):
        raise Refused("malformed_json", f"{name} is not JSON")

    def read_integer(self, digits: str) -> float:
        # Python converts no integer of thousands of digits; here its value matters to nobody.
        return float(digits) if len(digits) > 300 else int(digits)

    def may_hold_surrogate(self, frame: bytes) -> bool:
        return b"\\u" in frame

    def refuse_surrogates(self, value) -> None:
        if isinstance(value, str) and self.surrogate.search(value):
            raise Refused("malformed_json", "A surrogate without its other half")
        if isinstance(value, dict):
            for item in (*value.keys(), *value.values()):
                self.refuse_surrogates(item)
        if isinstance(value, list):
            for item in value:
                self.refuse_surrogates(item)

    def encode(self, message: dict) -> bytes:
        """Return the frame with its LF."""
        return self.encoder.encode(message).encode() + b"\n"
