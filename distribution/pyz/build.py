"""Builds the single file ``chatproof.pyz``: the command with all that it depends on, for every system.

Run: ``python distribution/pyz/build.py chatproof.pyz``. Of each dependency it takes the newest version that is written
in Python alone and runs on the oldest Python that we support. The same versions make the same bytes.
"""

import argparse
import email
import shutil
import subprocess
import sys
import tempfile
import zipfile
from collections.abc import Iterable, Iterator
from email.message import Message
from pathlib import Path

from packaging.markers import Marker
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

_HERE = Path(__file__).resolve().parent
_ROOT = _HERE.parents[1]
_OLDEST = "3.10"
_NEWEST_MINOR = 14
_SYSTEMS = (("linux", "posix", "Linux"), ("darwin", "posix", "Darwin"), ("win32", "nt", "Windows"))
_ENVIRONMENTS = [
    {
        "python_version": f"3.{minor}",
        "python_full_version": f"3.{minor}.0",
        "sys_platform": platform,
        "os_name": name,
        "platform_system": system,
    }
    for minor in range(10, _NEWEST_MINOR + 1)
    for platform, name, system in _SYSTEMS
]
"""What the markers of dependencies ask for, in each place where the file is to run."""
_PURE = ("--only-binary=:all:", "--platform=any", "--implementation=py", "--abi=none", f"--python-version={_OLDEST}")
_LEFT_OUT = {"psutil"}
"""Compiled, and nothing else would do: without it, what a server starts in turn is found on Linux only."""
_EPOCH = (1980, 1, 1, 0, 0, 0)
"""The time of every file in it: the earliest that a zip file has."""
_SHEBANG = b"#!/usr/bin/env python3\n"


def main() -> None:
    """Read the command line and build."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("output", type=Path, metavar="FILE", help="the file to write; its name ends with .pyz")
    parser.add_argument("--wheel", type=Path, help="our wheel, if it is built")
    arguments = parser.parse_args()
    if arguments.output.suffix != ".pyz":
        parser.error(f"{arguments.output}: the name must end with .pyz, by which the program knows what it is run as")
    with tempfile.TemporaryDirectory() as scratch:
        wheels = collect(Path(scratch), arguments.wheel)
        arguments.output.parent.mkdir(parents=True, exist_ok=True)
        write(arguments.output, wheels)
    for wheel in wheels:
        print(f"  {wheel.name}")  # noqa: T201  what is in it
    print(f"{arguments.output}: {arguments.output.stat().st_size:,} bytes")  # noqa: T201  the answer


def collect(scratch: Path, ours: Path | None) -> list[Path]:
    """Return the wheels of chatproof and of all that it needs on any system and Python, in the order of their names."""
    own, found = scratch / "own", scratch / "found"
    _pip("wheel", "--no-deps", f"--wheel-dir={own}", _HERE / "rpds", *([] if ours else [_ROOT]))
    if ours:
        shutil.copy(ours, own)
    (chatproof,) = own.glob("chatproof-*.whl")
    wanted = [str(chatproof)]
    while wanted:  # pip asks the markers of dependencies about this Python and system only
        _pip("download", *_PURE, f"--find-links={own}", f"--dest={found}", *wanted)
        wheels = sorted(found.glob("*.whl"))
        wanted = sorted(_missing([_metadata(wheel) for wheel in wheels]))
    return wheels


def _pip(*words: object) -> None:
    subprocess.run([sys.executable, "-m", "pip", "--quiet", *map(str, words)], check=True)  # noqa: S603  our own words


def _metadata(wheel: Path) -> Message:
    with zipfile.ZipFile(wheel) as opened:
        (name,) = [name for name in opened.namelist() if name.endswith(".dist-info/METADATA")]
        return email.message_from_bytes(opened.read(name))


def _missing(packages: Iterable[Message]) -> Iterator[str]:
    """Yield what one of the packages needs somewhere, and is not among them."""
    found = list(packages)
    names = {canonicalize_name(one["Name"]) for one in found}
    for needed in (Requirement(text) for one in found for text in one.get_all("Requires-Dist", ())):
        if canonicalize_name(needed.name) not in names | _LEFT_OUT and _is_needed(needed.marker):
            needed.marker = None
            yield str(needed)


def _is_needed(marker: Marker | None) -> bool:
    return marker is None or any(marker.evaluate({**place, "extra": ""}) for place in _ENVIRONMENTS)


def write(output: Path, wheels: Iterable[Path]) -> None:
    """Write the file: our start, and what is in the wheels.

    Raises:
        SystemExit: if there is something in them that is compiled.
    """
    with output.open("wb") as file:
        file.write(_SHEBANG)
        with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as archive:
            for name in ("__main__.py", "unpacking.py"):
                _add(archive, name, (_HERE / name).read_bytes())
            room = _ROOT / "common" / "chatproof_common" / "system"
            _add(archive, "cache_folder.py", (room / "cache_folder.py").read_bytes())
            for wheel in wheels:
                with zipfile.ZipFile(wheel) as opened:
                    for name in sorted(opened.namelist()):
                        if name.endswith((".so", ".pyd", ".dll", ".dylib")):
                            sys.exit(f"{wheel.name} has {name}, which is compiled for one system")
                        if ".data/" not in name and not name.endswith("/"):
                            _add(archive, f"site/{name}", opened.read(name))
    output.chmod(0o755)


def _add(archive: zipfile.ZipFile, name: str, data: bytes) -> None:
    member = zipfile.ZipInfo(name, _EPOCH)
    member.compress_type = zipfile.ZIP_DEFLATED
    member.external_attr = 0o644 << 16
    archive.writestr(member, data)


if __name__ == "__main__":
    main()
