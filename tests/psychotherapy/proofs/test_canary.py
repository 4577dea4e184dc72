"""What is typed in real editors through the commands is nowhere afterwards: short form of `python -m tests.leaks.commands`."""

from __future__ import annotations

import shutil
import sys
from pathlib import Path

import pytest

from tests import everyday
from tests.leaks import disks, sitting
from tests.leaks.cases import Site
from tests.leaks.commands import BEGIN, END, PAGE

SHORT = (("nano", "kill-us", "new"), ("vim", "hang-up", "edit"), ("micro", "kill-editor", "new"), ("emacs", "save", "edit"))

pytestmark = pytest.mark.skipif(not sys.platform.startswith("linux"), reason="SKIPPED: private editing was NOT tried here")


@pytest.mark.parametrize(("editor", "ending", "way"), everyday.some(SHORT, 2))
def test_nothing_leaks_and_what_was_saved_comes_back(on_disk: Path, editor: str, ending: str, way: str) -> None:
    if not sitting.there(editor):
        pytest.skip(f"SKIPPED: {editor} is not installed, so the commands were NOT tried in it")
    outcome = sitting.run(Site(on_disk / "site"), editor, ending, way)
    assert outcome.good, outcome
    assert outcome.looks > 100, "the process list was not looked at"


def test_a_full_memory_loses_nothing_that_was_saved(on_disk: Path) -> None:
    if not disks.can_mount() or not sitting.there("nano") or shutil.which("unshare") is None:
        pytest.skip("SKIPPED: mounting needs root and nano, so a full memory was NOT tried")
    with disks.small_memory(on_disk) as memory:
        outcome = sitting.run(Site(on_disk / "site", runtime=memory), "nano", "full", "new")
    assert outcome.good, outcome


def test_the_search_finds_a_text_that_plain_git_was_given(on_disk: Path) -> None:
    site = Site(on_disk / "site")
    found = sitting.caught(site)
    assert found[0] == "object"
    assert str(site.work / "draft") in found


def test_the_page_has_the_whole_table() -> None:
    table = PAGE.read_text(encoding="utf-8").partition(BEGIN)[2].partition(END)[0]
    for editor in ("vim", "nvim", "nano", "emacs", "micro", "joe"):
        assert f"| {editor} " in table
    assert "0/1" not in table
