"""Completion answers from the table of commands and imports none of them."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

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


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_the_script_is_printed(shell: str) -> None:
    done = run_process(["completion", shell])
    assert done.code == 0
    assert "_VAULTCLI_COMPLETE" in done.out
