"""What a message, a page or a template tells the user to run is there to be run."""

import re
from pathlib import Path

from vaultcli.cli import COMMANDS

TOP = Path(__file__).parent.parent
_SAID = re.compile(r"`vaultcli ([a-z]+)\b")


def test_every_command_that_is_named_exists():
    pages = [*TOP.glob("*.md"), *(TOP / "docs").rglob("*.md"), *(TOP / "vaultcli").rglob("*.py")]
    pages += [one for one in (TOP / "hooks").rglob("*") if one.is_file()]
    named = {(word, page.name) for page in pages for word in _SAID.findall(page.read_text(encoding="utf-8"))}
    assert len(named) > 50
    assert {(word, page) for word, page in named if word not in COMMANDS} == set()
