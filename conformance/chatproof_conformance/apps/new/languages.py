"""The languages in which there is a server to begin with, and how each is built, started and tested."""

from collections.abc import Mapping
from dataclasses import dataclass

PYTHON, NODE, GO, JAVA = "3.10", "20", "1.19", "17"
"""The oldest version of each that does."""


@dataclass(frozen=True, slots=True)
class Language:
    """A language.

    Attributes:
        title: its name.
        needs: what must be installed.
        source: the file to work on.
        run: the command that starts the server.
        test: the command that runs its tests.
        build: the command that builds it, empty if none is needed.
        ignored: what git is to ignore.
        setup: the step of a CI job that installs it: an action and its input; empty if it is there.
    """

    title: str
    needs: str
    source: str
    run: str
    test: str
    build: str = ""
    ignored: tuple[str, ...] = ()
    setup: tuple[str, str, str] | tuple[()] = ()


_JAVA_FILES = "Server.java Json.java ServerTest.java"
LANGUAGES: Mapping[str, Language] = {
    "python": Language(
        "Python",
        f"Python {PYTHON} or newer",
        "server.py",
        "python3 server.py {port}",
        "python3 -m unittest",
        ignored=("__pycache__/",),
    ),
    "javascript": Language(
        "JavaScript",
        f"Node.js {NODE} or newer",
        "server.js",
        "node server.js {port}",
        "node --test",
        ignored=("node_modules/",),
        setup=("actions/setup-node@v4", "node-version", NODE),
    ),
    "go": Language(
        "Go",
        f"Go {GO} or newer",
        "main.go",
        "./chat {port}",
        "go test ./...",
        build="go build -o chat .",
        ignored=("/chat",),
        setup=("actions/setup-go@v5", "go-version", "stable"),
    ),
    "java": Language(
        "Java",
        f"Java {JAVA} or newer",
        "Server.java",
        "java -cp build Server {port}",
        "java -cp build ServerTest",
        build=f"javac -d build {_JAVA_FILES}",
        ignored=("build/",),
        setup=("actions/setup-java@v4", "java-version", JAVA),
    ),
}
