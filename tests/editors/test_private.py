"""Private texts in real editors in a real terminal: the short form of `python -m tests.leaks`, and job control."""

from __future__ import annotations

import base64
import os
import shutil
import signal
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pexpect
import pytest

from tests import everyday
from tests.leaks import cases, disks, driver
from tests.leaks.__main__ import BEGIN, END, PAGE, WAYS
from tests.leaks.cases import Case, Site
from tests.leaks.keys import EDITORS
from tests.leaks.searching import Search, forms
from vaultcli.ground.editor import profiles as editorprofiles
from vaultcli.ground.editor import ram

SHORT = {
    "vim": "kill-us", "nvim": "discard", "nano": "save", "emacs": "kill-editor", "micro": "hang-up", "joe": "hang-up",
    "jed": "save", "ne": "discard", "mg": "kill-us", "kak": "terminate",
}  # fmt: skip
"""One ending each, so that every ending is tried; the command tries all of all."""

HOW = {"mg": ("no-space",), "jed": ("no-space",)}
"""Where the folder is on a tmpfs, which does not go by itself: the keeper has to empty it."""

pytestmark = pytest.mark.skipif(not sys.platform.startswith("linux"), reason="SKIPPED: private editing was NOT tried here")


@pytest.fixture
def site(on_disk: Path) -> Site:
    return Site(on_disk / "site")


def needs(editor: str) -> None:
    if shutil.which(EDITORS[editor].program) is None:
        pytest.skip(f"SKIPPED: {editor} is not installed, so private editing in it was NOT tried")


@pytest.mark.parametrize("editor", everyday.these(EDITORS, ["emacs", "nano", "vim"]))
def test_nothing_leaks_nothing_is_left_nothing_is_lost(site: Site, editor: str) -> None:
    needs(editor)
    outcome = cases.run(site, editor, SHORT[editor], HOW.get(editor, ()))
    assert outcome.good, outcome
    assert outcome.looks > 100, "the process list was not looked at"


def test_every_ending_is_tried_in_the_short_form() -> None:
    assert set(SHORT) == set(EDITORS)
    assert set(SHORT.values()) | {"full"} == set(cases.ENDINGS)


def test_the_search_finds_what_an_editor_leaves_that_nobody_keeps(site: Site) -> None:
    needs("vim")
    assert cases.unkept(site, "vim")


def test_an_editor_without_jail_and_flags_leaks_and_is_found(site: Site) -> None:
    needs("vim")
    outcome = cases.run(site, "vim", "hang-up", ("no-space", "no-jail", "no-flags"))
    assert any("/home/.vim/" in place for place in outcome.leaks)


def test_a_full_memory_loses_nothing_that_was_saved(on_disk: Path) -> None:
    needs("nano")
    if not disks.can_mount():
        pytest.skip("SKIPPED: mounting needs root, so a full memory was NOT tried")
    with disks.small_memory(on_disk) as memory:
        outcome = cases.run(Site(on_disk / "site", runtime=memory), "nano", "full")
    assert outcome.good, outcome


@pytest.fixture
def shell(site: Site) -> Iterator[pexpect.spawn]:
    """A shell with job control, as a person has."""
    needs("vim")
    (site.vault / "start").write_bytes(driver.veiled(b"first\nthen OLDWORD\n"))
    environment = {**site.environment(str(shutil.which("vim"))), "PS1": "READY> "}
    options = ["--norc", "--noediting", "-i"]
    child = pexpect.spawn("/bin/bash", options, env=environment, cwd=site.work, timeout=20, dimensions=(30, 100))
    child.expect_exact("READY> ")
    yield child
    child.close(force=True)


def test_ctrl_z_stops_it_and_fg_brings_it_back(site: Site, shell: pexpect.spawn) -> None:
    shell.sendline(f"{sys.executable} -m tests.leaks.driver {site.vault}")
    shell.expect_exact("OLDWORD")
    time.sleep(0.3)
    shell.send("\x1a")
    shell.expect_exact("Stopped")
    shell.expect_exact("READY> ")
    shell.sendline("bg; echo in-the-background")
    shell.expect_exact("in-the-background\r\n")
    shell.sendline("echo still-$((40 + 2))")
    shell.expect_exact("still-42", timeout=5)
    shell.sendline("fg")
    shell.expect_exact("OLDWORD")
    time.sleep(0.3)
    shell.send("\x03")  # Ctrl-C is the editor's alone
    time.sleep(0.3)
    shell.send("ityped \x1b:wq\r")
    shell.expect_exact("READY> ")
    text, _, _ = (site.vault / "result").read_bytes().rpartition(b"\n")
    assert driver.veiled(text) == b"typed first\nthen OLDWORD\n"


