"""The two roles in the protocol, and how the harness treats each."""

import enum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from chatproof_schemas import Requirement
    from chatproof_schemas.transcript import Checked


class Role(enum.Enum):
    """What a program is to its peers; the value is the word that recordings and reports have for it."""

    SERVER = "server"
    CLIENT = "client"
    _value_: "Checked"

    @property
    def command(self) -> str:
        """The subcommand that checks it."""
        return "check" if self is Role.SERVER else "check-client"


def role_of(requirement: "Requirement") -> Role:
    """Return who has to keep a requirement; a cluster is a server, of several addresses."""
    return Role.CLIENT if requirement.of == "client" else Role.SERVER
