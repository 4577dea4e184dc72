"""Writing a psychotherapy note at the terminal: proof, editor or given text, one question where something is odd, recording."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, BinaryIO

import click

from vaultcli.cli.ui import clock, terminal
from vaultcli.ground.errors import OK, BadInput, Conflict, EditorTrouble, Refused

if TYPE_CHECKING:
    from vaultcli.cli.psychotherapy.desk import Desk
    from vaultcli.psychotherapy.notes.edit import Result, Unconfirmed
    from vaultcli.psychotherapy.notes.write import Target


def given(message: str | None, source: BinaryIO | None) -> bytes | None:
    """The text of `-m -` or `--from`; None where an editor is to open. A dash is standard input.

    Raises:
        BadInput: it is empty.
        click.UsageError: words of a note stand on the command line, where other programs and the shell's history see them.
    """
    if message is not None and source is not None:
        raise click.UsageError("-m and --from exclude each other")
    if message is None and source is None:
        return None
    if message not in (None, "-"):
        raise click.UsageError(
            "words of these notes do not belong on a command line, which other programs and the shell's history see; "
            "`-m -` takes them from standard input"
        )
    raw = (source or sys.stdin.buffer).read()
    if not raw.strip():
        raise BadInput("the text is empty; nothing was recorded")
    return raw


def write(desk: Desk, target: Target, start: bytes, whole: bytes | None, *, word: str, name: str, anyway: bool = False) -> int:
    """Write a file and record it; whose it is, is told before and after.

    Args:
        desk: the sealed notes.
        target: what is written.
        start: what the editor opens on.
        whole: the whole text, where no editor is to open.
        word: how the user calls the client.
        name: the client's whole name.
        anyway: whether a text of which little is left is recorded without asking.

    Returns:
        The exit code.

    Raises:
        Conflict: the file is open in another vaultcli.
    """
    from vaultcli.ground.process import marks
    from vaultcli.psychotherapy.notes import recovery_copies
    from vaultcli.psychotherapy.notes import write as note_text

    with marks.mark(recovery_copies.mark(desk.store, target.id)) as free:
        if not free:
            raise Conflict(f"{target.id} is open in another `vaultcli`", hint="go on there, or close it first")
        terminal.warn(terminal.escape(f"for {name}", keep=""))
        if whole is None:
            check_editor()
            text = _edited(desk, target, start)
            if text is None:
                return OK
        else:
            note_text.prove(desk.store, target, clock.now())
            text = whole
        return _finish(desk, target, text, word=word, name=name, anyway=anyway)


def check_editor() -> None:
    """Refuse to open an editor where there is no terminal for it."""
    from vaultcli.ground.editor import command as editor

    editor.chosen()


def _edited(desk: Desk, target: Target, start: bytes) -> bytes | None:
    """The text as the editor left it; None where there is nothing to record."""
    from vaultcli.cli.ui import prompt
    from vaultcli.ground.editor import command as editor
    from vaultcli.psychotherapy.notes import edit
    from vaultcli.psychotherapy.notes import write as note_text

    mine = editor.chosen()
    prompt.settle()

    def run() -> Result:
        return edit.edit(
            start,
            editor=mine,
            autosave=lambda text: note_text.keep(desk.store, target, text, clock.now()),
            prove=lambda: note_text.prove(desk.store, target, clock.now()),
        )

    try:
        result = run()
    except edit.Unconfirmed as error:
        _confirm(error)
        prompt.settle()
        result = run()
    for said in result.told:
        terminal.warn(terminal.escape(said, keep=""))
    if result.returned_at_once:
        terminal.warn(f"{mine.name} ended at once: if its window is still open, let it wait, such as EDITOR='code --wait'")
    if result.trouble:
        _after_trouble(result)
    if result.changed:
        return result.text
    terminal.say("unchanged; nothing was recorded" if target.base else "nothing was written; nothing was recorded")
    return None


def _confirm(error: Unconfirmed) -> None:
    """Ask once whether an editor that cannot be held may be used.

    Raises:
        Unconfirmed: nobody can be asked, or the answer is no.
    """
    from vaultcli.cli.ui import prompt
    from vaultcli.places.machine import settings

    if not terminal.is_interactive():
        raise error
    terminal.warn(terminal.escape(error.message, keep=""))
    if not prompt.confirm("use it for psychotherapy notes all the same, from now on?", default=False):
        raise error
    settings.confirm_editor(error.editor)


def _after_trouble(result: Result) -> None:
    """An editor that failed: what it had saved is recorded only if the user says so.

    Raises:
        EditorTrouble: it is not to be recorded now.
    """
    from vaultcli.cli.ui import prompt

    kept = "what was saved is kept, sealed: `vaultcli psychotherapy recover`" if result.changed else "nothing was saved in it"
    trouble = EditorTrouble(f"the editor failed ({result.trouble})", hint=kept)
    if not result.changed or not terminal.is_interactive():
        raise trouble
    terminal.warn(f"the editor failed ({result.trouble})")
    if not prompt.confirm("record what was saved in it?", default=False):
        raise trouble


def _finish(desk: Desk, target: Target, raw: bytes, *, word: str, name: str, anyway: bool) -> int:
    """Look at a text and record it.

    Raises:
        Refused: little is left of the text before, and nobody said that this is meant.
    """
    from vaultcli.psychotherapy.notes import recovery_copies
    from vaultcli.psychotherapy.notes import write as note_text
    from vaultcli.record.sealed import text
    from vaultcli.record.sealed.header import NOTE_FILE

    raw = note_text.clean(raw)
    if target.base is None and not text.written(raw):
        recovery_copies.remove(desk.store, target.autosave)
        terminal.say("nothing was written; nothing was recorded")
        return OK
    if (odd := note_text.shrunk(target, raw)) and not anyway and not _meant(odd):
        raise Refused(f"{odd}; nothing was recorded", hint="--anyway records it; versions before it stay")
    for problem in text.problems(raw):
        terminal.warn(terminal.escape(problem, keep=""))
    oid = note_text.record(desk.store, desk.opener, target, {NOTE_FILE: raw}, clock.now())
    state = "sealed" if oid else "unchanged"
    words = terminal.counted(text.written(raw), "word")
    terminal.say(terminal.escape(f"{state} {word} {target.id} ({words}) for {name}", keep=""))
    _advise(desk, target, raw)
    return OK


def _advise(desk: Desk, target: Target, raw: bytes) -> None:
    """One line where something may belong elsewhere; for a person, after everything is recorded, and kept nowhere."""
    if not (sys.stdout.isatty() and sys.stderr.isatty()):
        return
    from vaultcli.psychotherapy import advice
    from vaultcli.psychotherapy.advice import advise

    name = next((one.name for one in desk.people if one.known and one.known.token == target.known.token), target.known.name)
    found = advice.look(raw.decode("utf-8", "replace"), advice.Context(advise.names_of(name)))
    if found:
        terminal.warn(advice.one_line(found))


def _meant(odd: str) -> bool:
    from vaultcli.cli.ui import prompt

    return terminal.is_interactive() and prompt.confirm(f"{odd}: record it?", default=False)