@pytest.mark.parametrize("who", ["editor", "keeper"])
def test_the_terminal_is_whole_after_a_kill(site: Site, shell: pexpect.spawn, who: str) -> None:
    shell.sendline(f"{sys.executable} -m tests.leaks.driver {site.vault}; stty -a")
    shell.expect_exact("OLDWORD")
    pid = int((site.vault / "process").read_text())
    (keeper,) = cases.children(pid)
    (editor,) = cases.children(keeper)
    os.kill(editor if who == "editor" else keeper, signal.SIGKILL)
    shell.expect_exact("\x1b[?1049l")
    shell.expect(r"[ ;]icanon")
    shell.expect_exact("READY> ")
    shell.sendline("echo whole-$((40 + 2))")
    shell.expect_exact("whole-42")


@pytest.mark.parametrize("how", ["", "no-space"])
def test_kill_9_below_a_shell_leaves_neither_editor_nor_text(site: Site, shell: pexpect.spawn, how: str) -> None:
    """The terminal stays open here, so that nobody hangs the editor up: the keeper alone notices."""
    shell.sendline(f"{sys.executable} -m tests.leaks.driver {site.vault} {how}")
    shell.expect_exact("OLDWORD")
    pid = int((site.vault / "process").read_text())
    (keeper,) = cases.children(pid)
    (editor,) = cases.children(keeper)
    (folder,) = [Path(os.readlink(f"/proc/{editor}/cwd"))]
    assert folder.name.startswith(ram.PREFIX)
    os.kill(pid, signal.SIGKILL)
    assert cases.gone(editor)
    assert cases.gone(keeper)
    assert not folder.exists() or not any(folder.iterdir())
    shell.expect_exact("READY> ")
    shell.sendline("echo whole-$((40 + 2))")
    shell.expect_exact("whole-42")


def test_a_word_is_found_however_it_is_written(tmp_path: Path) -> None:
    search = Search(["CANARYWORD"])
    for number, form in enumerate(forms("CANARYWORD")):
        (tmp_path / str(number)).write_bytes(b"\0" * ((1 << 20) - 5) + form)
    (tmp_path / "of-CANARYWORD").touch()
    (tmp_path / "link").symlink_to("/x/CANARYWORD")
    (tmp_path / "clean").write_bytes(b"CANARY WORD")
    assert len(search.folders([tmp_path])) == len(forms("CANARYWORD")) + 2
    for skip in range(4):
        assert search.hits(base64.b64encode(b"x" * skip + b"CANARYWORD" + b"tail"))


def test_a_case_that_loses_text_is_seen(site: Site) -> None:
    """The judge itself can say no: the second save never comes."""
    needs("mg")
    case = Case(site, "mg")
    case.open()
    case.press(case.keys.leave)
    assert cases.judge(case, "save", [case.saved]) == [f"{case.saved[:4]} is missing"]
    case.child.close(force=True)


def test_the_page_shows_every_editor_and_every_ending_as_tried() -> None:
    """The table is the command's own (`--update`): every cell was tried, and all that was tried was good."""
    table = PAGE.read_text(encoding="utf-8").partition(BEGIN)[2].partition(END)[0]
    rows = [[cell.strip() for cell in line.strip("|").split("|")] for line in table.splitlines() if line.startswith("|")]
    assert rows[0] == ["editor", *cases.ENDINGS]
    assert [row[0].split()[0] for row in rows[2:]] == list(EDITORS)
    for row in rows[2:]:
        for ending, cell in zip(rows[0][1:], row[1:], strict=True):
            parts = cell.split(" · ")
            assert len(parts) == len(WAYS), row
            counts = [part.split("/") for part in parts if part != "-"]
            assert counts, row
            assert all(good == tried != "0" for good, tried in counts), row
            assert len(counts) == (1 if ending == "full" else len(WAYS)), row


def test_every_known_editor_is_tried_or_named_as_untried() -> None:
    untried = set(editorprofiles.PROFILES) - set(EDITORS)
    assert untried == {"hx"}
    assert "helix is not packaged" in PAGE.read_text(encoding="utf-8")
