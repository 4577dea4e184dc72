"""Taking in what was sealed without us: text that stock age sealed to a drawer's recipient and left in its folder.

`docs/spec/psychotherapy/sealed-file.md`, rule 8. Its text is sealed anew, unsigned; the age file itself is not recorded.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from vaultcli.ground import files, ids
from vaultcli.ground.age import seal as age
from vaultcli.ground.errors import BadInput, KeyTrouble, NotFound, Refused, VaultError
from vaultcli.places.sealed.store import Store
from vaultcli.psychotherapy.notes import files as notes
from vaultcli.psychotherapy.notes import write
from vaultcli.psychotherapy.notes.write import Target
from vaultcli.psychotherapy.unlock.opener import Known, Opener
from vaultcli.record.sealed import header, text
from vaultcli.record.sealed.admission import BRANCH
from vaultcli.record.sealed.header import NOTE_FILE
from vaultcli.record.sealed.paths import Sealed


@dataclass
class Taken:
    """What `take` did.

    Args:
        notes: the drawer and the new note's id, of each.
        strangers: path to why it was left.
    """

    notes: list[tuple[Known, str]] = field(default_factory=list)
    strangers: dict[str, str] = field(default_factory=dict)


def take(store: Store, opener: Opener, now: datetime) -> Taken:
    """Record what stock age sealed into the folders of drawers, and say of everything else that it is none of ours.

    Raises:
        KeyTrouble: what is unlocked reads no more.
    """
    working = store.repository.working(BRANCH)
    done = Taken()
    known = opener.drawers()
    if (working.new or working.edited) and not write.reads(store, opener):
        raise KeyTrouble("what is unlocked reads no more, and there are files to look into", hint="`vaultcli unlock`")
    for path in (*working.new, *working.edited):
        token = path.partition("/")[0]
        try:
            if token not in known or path.count("/") != 1:
                raise Refused("is in no drawer that is open here")
            _take(store, opener, known[token], path, now, done, replaces=path in working.edited)
        except VaultError as error:
            done.strangers[path] = error.message
    done.strangers |= dict.fromkeys(working.missing, "is recorded and gone from the folder")
    done.strangers |= dict.fromkeys(working.strange, "is no plain file")
    return done


def _take(store: Store, opener: Opener, known: Known, path: str, now: datetime, done: Taken, *, replaces: bool) -> None:
    file = store.place(path)
    raw = files.read(file)
    plain = _text(opener, known, raw)
    # the id comes from the file, so that a command that was cut short does not take it in twice
    id_ = ids.of(bytes.fromhex(files.digest(raw)))
    target = _target(store, opener, known, path) if replaces else Target(known, id_, header.NOTE)
    if replaces:
        _put_back(store, path, file, raw)
    if replaces or Sealed(known.token, id_).path not in store.state.tree:
        write.record(store, opener, target, {NOTE_FILE: plain}, now, signed=False)
    if not replaces:
        files.remove(file, expecting=files.digest(raw))
    done.notes.append((known, target.id))


def _put_back(store: Store, path: str, file: Path, raw: bytes) -> None:
    """The recorded bytes in the place of those that were just read, so that the next version can follow them."""
    files.replace(file, store.raw(path), expecting=files.digest(raw), scratch=store.repository.scratch)


def _target(store: Store, opener: Opener, known: Known, path: str) -> Target:
    """The note whose file was sealed anew in its place."""
    at = next((one for one in store.files(known.token) if one.path == path and not one.beside), None)
    if at is None or known.kind != "client":
        raise Refused("is recorded, and was changed")
    before = notes.read(store, opener, known, at)
    if before.header.kind == header.ATTACHMENT:
        raise Refused("is an attachment, and was changed")
    return write.again(store, before)


def _text(opener: Opener, known: Known, raw: bytes) -> bytes:
    """The text that stock age sealed.

    Raises:
        Refused: it is no such file.
    """
    if known.kind != "client":
        raise Refused("is in a drawer that takes no notes")
    if age.is_armoured(raw):
        raise Refused("is armoured: seal it without -a")
    try:
        plain = opener.open(known.token, raw)
    except BadInput:
        raise Refused("is no age file: nothing that is not sealed belongs here") from None
    except (KeyTrouble, NotFound):
        raise Refused("is not sealed to this drawer's recipient") from None
    if plain.startswith(b"header.toml\0"):
        raise Refused("is a sealed file from elsewhere, which sync brings")
    try:
        text.check(plain)
    except BadInput as error:
        raise Refused(error.message) from None
    if not plain.strip():
        raise Refused("is empty")
    return plain
