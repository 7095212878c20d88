"""Which implementation a report is about: its name, its version, and where it is found."""

from dataclasses import dataclass

from chatproof_common.system.shell_words import quote_word


@dataclass(frozen=True, slots=True)
class Identity:
    """What an implementation is called; each member is empty if it was not said.

    Attributes:
        name: of the implementation, the same in all of its reports.
        version: of its release, or a commit.
        address: where its project is found.
    """

    name: str = ""
    version: str = ""
    address: str = ""

    @property
    def words(self) -> str:
        """The words of a command line that say this, each with a space before it."""
        given = {"--name": self.name, "--release": self.version, "--homepage": self.address}
        return "".join(f" {option} {quote_word(value)}" for option, value in given.items() if value)

    def as_json(self, otherwise: str) -> dict[str, str | None]:
        """Return it as a report has it; ``otherwise`` is the name if none was said."""
        return {"name": self.name or otherwise, "version": self.version or None, "address": self.address or None}
