"""What only opening tells: made with the drawer's own keys, sealed, padded, signed, and wrong."""

from __future__ import annotations

from tests.psychotherapy.tampering import tampering
from tests.psychotherapy.tampering.site import Site
from vaultcli.ground import ids
from vaultcli.ground.age import seal as age
from vaultcli.psychotherapy.notes import files as notes
from vaultcli.record.sealed import header


def _sealed(
    site: Site, id_: str, text: str, *, at: str = "", previous: tuple[str, ...] = (), signed: bool = True
) -> dict[str, bytes | None]:
    with site.world.store() as store, store.machine() as (entry, signer):
        known = site.world.keys(store).drawers()[site.token]
        contents = {header.NOTE_FILE: text.encode()}
        head = notes.head_of(
            known, header.NOTE, site.world.tick(), contents, by="Lee", machine=entry, id_=id_, previous=previous
        )
        armour = signer.sign(head.raw if signed else head.raw + b"#", header.NAMESPACE)
        return {site.path(at or id_): age.seal(header.packed(head, armour, contents), [known.recipient])}


@tampering("sealed-chain", unlocked=True)
def forgets_the_version_before(site: Site) -> None:
    """Replaces a note as if it were new: an older text, sealed again."""
    site.commit(_sealed(site, site.note, "again\n"))


@tampering("sealed-chain", unlocked=True)
def follows_what_was_not_there(site: Site) -> None:
    """Names a version that never was."""
    site.commit(_sealed(site, ids.new(), "new\n", previous=("0" * 64,)))


@tampering("sealed-inside", unlocked=True)
def under_another_name(site: Site) -> None:
    """Puts a note under another id than its header names."""
    site.commit(_sealed(site, ids.new(), "moved\n", at=ids.new()))


@tampering("sealed-inside", unlocked=True)
def inner_signature_of_other_bytes(site: Site) -> None:
    """Signs something else than the header."""
    site.commit(_sealed(site, ids.new(), "new\n", signed=False))


@tampering("sealed-inside", unlocked=True)
def sealed_to_somebody_else(site: Site) -> None:
    """Replaces a note by one that its drawer does not open."""
    site.commit({site.path(ids.new()): age.seal(bytes(4096), [age.generate().recipient])})
