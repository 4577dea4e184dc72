"""Every script of `docs/api.md` runs as it is written, in a small vault, and prints what the page says."""

from __future__ import annotations

import contextlib
import datetime as dt
import io
import re
from pathlib import Path

import pytest

import vaultcli
from tests import vaults
from vaultcli import Vault
from vaultcli.api import clock

PAGE = (Path(__file__).parents[1] / "docs" / "api.md").read_text(encoding="utf-8")
NOW = dt.datetime.fromisoformat("2026-11-23T15:00:00-05:00")
_BLOCK = re.compile(r"^## (?P<head>[^\n]+)$|^```(?P<kind>\w+)(?: (?P<name>\S+))?\n(?P<text>.*?)^```$", re.MULTILINE | re.DOTALL)


def scripts() -> list[tuple[str, str, dict[str, str], str]]:
    """Heading, code, the files that stand before it, and what it prints."""
    found, head, files = [], "Python API", {}
    for block in _BLOCK.finditer(PAGE):
        if block["head"]:
            head, files = block["head"], {}
        elif block["name"]:
            files[block["name"]] = block["text"]
        elif block["kind"] == "python":
            found.append((head, block["text"], dict(files), ""))
        elif block["kind"] == "text":
            found[-1] = (*found[-1][:3], block["text"])
    return found


@pytest.fixture
def world(tmp_path, monkeypatch):
    made = vaults.make(tmp_path / "vault")
    monkeypatch.chdir(made.vault.root)
    monkeypatch.setattr(clock, "system", lambda: NOW)
    for handle, day in (("ada", "2026-11-16"), ("ada", "2026-11-20"), ("bo", "2026-11-19")):
        made.write(handle, vaults.NOTE.replace(b"date: 2026-11-20", f"date: {day}".encode()), day=day)
    with Vault.open() as vault:
        vault.sign(vault.notes("ada"))
    return made


@pytest.mark.parametrize(("head", "code", "files", "printed"), scripts(), ids=[one[0] for one in scripts()])
def test_script(world, head, code, files, printed):
    if '"pdf"' in code:
        pytest.importorskip("vaultcli.export.paper.pdf")
    for name, text in files.items():
        Path(name).write_text(text)
    out = io.StringIO()
    with contextlib.redirect_stdout(out):
        exec(compile(code, f"docs/api.md, {head}", "exec"), {"__name__": "__main__"})
    assert out.getvalue() == printed
    check = CHECKS.get(head)
    if check:
        check()


def _charts():
    made = sorted(Path("charts").iterdir())
    assert len(made) == 2
    assert all(path.read_bytes().startswith(b"%PDF-") for path in made)


def _week():
    if Path("week.csv").exists():
        assert len(Path("week.csv").read_bytes().splitlines()) == 3


CHECKS = {"Every chart as PDF": _charts, "The week as CSV": _week}


def test_the_page_has_scripts():
    assert len(scripts()) >= 10
    assert all(CHECKS.keys() & {head} or printed or "csv" in code for head, code, _, printed in scripts())


def test_the_page_names_everything_public():
    for name in vaultcli.__all__:
        assert f"`{name}" in PAGE or name == "__version__", name
    for owner in (Vault, vaultcli.Note):
        public = [name for name in vars(owner) if not name.startswith("_") and name not in ("chart", "close", "entry")]
        assert [name for name in public if f"`{name}" not in PAGE and f".{name}" not in PAGE] == []
