"""What a person presses in each editor, and settings that people really have and that keep copies of what is edited."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

ESCAPE, SAVE_EMACS, QUIT_EMACS = "\x1b", "\x18\x13", "\x18\x03"


@dataclass(frozen=True)
class Keys:
    """One editor's keys.

    Args:
        program: how it is called.
        before, after: what goes round a text that is typed where the file begins.
        save: writes the file.
        leave: ends it when all is saved.
        discard: ends it and throws away what is not saved; each part is sent after a pause.
        settings: files in the home folder; an empty text stands for a folder. `{home}` is filled in.
    """

    program: str
    before: str = ""
    after: str = "\r"
    save: tuple[str, ...] = ()
    leave: tuple[str, ...] = ()
    discard: tuple[str, ...] = ()
    settings: Mapping[str, str] = field(default_factory=dict)


_VIMRC = """set nocompatible undofile backup updatecount=1 updatetime=200
set backupskip= undodir={home}/.vim/undo backupdir={home}/.vim/backup directory={home}/.vim/swap//
"""
_VIM_FOLDERS = {".vim/undo": "", ".vim/backup": "", ".vim/swap": ""}
_EMACS = """(setq auto-save-timeout 1 auto-save-interval 20 backup-directory-alist '(("." . "{home}/.emacs.d/backups"))
 auto-save-file-name-transforms '((".*" "{home}/.emacs.d/saves/" t)))
(savehist-mode 1) (recentf-mode 1) (save-place-mode 1)
"""
EDITORS: Mapping[str, Keys] = {
    "vim": Keys(
        "vim", "i", "\r" + ESCAPE, (":w\r",), (":q\r",), (":q!\r",), {".vimrc": _VIMRC, **_VIM_FOLDERS}
    ),
    "nvim": Keys(
        "nvim", "i", "\r" + ESCAPE, (":w\r",), (":q\r",), (":q!\r",), {".config/nvim/init.vim": _VIMRC, **_VIM_FOLDERS}
    ),
    "nano": Keys(
        "nano", save=("\x13",), leave=("\x18",), discard=("\x18", "n"),
        settings={".nanorc": 'set backup\nset backupdir "{home}/copies"\nset historylog\nset positionlog\n', "copies": ""},
    ),
    "emacs": Keys(
        "emacs", save=(SAVE_EMACS,), leave=(QUIT_EMACS,), discard=(QUIT_EMACS, "n", "yes\r"),
        settings={".emacs": _EMACS, ".emacs.d/backups": "", ".emacs.d/saves": ""},
    ),
    "micro": Keys(
        "micro", save=("\x13",), leave=("\x11",), discard=("\x11", "n"),
        settings={".config/micro/settings.json": '{"backup":true,"permbackup":true,"saveundo":true,"savecursor":true}'},
    ),
    "joe": Keys("joe", save=("\x0bd", "\r"), leave=("\x03",), discard=("\x03", "y")),
    "jed": Keys("jed", save=(SAVE_EMACS,), leave=(QUIT_EMACS,), discard=(QUIT_EMACS, "n", "y")),
    "ne": Keys("ne", save=("\x13",), leave=("\x11",), discard=("\x11", "y")),
    "mg": Keys("mg", save=(SAVE_EMACS,), leave=(QUIT_EMACS,), discard=(QUIT_EMACS, "n", "yes\r")),
    "kak": Keys("kak", "i", "\r" + ESCAPE, (":w\r",), (":q\r",), (":q!\r",)),
}  # fmt: skip


def furnish(home: Path, keys: Keys) -> None:
    """Put an editor's settings into a home folder."""
    for name, text in keys.settings.items():
        path = home / name
        if text:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text.replace("{home}", str(home)))
        else:
            path.mkdir(parents=True, exist_ok=True)
