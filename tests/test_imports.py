"""What the quick paths do not pay for."""

from __future__ import annotations

import subprocess
import sys

import pytest

HEAVY = {
    "yaml", "frontmatter", "git", "gitdb", "cryptography", "markdown_it", "pyrage", "tomlkit", "platformdirs",
    "subprocess", "multiprocessing", "asyncio", "socket", "ssl", "http", "urllib.request", "sqlite3", "email",
    "tempfile", "typst", "concurrent.futures", "hashlib", "secrets", "random", "importlib.metadata",
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
    ours = {"vaultcli", "vaultcli.__main__", "vaultcli.ground", "vaultcli.ground.version"}
    assert modules("--version") <= {*ours, "__future__", "atexit", "gc"}


def test_help_imports_no_command() -> None:
    ours = {name for name in modules("--help") if name.startswith("vaultcli.")}
    door = {f"vaultcli.cli.{name}" for name in ("door", "lazygroup", "ui", "ui.clock", "ui.errors", "ui.terminal")}
    ground = {f"vaultcli.{name}" for name in ("ground", "ground.errors", "ground.version")}
    assert ours == {"vaultcli.__main__", "vaultcli.cli", *ground, *door}


def loaded(code: str) -> set[str]:
    """What a script imports, over what starting Python itself imports."""
    probe = f"import sys\nbefore = set(sys.modules)\n{code}\nprint(*sorted(set(sys.modules) - before))"
    return set(subprocess.run([sys.executable, "-c", probe], capture_output=True, text=True, check=True).stdout.split())


def test_the_package_imports_nothing_but_itself() -> None:
    assert loaded("import vaultcli") == {"vaultcli"}


def test_a_script_pays_for_what_it_uses() -> None:
    """Opening a vault needs neither the means to verify nor those to export."""
    came = loaded("from vaultcli import Vault, VaultError")
    assert not came & {"cryptography", "git", "click", "markdown_it", "sqlite3", "multiprocessing"}
    assert not {name for name in came if name.startswith(("vaultcli.verify", "vaultcli.export", "vaultcli.cli"))}


def test_no_way_leads_from_the_api_to_psychotherapy_notes() -> None:
    code = "import vaultcli\n[getattr(vaultcli, name) for name in vaultcli.__all__]"
    assert not {name for name in loaded(code) if "psychotherapy" in name or "sealed" in name}
