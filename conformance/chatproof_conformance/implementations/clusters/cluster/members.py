"""Who has which name: the same everywhere after the same entries."""

User = tuple[int, int]
"""The node's incarnation, and the number of its connection."""


class Members:
    """The users of the chat."""

    def __init__(self) -> None:
        self.names: dict[User, str] = {}
        self.users: dict[str, User] = {}

    def refuses(self, user: User, name: str) -> str:
        """Return the code of the error for a join; empty if it succeeds."""
        if user in self.names:
            return "already_joined"
        return "username_taken" if name in self.users else ""

    def add(self, user: User, name: str) -> None:
        self.names[user] = name
        self.users[name] = user

    def remove(self, user: User) -> str | None:
        """Return the name that is free now; None if the user had none."""
        name = self.names.pop(user, None)
        if name is not None and self.users.get(name) == user:
            del self.users[name]
        return name

    def of_node(self, incarnation: int) -> list[tuple[str, User]]:
        """Return the users of a node, sorted by name."""
        return sorted((name, user) for user, name in self.names.items() if user[0] == incarnation)
