"""Which editors are known, which cannot be held, and how each is called."""

from __future__ import annotations

from pathlib import Path

import pytest

from vaultcli.ground.editor import command as editor
from vaultcli.ground.editor import profiles as editorprofiles
from vaultcli.ground.editor.command import Editor
from vaultcli.ground.editor.profiles import PROFILES, Kind

FILE = Path("/memory/private/note.md")


def called(name: str, *args: str, real: str = "") -> Editor:
    return Editor((f"/usr/bin/{name}", *args), real or name.partition(".")[0].partition("-")[0])


@pytest.mark.parametrize("name", PROFILES)
def test_known_editors_keep_the_users_arguments_and_end_with_the_file(name: str) -> None:
    assert editorprofiles.kind(called(name, "--theirs")) is Kind.KNOWN
    argv = editorprofiles.command(called(name, "--theirs"), FILE)
    assert argv[:2] == [f"/usr/bin/{name}", "--theirs"]
    assert argv[-1] == str(FILE)
    assert not any("{" in part for part in argv)


@pytest.mark.parametrize(
    "found",
    [
        called("code"), called("code-insiders"), called("codium"), called("subl"), called("gedit"), called("kate"), called("zed"),
        called("TextEdit"), called("open"), called("gvim", real="vim"), called("nvim-qt"), called("emacsclient"), called("nvr"),
        called("vim", "--remote"), called("nvim", "--server", "/x"), called("vim", "-g"), called("kak", "-c", "1"),
        called("gnome-text-editor"), called("myeditor", real="subl"), called("emacsclient.emacs"),
    ],
    ids=lambda found: " ".join(found.argv),
)  # fmt: skip
def test_what_hands_the_file_to_somebody_else_is_seen(found: Editor) -> None:
    assert editorprofiles.kind(found) is Kind.OUTSIDE


def test_every_editor_that_is_told_to_wait_is_one_that_cannot_be_held() -> None:
    assert set(editor.WAIT) <= editorprofiles.OUTSIDE


def test_the_program_counts_and_not_the_link(tmp_path: Path) -> None:
    (tmp_path / "vim.basic").write_text("#!/bin/sh\n")
    (tmp_path / "vim.basic").chmod(0o755)
    (tmp_path / "vi").symlink_to("vim.basic")
    found = editor.chosen({"EDITOR": f"{tmp_path}/vi"})
    assert editorprofiles.kind(found) is Kind.KNOWN
    assert "-n" in editorprofiles.command(found, FILE)


def test_unknown_editors_get_no_flags() -> None:
    found = called("oddity", "-x")
    assert editorprofiles.kind(found) is Kind.UNKNOWN
    assert editorprofiles.command(found, FILE) == ["/usr/bin/oddity", "-x", str(FILE)]
    assert editorprofiles.environment(found, FILE.parent) == {}
