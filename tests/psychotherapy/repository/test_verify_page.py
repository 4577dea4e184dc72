"""The rules, their page and the code are one."""

from __future__ import annotations

import re
from pathlib import Path

from vaultcli.psychotherapy.repository.rules import RULES

ROOT = Path(__file__).resolve().parent.parent.parent.parent
CODE = ("record/sealed/admission.py", "places/sealed/history.py", "places/sealed/store.py", "psychotherapy/repository/verify.py",
        "psychotherapy/repository/verify_opened.py", "psychotherapy/notes/access_log.py")  # fmt: skip
USED = re.compile(r'"((?:sealed|access)-[a-z]+)"')


def test_every_rule_has_its_row_and_every_row_its_rule() -> None:
    page = (ROOT / "docs/spec/psychotherapy/verify.md").read_text(encoding="utf-8")
    rows = dict(re.findall(r"^\| `([a-z-]+)` \| (.+) \|$", page, re.MULTILINE))
    assert rows == {name: rule.what for name, rule in RULES.items()}


def test_every_rule_in_the_code_is_known() -> None:
    used = {word for name in CODE for word in USED.findall((ROOT / "vaultcli" / name).read_text(encoding="utf-8"))}
    assert {"sealed-blob", "sealed-plaintext", "sealed-chain"} <= used
    assert used <= set(RULES)
