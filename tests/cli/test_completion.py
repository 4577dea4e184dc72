"""Completion answers from the table of commands and imports none of them."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests import vaults
from tests.helpers import run_process

PROBE = """
import sys
from vaultcli.cli import COMMANDS, WRITE, Entry
COMMANDS["sign"] = Entry("vaultcli.cli.sign_is_not_there", "command", "Finish notes.", WRITE)
COMMANDS["simple"] = Entry("vaultcli.cli.simple_is_not_there", "command", "Another.", WRITE)
sys.argv = ["vaultcli"]
from vaultcli.cli.door import run
code = run([])
print([name for name in sys.modules if name.startswith("vaultcli.cli.") and name.endswith(("_there", "completion"))])
"""


def test_si_gives_what_begins_so_and_imports_no_command() -> None:
    env = {**os.environ, "_VAULTCLI_COMPLETE": "bash_complete", "COMP_WORDS": "vaultcli si", "COMP_CWORD": "1"}
    done = subprocess.run([sys.executable, "-c", PROBE], env=env, capture_output=True, text=True)
    assert done.stdout == "plain,sign\nplain,simple\n[]\n"


def test_options_and_arguments_complete() -> None:
    def complete(words: str, at: int) -> str:
        env = {"_VAULTCLI_COMPLETE": "bash_complete", "COMP_WORDS": words, "COMP_CWORD": str(at)}
        return run_process([], env=env).out

    assert "plain,--vault" in complete("vaultcli --", 1)
    assert complete("vaultcli completion ", 2) == "plain,bash\nplain,zsh\nplain,fish\n"
    assert complete("vaultcli compl b", 2) == "plain,bash\n"


def complete(words: str, at: int, cwd: Path | None = None) -> list[str]:
    env = {"_VAULTCLI_COMPLETE": "bash_complete", "COMP_WORDS": words, "COMP_CWORD": str(at)}
    done = run_process([], env=env, cwd=cwd)
    assert done.err == ""
    return [line for line in done.out.splitlines() if line]


@pytest.fixture(scope="module")
def practice(tmp_path_factory: pytest.TempPathFactory) -> vaults.World:
    return vaults.make(tmp_path_factory.mktemp("completion") / "vault", clients=("ada", "adam-lee", "bo"))


CLIENTS = ("new", "show", "save", "sign", "export", "verify", "list", "log", "edit", "cosign", "import", "client show", "attest")


@pytest.mark.parametrize("command", CLIENTS)
def test_handles_complete_and_names_are_not_shown(command: str, practice: vaults.World) -> None:
    words = f"vaultcli {command} ad"
    assert complete(words, len(words.split()) - 1, practice.vault.root) == ["plain,ada", "plain,adam-lee"]


def test_handles_of_the_vault_that_is_named(practice: vaults.World, tmp_path: Path) -> None:
    assert complete(f"vaultcli --vault {practice.vault.root} show b", 4, tmp_path) == ["plain,bo"]
    assert complete("vaultcli show b", 2, tmp_path) == ["file,b"]


def test_what_is_no_handle_may_be_a_file(practice: vaults.World) -> None:
    root = practice.vault.root
    assert complete("vaultcli show cha", 2, root) == ["file,cha"]
    assert complete("vaultcli import ada old", 3, root) == ["file,old"]
    assert complete("vaultcli sign ada b", 3, root) == ["plain,bo"]
    assert complete("vaultcli client add a", 3, root) == []


def test_a_damaged_register_gives_nothing_and_says_nothing(tmp_path: Path) -> None:
    world = vaults.make(tmp_path / "vault")
    (world.folder("ada") / "client.md").write_bytes(b"handle: \xff\n")
    (world.folder("bo") / "client.md").unlink()
    (world.folder("bo") / "client.md").mkdir()
    (world.vault.chart / "clients" / "stray").write_text("x")
    assert complete("vaultcli show ", 2, world.vault.root) == []
    (world.vault.root / "vault.toml").write_text("broken = [")
    assert complete("vaultcli show ", 2, world.vault.root) == []


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_the_script_is_printed(shell: str) -> None:
    done = run_process(["completion", shell])
    assert done.code == 0
    assert "_VAULTCLI_COMPLETE" in done.out
