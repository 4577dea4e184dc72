"""What the quick paths do not pay for."""

from __future__ import annotations

import subprocess
import sys

import pytest

HEAVY = {
    "yaml", "frontmatter", "git", "gitdb", "cryptography", "markdown_it", "pyrage", "tomlkit", "platformdirs",
    "subprocess", "multiprocessing", "asyncio", "socket", "ssl", "http", "urllib.request", "sqlite3", "email",
    "tempfile", "concurrent.futures", "hashlib", "secrets", "random", "importlib.metadata",
}  # fmt: skip
"""Packages and modules no quick path imports."""

PROBE = """
import atexit, sys
atexit.register(lambda: print("MODULES", *sorted(sys.modules), file=sys.stderr))
sys.argv = ["vaultcli", *sys.argv[1:]]
from vaultcli.__main__ import main
main()
"""


def modules(*args: str) -> set[str]:
    """What a command line imports, over what starting Python itself imports."""
    done = subprocess.run([sys.executable, "-c", PROBE, *args], capture_output=True, text=True)
    assert "MODULES" in done.stderr
    bare = subprocess.run(
        [sys.executable, "-c", "import sys; print(*sys.modules)"], capture_output=True, text=True
    ).stdout.split()
    return set(done.stderr.partition("MODULES")[2].split()) - set(bare)


@pytest.mark.parametrize("args", [["--version"], ["--help"], [], ["completion", "fish"], ["nonsense"]], ids=" ".join)
def test_nothing_heavy(args: list[str]) -> None:
    assert modules(*args) & HEAVY == set()


def test_version_imports_next_to_nothing() -> None:
    assert modules("--version") <= {"vaultcli", "vaultcli.__main__", "__future__", "atexit"}


def test_help_imports_no_command() -> None:
    ours = {name for name in modules("--help") if name.startswith("vaultcli.")}
    door = {f"vaultcli.cli.{name}" for name in ("clock", "door", "group", "terminal", "trouble")}
    assert ours == {"vaultcli.__main__", "vaultcli.cli", "vaultcli.ground", "vaultcli.ground.errors", *door}
