"""The project's tasks: ``nox -l`` lists them, ``nox -s test -- tests/schemas`` runs one with arguments."""

from pathlib import Path

import nox

nox.options.sessions = ["lint", "test"]
nox.options.reuse_existing_virtualenvs = True


@nox.session
def test(session: nox.Session) -> None:
    """Run the tests, or those that are named after ``--``; the long ones with ``-- -m long``."""
    session.install("-e", ".[test]")
    session.run("python", "-m", "pytest", *session.posargs, env={"CHATPROOF_TEST_WHOLE_CLASS": "1"})


@nox.session
def lowest(session: nox.Session) -> None:
    """Run the tests, or those that are named after ``--``, with the oldest versions that pyproject.toml allows."""
    session.install("uv")
    session.run("uv", "pip", "install", "--resolution", "lowest-direct", "-e", ".[test]")
    session.run("python", "-m", "pytest", *session.posargs)


@nox.session
def without_posix(session: nox.Session) -> None:
    """Run the tests of server, client and tap without what Windows lacks; tests/support/windows leaves some out."""
    session.install("-e", ".[test]")
    lacking = {"PYTHONPATH": "tests/support/windows", "CHATPROOF_LACKS": "slow-clock,slow-refusals,silent-shutdown"}
    words = session.posargs or ["tests/reference", "tests/conformance/apps/tap/proxy"]
    session.run("python", "-m", "pytest", "-p", "left_out", "-m", "not needs and not long", *words, env=lacking)


@nox.session
def coverage(session: nox.Session) -> None:
    """Run all tests, the long ones too, with coverage of every process measured; fail if there is too little of it."""
    session.install("-e", ".[test]")
    folder = session.create_tmp()
    measured = {
        "COVERAGE_PROCESS_START": str(Path("pyproject.toml").resolve()),
        "COVERAGE_FILE": str(Path(folder, "data")),
        "COVERAGE_CORE": "sysmon",
    }
    session.run("python", "-m", "pytest", *session.posargs, env=measured)
    session.run("python", "-m", "pytest", "-m", "long", *session.posargs, env=measured)
    session.run("python", "-m", "coverage", "combine", "--quiet", env=measured)
    session.run("python", "-m", "coverage", "report", env=measured)


@nox.session
def fuzz(session: nox.Session) -> None:
    """Fuzz what reads the bytes of others, a minute for each target; ``nox -s fuzz -- --seconds 600 decoder``."""
    session.install("-e", ".[test,fuzz]")
    session.run("python", "tests/fuzz/run.py", *session.posargs)


@nox.session
def lint(session: nox.Session) -> None:
    """Run the linter, the formatter's check and the type checker."""
    session.install("-e", ".[test,lint]")
    session.run("ruff", "check", ".")
    session.run("ruff", "format", "--check", ".")
    for platform in ("linux", "darwin", "win32"):  # what another system lacks is an error only there
        session.run("mypy", "--platform", platform, "--cache-dir", f".mypy_cache/{platform}")
    session.run("hadolint", "Dockerfile")


@nox.session
def check(session: nox.Session) -> None:
    """Check the bundled server, or a server of your own: ``nox -s check -- localhost:12345``."""
    session.install("-e", ".")
    session.run("chatproof", "check", *session.posargs)


@nox.session
def pyz(session: nox.Session) -> None:
    """Build the command as one file, ``dist/chatproof.pyz``, that runs on any system's Python."""
    session.install("packaging")
    session.run("python", "distribution/pyz/build.py", *(session.posargs or ["dist/chatproof.pyz"]))


@nox.session
def docs(session: nox.Session) -> None:
    """Build the documentation site into ``build/site`` and fail on a broken link; ``nox -s docs -- serve`` shows it."""
    session.install("-e", ".[docs]")
    session.run("mkdocs", *(session.posargs or ["build", "--strict"]))


@nox.session
def selftest(session: nox.Session) -> None:
    """Run the harness against every faulty and conforming program (15 minutes), or some: ``-- --only NAME``."""
    session.install("-e", ".")
    session.run("chatproof", "selftest", *session.posargs)
