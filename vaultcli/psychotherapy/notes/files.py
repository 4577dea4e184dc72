"""The sealed notes of a drawer: read as values, and made into files that are ready to be recorded."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime

from vaultcli.ground import ids
from vaultcli.ground.errors import BadInput, NotVerified
from vaultcli.ground.ssh.sign import Signer
from vaultcli.places.sealed.store import Store
from vaultcli.psychotherapy.notes import sealed_file
from vaultcli.psychotherapy.unlock.opener import Known, Opener
from vaultcli.record.sealed import header
from vaultcli.record.sealed.header import Contents, Header
from vaultcli.record.sealed.paths import Sealed
from vaultcli.record.sealed.signers import Entry


@dataclass(frozen=True)
class Opened:
    """A sealed file that was opened.

    Args:
        at: its place.
        known: its drawer.
        contents: what it holds.
        problem: why it does not verify; empty where it does.
    """

    at: Sealed
    known: Known
    contents: Contents
    problem: str = ""

    @property
    def header(self) -> Header:
        """What it says of itself."""
        return self.contents.header

    @property
    def unsigned(self) -> bool:
        """Whether nobody signed it."""
        return not self.header.machine


def read(store: Store, opener: Opener, known: Known, at: Sealed, raw: bytes | None = None) -> Opened:
    """Open one file; one that does not verify is told, not refused.

    Args:
        store: the sealed files.
        opener: what opens it.
        known: its drawer.
        at: its place.
        raw: its bytes; as recorded when left out.

    Raises:
        BadInput: it is damaged, or no sealed file of ours.
        KeyTrouble: the drawer does not open it.
    """
    contents = header.unpacked(opener.open(at.token, store.raw(at.path) if raw is None else raw))
    return Opened(at, known, contents, sealed_file.problem_of(contents, known, at, store.state.signers))


def each(store: Store, opener: Opener, known: Known) -> Iterator[Opened]:
    """Every file of a drawer, in order of name."""
    for at in store.files(known.token):
        yield read(store, opener, known, at)


def head_of(
    known: Known,
    kind: str,
    written: datetime,
    files: Mapping[str, bytes],
    *,
    by: str,
    machine: Entry | None,
    id_: str = "",
    to: str = "",
    number: int = 0,
    previous: Iterable[str] = (),
    title: str = "",
) -> Header:
    """The header of a file that is about to be sealed.

    Args:
        known: the drawer.
        kind: of the file.
        written: the clock.
        files: name to bytes.
        by: the originator.
        machine: whose key will sign; None for what stays unsigned.
        id_: of the file; a new one when left out.
        to: the note that it belongs to.
        number: of a piece of the access log.
        previous: SHA-256 of the headers that this version replaces.
        title: the name that the user's file had.
    """
    listed = tuple(header.file(name, files[name], title if name == header.CONTENT_FILE else "") for name in header.FILES[kind])
    return Header(
        vault=known.origin,
        token=known.token,
        id=id_ or ids.new(),
        kind=kind,
        generation=known.generation,
        written=written.isoformat(timespec="seconds"),
        by=by if machine else "",
        machine=machine.principal if machine else "",
        to=to,
        number=number,
        previous=tuple(previous),
        files=listed,
    )


def sealed(store: Store, known: Known, head: Header, files: Mapping[str, bytes], signer: Signer | None) -> dict[str, bytes]:
    """What is to be recorded: path to the sealed bytes."""
    return {Sealed(known.token, head.id).path: sealed_file.seal(store, known, head, files, signer)}


def checked(opened: Opened) -> Opened:
    """The same, or an error.

    Raises:
        NotVerified: it does not verify.
    """
    if opened.problem:
        raise NotVerified(f"{opened.at.path}: {opened.problem}", hint="`vaultcli psychotherapy verify` says more")
    return opened


def compared(store: Store, opener: Opener, known: Known, changes: Mapping[str, bytes]) -> None:
    """Open what was just sealed, where it belongs to an open drawer, and compare; nothing is written that could not be read.

    Raises:
        BadInput: it does not open to what was sealed.
    """
    for path, raw in changes.items():
        at = Sealed(known.token, path.rpartition("/")[2].removesuffix(".age"))
        if not at.id or at.id == "identity":
            continue
        sealed_file.opened(store, opener, known, at, raw)
        if not raw:
            raise BadInput(f"{path} is empty")
