"""The user's own editor: found, started on a file in the terminal, and waited for.

`VISUAL`, then `EDITOR`, then the first of `USUAL` that is installed. The setting is split as a shell would split it, and
no shell is started. git's `core.editor` is not asked: it belongs to a repository, and a repository may be hostile.
"""

from __future__ import annotations

import contextlib
import os
import shlex
import shutil
import signal
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from vaultcli.ground.editor.swapfiles import open_elsewhere
from vaultcli.ground.errors import EditorTrouble

__all__ = ["BESIDE", "USUAL", "VARIABLES", "WAIT", "Editor", "chosen", "edit", "open_elsewhere"]

VARIABLES = ("VISUAL", "EDITOR")
USUAL = ("nano", "vim", "vi")

_ONLY_READ = ["-c", "2wincmd w", "-c", "setlocal readonly nomodifiable", "-c", "1wincmd w"]
_EMACS = "(progn (split-window-right) (other-window 1) (find-file-read-only {other}) (other-window 1))"
BESIDE: Mapping[str, tuple[str, ...]] = {
    "vim": ("-O", "{file}", "{other}", *_ONLY_READ),
    "nvim": ("-O", "{file}", "{other}", *_ONLY_READ),
    "emacs": ("{file}", "--eval", _EMACS),
    "nano": ("{file}", "{other}"),
    "micro": ("{file}", "{other}"),
    "hx": ("--vsplit", "{file}", "{other}"),
    "kak": ("{file}", "{other}"),
}
"""By the program's own name: the arguments that show a second file; the caller makes that file read-only."""

AT_LINE = frozenset({"vim", "nvim", "vi", "emacs", "nano", "micro", "kak", "joe", "mg"})
"""Editors, by the program's own name, that open a file at a line where `+LINE` stands before its name."""

WAIT: Mapping[str, str] = {
    "code": "--wait",
    "codium": "--wait",
    "subl": "--wait",
    "zed": "--wait",
    "gedit": "--wait",
    "kate": "--block",
    "mate": "--wait",
}
"""Editors with windows of their own return at once unless told to wait; told here when the setting forgot it."""


@dataclass(frozen=True)
class Editor:
    """An editor that can be started.

    Args:
        argv: program and arguments, before the file.
        name: what the program really is, links followed and suffixes dropped: `vim` for `/usr/bin/vi` on many systems.
    """

    argv: tuple[str, ...]
    name: str

    @property
    def shows_two(self) -> bool:
        """Whether it is known how it shows a second file beside the first."""
        return self.name in BESIDE

    def command(self, file: Path, beside: Path | None = None, line: int = 0) -> list[str]:
        """The whole command line.

        Args:
            file: the file to edit.
            beside: a file to show; left out for an editor that is not in `BESIDE`.
            line: where to open the file; left out for an editor that is not in `AT_LINE`, and where it is 0.
        """
        wait = WAIT.get(self.name)
        argv = [*self.argv, *([wait] if wait and wait not in self.argv and "-w" not in self.argv else [])]
        if line and self.name in AT_LINE:
            argv.append(f"+{line}")
        if beside is None or not self.shows_two:
            return [*argv, str(file)]
        named = {"file": str(file), "other": str(beside)}
        if self.name == "emacs":
            named["other"] = _lisp(str(beside))
        return [*argv, *(part.format(**named) for part in BESIDE[self.name])]


def chosen(environ: Mapping[str, str] | None = None) -> Editor:
    """The user's editor.

    Args:
        environ: variables; the process's own when left out.

    Raises:
        EditorTrouble: none is set or installed, or the one that is set cannot be found.
    """
    environ = os.environ if environ is None else environ
    for variable in VARIABLES:
        if setting := environ.get(variable, "").strip():
            return _named(variable, setting)
    for name in USUAL:
        if found := shutil.which(name):
            return Editor((found,), _real_name(found))
    raise EditorTrouble("no editor was found", hint="set EDITOR, for example: export EDITOR=nano")


def _named(variable: str, setting: str) -> Editor:
    try:
        argv = shlex.split(setting)
    except ValueError:
        raise EditorTrouble(f"{variable} has a quotation mark without its partner") from None
    found = shutil.which(str(Path(argv[0]).expanduser()))
    if found is None:
        raise EditorTrouble(f"{variable} names an editor that is not there: {argv[0]}", hint=f"set {variable} anew")
    return Editor((found, *argv[1:]), _real_name(found))


def _real_name(program: str) -> str:
    """`emacs` for `/etc/alternatives/emacs` -> `emacs-nox`, `vim` for `vi` -> `vim.basic`."""
    return Path(os.path.realpath(program)).name.partition(".")[0].partition("-")[0].lower()


def _lisp(text: str) -> str:
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'


def edit(file: Path, *, beside: Path | None = None, editor: Editor | None = None, line: int = 0) -> None:
    """Open a file in the editor and wait until it is closed.

    Args:
        file: what to edit; it may be changed, replaced or deleted meanwhile.
        beside: a second file to show.
        editor: the one to use; the user's own when left out.
        line: of the file, counted from 1, where the editor can open it there; 0 for wherever it opens by itself.

    Raises:
        EditorTrouble: it could not be started, or ended with an error; the file stays as it is.
    """
    import subprocess

    editor = editor or chosen()
    with _terminal() as stdin, _unharmed():
        try:
            ended = subprocess.run(editor.command(file, beside, line), stdin=stdin, check=False, preexec_fn=_own_signals)
        except OSError as error:
            problem = os.strerror(error.errno or 0).lower()
            raise EditorTrouble(f"cannot start the editor {editor.argv[0]}: {problem}") from error
    if ended.returncode:
        how = f"code {ended.returncode}" if ended.returncode > 0 else f"signal {-ended.returncode}"
        raise EditorTrouble(f"the editor {editor.argv[0]} failed ({how})")


@contextlib.contextmanager
def _terminal() -> Iterator[int | None]:
    """The terminal as the editor's input where ours is a pipe, as after `--from -`."""
    handle = None
    with contextlib.suppress(OSError, ValueError):
        if not sys.stdin.isatty() and sys.stderr.isatty():
            handle = os.open("/dev/tty", os.O_RDWR | os.O_CLOEXEC)
    try:
        yield handle
    finally:
        if handle is not None:
            os.close(handle)


@contextlib.contextmanager
def _unharmed() -> Iterator[None]:
    """Ctrl-C and its like are the editor's while it runs: they must not end us and leave it without a parent."""
    signals = (signal.SIGINT, signal.SIGQUIT)
    try:
        before = [signal.signal(number, signal.SIG_IGN) for number in signals]
    except ValueError:  # not the main thread: there is nothing to ignore
        yield
        return
    try:
        yield
    finally:
        for number, handler in zip(signals, before, strict=True):
            signal.signal(number, handler)


def _own_signals() -> None:
    """In the editor's process, before it starts: signals as any program finds them."""
    for number in (signal.SIGINT, signal.SIGQUIT):
        signal.signal(number, signal.SIG_DFL)
