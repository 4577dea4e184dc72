"""Every rule that a verdict can name has its row in `docs/spec/verify.md`, and every row its rule."""

from __future__ import annotations

import re
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
USED = re.compile(
    r'(?:\breport|\._changed|\bfinding)\(\s*"([a-z]+(?:-[a-z]+)*)"'
    r'|\bFinding\((?:[^()"]|\([^()]*\)|f?"[^"]*")*?,\s*"([a-z]+(?:-[a-z]+)*)",'
    r'|\b_stop\([^"]*"([a-z]+(?:-[a-z]+)*)"'
)


def code() -> str:
    rooms = ("record/rules", "verify", "places/audit")
    paths = [path for room in rooms for path in sorted((ROOT / "vaultcli" / room).glob("*.py"))]
    return "\n".join(path.read_text(encoding="utf-8") for path in paths)


def documented() -> list[str]:
    page = (ROOT / "docs/spec/verify.md").read_text(encoding="utf-8")
    return re.findall(r"^\| `([a-z-]+)` \| [^|\n]+ \|$", page, re.MULTILINE)


def test_every_rule_in_the_code_has_its_row():
    used = {next(filter(None, match)) for match in USED.findall(code())}
    assert {"note-changed", "signers-changed", "unsettled", "rollback"} <= used
    assert used - set(documented()) == set()


def test_every_row_has_its_rule_and_stands_once():
    text, rows = code(), documented()
    assert len(rows) == len(set(rows)) > 50
    assert [rule for rule in rows if f'"{rule}"' not in text and rule != "signers-changed"] == []
