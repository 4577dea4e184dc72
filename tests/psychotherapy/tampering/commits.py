"""Commits: what they hold, who signed them, what they tell."""

from __future__ import annotations

from tests.psychotherapy.tampering import tampering
from tests.psychotherapy.tampering.site import DAY, Site
from vaultcli.ground import ids
from vaultcli.ground.age import seal as age
from vaultcli.ground.ssh import sign as ssh
from vaultcli.record.sealed import epochs, paths, signers
from vaultcli.record.sealed.signers import Entry


@tampering("sealed-blob")
def plaintext_under_a_token(site: Site) -> None:
    """Records a text in the clear under a sealed file's name."""
    site.commit({site.path(ids.new()): b"She spoke of the river.\n"})


@tampering("sealed-blob")
def truncated(site: Site) -> None:
    """Records a sealed file that was cut short."""
    site.commit({site.path(ids.new()): site.blob(site.path(site.note))[:-100]})


@tampering("sealed-blob")
def second_recipient(site: Site) -> None:
    """Records a file that somebody else can open, too."""
    other = age.generate().recipient
    site.commit({site.path(ids.new()): age.seal(bytes(4096), [other, age.generate().recipient])})


@tampering("sealed-blob")
def unpadded(site: Site) -> None:
    """Records a file whose length tells how much was written."""
    site.commit({site.path(ids.new()): age.seal(b"short", [age.generate().recipient])})


@tampering("sealed-blob")
def words_in_a_grease_stanza(site: Site) -> None:
    """Hides a text in a part of the header that readers of age ignore."""
    raw = age.seal(bytes(4096), [age.generate().recipient])
    body = b"VGhlIHJpdmVyLCBUaGUgcml2ZXIsIFRoZSByaXZlciwgVGhlIHJpdmVyLCBUaGUg" * 1
    stanza = b"-> words-grease\n" + (body + b"\n") * 16 + b"\n"
    at = raw.index(b"-> X25519")
    site.commit({site.path(ids.new()): raw[:at] + stanza + raw[at:]})


@tampering("sealed-path")
def foreign_name(site: Site) -> None:
    """Records a sealed file under a client's name."""
    site.commit({"ada-example.age": age.seal(bytes(4096), [age.generate().recipient])})


@tampering("sealed-path")
def drawer_without_identity(site: Site) -> None:
    """Begins a drawer that nothing opens."""
    site.commit({site.path(ids.new(), ids.new()): age.seal(bytes(4096), [age.generate().recipient])})


@tampering("sealed-vanished")
def note_removed(site: Site) -> None:
    """Takes a note out."""
    site.commit({site.path(site.note): None})


@tampering("sealed-replayed")
def older_version_put_back(site: Site) -> None:
    """Puts an older version of a note in the newest one's place."""
    path = site.path(site.note)
    site.commit({path: site.blob(path, site.versions(path)[1])})


@tampering("sealed-replayed")
def two_notes_swapped(site: Site) -> None:
    """Gives two notes each other's bytes."""
    one, other = site.path(site.note), site.path(site.second)
    site.commit({one: site.blob(other), other: site.blob(one)})


@tampering("sealed-replayed")
def identity_of_another_drawer(site: Site) -> None:
    """Gives one client's drawer the other's identity."""
    site.commit({paths.identity(site.token): site.blob(paths.identity(site.other))})


@tampering("sealed-signature")
def stranger(site: Site) -> None:
    """Records with a key that nobody admitted."""
    site.commit({site.path(ids.new()): age.seal(bytes(4096), [age.generate().recipient])}, key=site.thief())


@tampering("sealed-signature")
def lets_itself_in(site: Site) -> None:
    """Admits its own key in the commit that this key signs."""
    site.commit(_admitting(site, signers.MACHINE), key=site.thief())


@tampering("sealed-signers")
def recovery_signer_by_a_machine(site: Site) -> None:
    """Has a machine vouch for a second recovery signer."""
    site.commit(_admitting(site, signers.RECOVERY, vouch=True))


@tampering("sealed-signers")
def nobody_vouches(site: Site) -> None:
    """Admits a machine that vouches for itself."""
    site.commit(_admitting(site, signers.MACHINE))


@tampering("sealed-list")
def other_allowed_signers(site: Site) -> None:
    """Tells ssh-keygen of a signer that the list does not have."""
    raw = site.blob(paths.ALLOWED) + site.blob(paths.ALLOWED).replace(b"m", b"r", 1)
    site.commit({paths.ALLOWED: raw})


@tampering("sealed-epochs")
def epoch_rewritten(site: Site) -> None:
    """Has the epoch in force be another's, so that new drawers are sealed to them."""
    known = epochs.parse(site.blob(paths.EPOCHS))
    forged = epochs.Epochs((epochs.Epoch(age.generate().recipient, known.items[0].began),))
    site.commit({paths.EPOCHS: forged.raw})


@tampering("sealed-destroyed")
def writes_into_a_destroyed_drawer(site: Site) -> None:
    """Goes on writing where the tombstone forbids it."""
    known = epochs.parse(site.blob(paths.EPOCHS))
    site.commit({paths.EPOCHS: known.with_epoch(epochs.Epoch(age.generate().recipient, "2026-11-23", (site.token,))).raw})
    site.commit({site.path(ids.new()): age.seal(bytes(4096), [age.generate().recipient])})


@tampering("sealed-clear")
def other_readme(site: Site) -> None:
    """Writes something into the README."""
    site.commit({paths.README: b"Ada comes on Mondays.\n"})


@tampering("sealed-commit")
def words_in_the_message(site: Site) -> None:
    """Tells in the message what the commit is about."""
    site.commit({site.path(ids.new()): age.seal(bytes(4096), [age.generate().recipient])}, message="note about Ada\n")


@tampering("sealed-commit")
def time_of_day(site: Site) -> None:
    """Tells at what time the session was."""
    with site.world.store() as store:
        now = site.today(store) + 14 * 60 * 60
    site.commit({site.path(ids.new()): age.seal(bytes(4096), [age.generate().recipient])}, at=now)


@tampering("sealed-date")
def before_its_parent(site: Site) -> None:
    """Dates a commit before the one that it follows."""
    with site.world.store() as store:
        day = site.today(store) - 30 * DAY
    site.commit({site.path(ids.new()): age.seal(bytes(4096), [age.generate().recipient])}, at=day)


def _admitting(site: Site, kind: str, *, vouch: bool = False) -> dict[str, bytes | None]:
    from vaultcli.ground.ssh.keyfiles import KeyFile
    from vaultcli.ground.ssh.sign import Signer

    path = site.thief()
    key = ssh.public_key_of(path) if hasattr(ssh, "public_key_of") else None
    ring = signers.parse(site.blob(paths.SIGNERS))
    principal = signers.new_principal(kind)
    with Signer(KeyFile(path)) as thief, Signer(KeyFile(site.world.settings.keys / "machine")) as machine:
        public = key or thief.public
        by = machine if vouch else thief
        armour = by.sign(signers.statement(ring.vault, principal, kind, public), signers.NAMESPACE)
        entry = Entry(principal, kind, public, "2026-11-22", by.public.fingerprint, armour)
    after = ring.with_entry(entry)
    return {paths.SIGNERS: after.raw, paths.ALLOWED: after.allowed}
