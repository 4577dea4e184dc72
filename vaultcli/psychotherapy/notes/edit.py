"""Editing a text that must never touch a disk, in the user's own editor.

What holds it and what does not: `docs/psychotherapy/editing.md`. The caller seals; here the text is lent to the editor
in private memory, and every state that was saved there is handed back at once.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import dataclass

from vaultcli.ground.editor import jail, ram, supervisor
from vaultcli.ground.editor import profiles as editorprofiles
from vaultcli.ground.editor.command import Editor
from vaultcli.ground.editor.profiles import Kind
from vaultcli.ground.editor.session import Ended, Guest, Interrupts
from vaultcli.ground.editor.supervisor import Order
from vaultcli.ground.errors import Refused, VaultError
from vaultcli.places.machine import settings

AT_ONCE = 1.0
"""Seconds: an editor that ends sooner with an unchanged file has perhaps handed it to a window that is still open."""


class Unconfirmed(Refused):
    """This editor cannot be held, and the user has not said once that it may be used all the same.

    Args:
        editor: by whose name it is to be confirmed (`settings.confirm_editor`).
        why: a sentence.
    """

    def __init__(self, editor: str, why: str) -> None:
        where = settings.path()
        super().__init__(why, hint=f'use a terminal editor (EDITOR=nano), or allow it in {where}: private-editors = ["{editor}"]')
        self.editor = editor


@dataclass(frozen=True)
class Result:
    """What came of it.

    Args:
        text: what was saved last; the bytes at the start when nothing was.
        changed: whether they differ from those at the start.
        returned_at_once: whether the editor ended in less than a second and changed nothing.
        trouble: how the editor failed, `code 1` or `signal 9`; "" when it ended well. The text counts all the same.
        told: sentences for the user: what protection is missing, what could not be sealed meanwhile.
    """

    text: bytes
    changed: bool
    returned_at_once: bool
    trouble: str
    told: tuple[str, ...]


def edit(start: bytes, *, editor: Editor, autosave: Callable[[bytes], None], prove: Callable[[], None]) -> Result:
    """Lend a text to an editor and wait until it is closed.

    Args:
        start: the text; may be empty.
        editor: the user's.
        autosave: seals a state that was saved in the editor; called for each, in order. When it raises a `VaultError`
            editing goes on, the last state is tried again at the end, and what failed is told.
        prove: seals something of no value, or raises: called before the editor starts, so that nobody types in vain.

    Raises:
        Unconfirmed: the editor cannot be held, and was not confirmed; nothing was started.
        Refused: there is no place in memory for the text.
        DiskTrouble: the memory for files is full.
        EditorTrouble: the editor could not be started.
        KeyboardInterrupt: an interrupt, after the editor was ended and what it had saved was handed on. Other signals
            end the process then, as they would have before.
    """
    outside = _outside(editor)
    prove()
    ram.sweep()
    with Interrupts() as interrupts:
        place = ram.take(len(start), shared=outside)
        try:
            result = _lent(_order(start, editor, place, outside=outside), _Seal(autosave, start), editor, interrupts)
        finally:
            place.free()
    interrupts.again()
    return result


def confirmation(editor: Editor) -> str | None:
    """Why an editor needs to be confirmed once, as a sentence; None for one that is held."""
    kind = editorprofiles.kind(editor)
    if kind is Kind.OUTSIDE:
        return f"{editor.name} is no terminal editor: it may keep copies of the text on the disk, and no jail can hold it"
    if kind is Kind.UNKNOWN and not jail.can_jail():
        return f"{editor.name} is not known to us, and this system has no jail that would hold it"
    return None


def _outside(editor: Editor) -> bool:
    why = confirmation(editor)
    if why and editor.name not in settings.private_editors():
        raise Unconfirmed(editor.name, why)
    return editorprofiles.kind(editor) is Kind.OUTSIDE


def _order(start: bytes, editor: Editor, place: ram.Ram, *, outside: bool) -> Order:
    jailed = not outside and jail.can_jail()
    state = place.folder / supervisor.STATE
    environ = None
    if not outside:
        environ = jail.environment(os.environ, state, jailed=jailed) | editorprofiles.environment(editor, state)
    argv = editorprofiles.command(editor, place.folder / supervisor.NAME)
    return Order(start, tuple(argv), environ, place, jailed, outside)


class _Seal:
    """The caller's `autosave`, whose failures do not end the editing."""

    def __init__(self, autosave: Callable[[bytes], None], start: bytes) -> None:
        self._autosave = autosave
        self.text = start
        self.failed: VaultError | None = None

    def __call__(self, text: bytes) -> None:
        self.text = text
        self.failed = None
        try:
            self._autosave(text)
        except VaultError as error:
            self.failed = error

    def once_more(self) -> None:
        if self.failed is not None:
            self(self.text)


def _lent(order: Order, seal: _Seal, editor: Editor, interrupts: Interrupts) -> Result:
    with Guest(order, interrupts) as guest:
        for text in guest.saved():
            seal(text)
        seal.once_more()
    changed = seal.text != order.text
    at_once = not changed and not guest.ended.how and guest.ended.seconds < AT_ONCE
    told = (*order.place.told, *_told(editor, order, guest), *_lost(guest.ended, seal))
    return Result(seal.text, changed, at_once, guest.ended.how, told)


def _told(editor: Editor, order: Order, guest: Guest) -> list[str]:
    kind = editorprofiles.kind(editor)
    if kind is Kind.OUTSIDE:
        return [f"{editor.name} is not held by anything: look in its history and its backups for the text"]
    said = []
    if kind is Kind.UNKNOWN:
        said.append(f"{editor.name} is not known to us: it was kept in the jail, without settings that suit it")
    if not order.jailed and (guest.unheld or not order.place.own):
        said.append("this system has no jail: only the editor's own settings kept it from writing elsewhere")
    return said


def _lost(ended: Ended, seal: _Seal) -> list[str]:
    said = []
    if ended.cut:
        said.append("there was no room for what was saved last, and it was cut off: the text is what was saved before")
    if seal.failed is not None:
        said.append(f"the last state could not be sealed: {seal.failed.message}")
    return said
