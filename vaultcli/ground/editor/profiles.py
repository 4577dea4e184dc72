"""What is known of editors that write more than the file: how each is told to leave nothing of a private text elsewhere.

The jail is what holds; these keep the editor from even trying, so that nobody meets an error for a backup that could
not be written. Copies that an editor makes *beside* the file are in memory too and go with it, so they are let be where
they protect the text from a failed save.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum
from pathlib import Path

from vaultcli.ground.editor.command import Editor

_EMACS = """(progn
 (setq-default auto-save-default nil make-backup-files nil create-lockfiles nil)
 (setq auto-save-list-file-prefix nil auto-save-list-file-name nil backup-inhibited t enable-local-variables nil
       enable-local-eval nil savehist-file nil save-place-file nil recentf-save-file nil bookmark-save-flag nil
       kill-emacs-hook nil kill-emacs-query-functions nil native-comp-deferred-compilation nil
       native-comp-jit-compilation nil)
 (dolist (mode '(auto-save-mode auto-save-visited-mode savehist-mode save-place-mode recentf-mode desktop-save-mode))
  (when (fboundp mode) (ignore-errors (funcall mode -1)))))"""
_VIM = (
    "autocmd BufReadPre,BufNewFile * setlocal noswapfile noundofile nomodeline"
    " | set nobackup writebackup backupdir={folder} directory={folder} undodir={folder} secure"
)
_MICRO = ("backup", "permbackup", "savehistory", "saveundo", "savecursor")


class Kind(Enum):
    """What can be said of an editor before it gets a private text."""

    KNOWN = "known"
    UNKNOWN = "unknown"
    OUTSIDE = "outside"
    """It hands the file to a program that runs already, or has windows of its own: no jail can hold that."""


@dataclass(frozen=True)
class Profile:
    """How one editor is started on a private text.

    Args:
        flags: arguments before the file; `{folder}` is the folder of the file.
        environ: variables that it gets besides; `{state}` is where it may leave things of its own.
    """

    flags: tuple[str, ...] = ()
    environ: Mapping[str, str] = field(default_factory=dict)


def _vi(history: str, environ: Mapping[str, str] | None = None) -> Profile:
    # `--cmd` is read before the user's settings, and what the autocommand sets after them, as the file is opened
    return Profile(("-n", "-i", "NONE", "--cmd", f"{_VIM} {history}=", "-c", f"set noundofile {history}="), environ or {})


PROFILES: Mapping[str, Profile] = {
    "vim": _vi("viminfo"),
    # it makes a folder for the list of its plugins in other languages, and stops where it cannot
    "nvim": _vi("shada", {"NVIM_RPLUGIN_MANIFEST": "{state}/rplugin.vim"}),
    "nano": Profile(("-R",)),
    # it looks for a folder for what it compiles before it reads any argument
    "emacs": Profile(("-nw", "--eval", _EMACS), {"EMACSNATIVELOADPATH": "{state}/compiled"}),
    "micro": Profile(tuple(word for name in _MICRO for word in (f"-{name}", "false"))),
    "joe": Profile(("-nobackups", "-nodeadjoe", "-nolocks", "--joe_state")),
    "jed": Profile(),
    "ne": Profile(),
    "mg": Profile(("-n",)),
    "kak": Profile(),
    "hx": Profile(),
}
"""By the program's own name, links followed. `jed`, `ne`, `kak` and `hx` need no flag: what they write beside the file is
in memory, and there is no switch for the rest."""

_WINDOWS = """
code code-insiders code-oss codium vscodium cursor windsurf subl sublime_text gedit gnome-text-editor kate kwrite zed zeditor
mate atom pluma xed mousepad leafpad geany textedit open xdg-open gio gvim mvim macvim gview nvim-qt neovide emacsclient nvr
idea pycharm webstorm fleet notepadqq featherpad lapce lite-xl typora obsidian ghostwriter apostrophe marktext bbedit nova
coteditor libreoffice soffice lowriter notepad wslview
"""
OUTSIDE = frozenset(_WINDOWS.split())
"""Programs with windows of their own, and those that hand the file to one that runs already."""

_HANDED_OVER = ("--remote", "--server", "-g", "--daemon")


def kind(editor: Editor) -> Kind:
    """What is known of an editor, by the name it is called by and by the program's own."""
    called = Path(editor.argv[0]).name.lower()
    if called in OUTSIDE or called.partition(".")[0] in OUTSIDE or editor.name in OUTSIDE:
        return Kind.OUTSIDE
    if editor.name in ("vim", "nvim") and any(word.startswith(_HANDED_OVER) for word in editor.argv[1:]):
        return Kind.OUTSIDE
    if editor.name == "kak" and "-c" in editor.argv[1:]:
        return Kind.OUTSIDE
    return Kind.KNOWN if editor.name in PROFILES else Kind.UNKNOWN


def command(editor: Editor, file: Path) -> list[str]:
    """The whole command line for a private text; an editor of another kind than known gets no flags of ours.

    Args:
        editor: the user's, with the arguments that they set.
        file: in the private folder.
    """
    profile = PROFILES.get(editor.name)
    if profile is None or kind(editor) is not Kind.KNOWN:
        return editor.command(file)
    return [*editor.argv, *(flag.replace("{folder}", str(file.parent)) for flag in profile.flags), str(file)]


def environment(editor: Editor, state: Path) -> dict[str, str]:
    """The variables that an editor needs besides.

    Args:
        editor: the user's.
        state: a folder in memory for what it would leave elsewhere.
    """
    profile = PROFILES.get(editor.name, Profile())
    return {name: value.replace("{state}", str(state)) for name, value in profile.environ.items()}
