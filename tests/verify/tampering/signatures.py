"""Signed files: their signatures, what their blocks claim, and what is added to whose note."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from datetime import timedelta

from tests.sshsign import SigningKey
from tests.verify.tampering import Where, tampering
from tests.verify.tampering.site import Site
from tests.world import SAM, Person, id_of, ident, key, kind_of
from vaultcli.record.message import trailer
from vaultcli.record.notes import block
from vaultcli.record.notes.block import Block


def _sign(
    site: Site, change: Callable[[Block], Block] = lambda one: one, *, by: Person | None = None,
    signing: SigningKey | None = None, namespace: str = "", armour: Callable[[str], str] = lambda one: one,
    path: str = "", raw: bytes = b"", edit: Callable[[bytes], bytes] = lambda one: one,
) -> Where:  # fmt: skip
    """Record a new note of Ada's whose block and signature were tampered with before they were made."""
    ada = site.ada
    if not path:
        path, raw = ada.note("Something new.")
    stamped = ada.stamped(path, raw, **({"by": by} if by else {}))
    said = block.parse(stamped)
    assert said is not None
    made = change(said)
    stamped = stamped.replace("\n".join(said.lines()).encode(), "\n".join(made.lines()).encode())
    stamped = edit(stamped)
    key_used = signing or site.world.lee
    signed = armour(key_used.sign(stamped, namespace or f"{kind_of(path)[0]}@vaultcli.v1"))
    event = {"note": "sign", "cosignature": "cosign", "withdrawal": "withdraw"}.get(kind_of(path)[0], "amend")
    parts = {"signing": site.world.sam_machine, "who": ident(SAM)} if by is SAM else {}
    ada.commit(event, {path: stamped, f"{path}.sig": signed.encode()}, id_of(path), **parts)
    site.save()
    return path, ada.commits[-1]


@tampering("note-signature", "chain", "covers", "rewritten", stock=(True, True))
def signatures_of_two_notes_swapped(site: Site) -> Where:
    """Exchanges the `.sig` files of two notes in every commit, and signs the commits again with the right keys."""
    ada, first, second = site.ada, f"{site.single}.sig", f"{site.trainee}.sig"
    line = site.world.branches[ada.branch]
    before = dict(line.files)

    def swap(files: dict[str, tuple[str, str]]) -> dict[str, tuple[str, str]]:
        return {**files, **{a: before[b] for a, b in ((first, second), (second, first)) if a in files}}

    trees = {oid: site.world.tree(swap(site.files(oid))) for oid in line.commits}

    def exchange(oid: str) -> Callable[[bytes], bytes]:
        return lambda raw: raw.replace(site.parsed(oid).tree.encode(), trees[oid].encode(), 1)

    edits = {at: exchange(oid) for at, oid in enumerate(line.commits)}
    line.files = swap(line.files)
    made = site.rewrite(ada.branch, edits, insider=True)
    return site.single, made[4]


@tampering("note-changed", "event", "message-ids", stock=(True, True))
def signatures_exchanged_later(site: Site) -> Where:
    """Exchanges the `.sig` files of two notes in a new, well-signed commit."""
    first, second = f"{site.single}.sig", f"{site.trainee}.sig"
    site.ada.commit("sign", {first: site.ada.texts[second], second: site.ada.texts[first]}, id_of(site.single))
    site.save()
    return first, site.ada.commits[-1]


@tampering("note-changed", "event", "message-ids", stock=(True, True))
def signed_note_edited(site: Site) -> Where:
    """Edits a signed note in a new, well-signed commit."""
    raw = site.ada.texts[site.single].replace(b"on time", b"late")
    site.ada.commit("draft", {site.single: raw}, id_of(site.single))
    site.save()
    return site.single, site.ada.commits[-1]


@tampering("note-changed", "event", "message-ids", stock=(True, True))
def signed_note_signed_anew(site: Site) -> Where:
    """Edits a signed note and has its author sign the edited text in the place of the first."""
    raw = site.ada.texts[site.single].replace(b"on time", b"late")
    armour = site.world.lee.sign(raw, "note@vaultcli.v1").encode()
    site.ada.commit("sign", {site.single: raw, f"{site.single}.sig": armour}, id_of(site.single))
    site.save()
    return site.single, site.ada.commits[-1]


@tampering("note-changed", "message-ids", "event", stock=(True, True))
def note_changed_after_attestation(site: Site) -> Where:
    """Edits a draft after its author attested to it."""
    site.ada.redraft(site.attested, "Something else.")
    site.save()
    return site.attested, site.ada.commits[-1]


@tampering("note-signature", stock=(True, True))
def bytes_after_the_armour(site: Site) -> Where:
    """Appends a line after the armour of a signature, which stock tools pass over."""
    return _sign(site, armour=lambda one: one + "see also the other file\n")


@tampering("note-signature", stock=(True, True))
def armour_in_other_line_ends(site: Site) -> Where:
    """Writes a signature with other line ends, so that one signature has two texts."""
    return _sign(site, armour=lambda one: one.replace("\n", "\r\n"))


@tampering("note-signature", stock=(True, True))
def note_signed_as_something_else(site: Site) -> Where:
    """Presents a signature that was made for a co-signature as one under a note."""
    return _sign(site, namespace="cosignature@vaultcli.v1")


@tampering("note-signature", stock=(True, True))
def note_signed_as_a_commit(site: Site) -> Where:
    """Presents a signature in git's namespace as one under a note."""
    return _sign(site, namespace="git")


@tampering("signer", stock=(True, True))
def note_signed_by_the_machine(site: Site) -> Where:
    """Signs a note with the machine key, which lies on the disk without a passphrase."""
    return _sign(site, signing=site.world.lee_machine)


@tampering("signer", stock=(True, True))
def note_signed_by_a_stranger(site: Site) -> Where:
    """Signs a note in the clinician's name with a key that nobody admitted."""
    return _sign(site, signing=key("stranger"))


@tampering("signer", stock=(True, True))
def note_signed_with_the_recovery_key(site: Site) -> Where:
    """Signs a clinical note with the key that lies on paper."""
    return _sign(site, signing=site.world.recovery)


@tampering("signer", stock=(True, True))
def note_signed_in_anothers_name(site: Site) -> Where:
    """Has the trainee sign a note whose block names the supervisor, and record it with the supervisor's machine."""
    return _sign(site, signing=site.world.sam)


@tampering("time", "lateness", stock=(True, True))
def note_of_today_signed_years_ago(site: Site) -> Where:
    """Signs a note today with a block that says years ago: when it was signed, first recorded, and that it was not late."""
    moment = "2020-01-02T15:00:00-05:00"
    return _sign(site, lambda one: one._replace(time=moment, recorded=moment, lateness=0))


@tampering("lateness", stock=(True, True))
def lateness_made_up(site: Site) -> Where:
    """Signs a note months after its session, and has the block say that it was signed at once."""
    path, raw = site.ada.note("Something new.", date="2026-03-02")
    return _sign(site, lambda one: one._replace(lateness=0), path=path, raw=raw)


@tampering("front-matter", stock=(True, True))
def second_block_hidden_by_an_escape(site: Site) -> Where:
    """Writes a second `signed` above the block, with an escape that a reader of YAML takes for the same word."""
    path, raw = site.ada.note("Something new.")
    first = b"---\n" + b"\"sig\\x6eed\": by nobody\n"
    return _sign(site, path=path, raw=raw, edit=lambda text: text.replace(b"---\n", first, 1))


@tampering("note-name", stock=(True, True))
def note_of_another_type_than_its_name(site: Site) -> Where:
    """Signs a note of one type under a name of another, so that lists and the text disagree."""
    path, raw = site.ada.note("Something new.")
    return _sign(site, path=path, raw=raw.replace(b"---\n", b"---\ntype: intake\n", 1))


@tampering("policy-version", stock=(True, True))
def block_of_the_next_version(site: Site) -> Where:
    """Signs a note with a block of version 2, which asks less, in a practice that has not agreed to it."""
    return _sign(site, lambda one: one._replace(version=2, lateness=None))


@tampering("block", stock=(True, True))
def block_in_braces_in_a_draft(site: Site) -> Where:
    """Writes a signed block into a draft in another form, for readers that take any YAML."""
    path, raw = site.ada.note("Something new.")
    raw = raw.replace(b"---\n", b"---\n? signed\n: {version: 1, by: lee-example, number: 7}\n", 1)
    site.ada.commit("draft", {path: raw}, id_of(path))
    site.save()
    return path, site.ada.commits[-1]


@tampering("author", stock=(True, True))
def anothers_note_signed_as_ones_own(site: Site) -> Where:
    """Signs, as its author, a draft that somebody else recorded first."""
    path, raw = site.ada.note("Sam wrote this.")
    site.ada.commit("draft", {path: raw}, id_of(path), signing=site.world.sam_machine, who=ident(SAM))
    return _sign(site, path=path, raw=raw)


@tampering("meaning", "author", stock=(True, True))
def note_signed_with_another_meaning(site: Site) -> Where:
    """Signs a note in a capacity that no role of the signer has."""
    return _sign(site, lambda one: one._replace(meaning="policy"))


@tampering("meaning", stock=(True, True))
def cosigned_by_the_author(site: Site) -> Where:
    """Co-signs one's own note."""
    site.ada.cosign(site.single)
    site.save()
    return next(p for p in site.ada.texts if p.startswith(site.single[:-3] + ".cosig")), site.ada.commits[-1]


@tampering("signer-name", stock=(True, True))
def credentials_improved(site: Site) -> Where:
    """Signs with a degree that the signer does not have."""
    return _sign(site, lambda one: one._replace(credentials="MD, PhD"))


@tampering("cosigner", stock=(True, True))
def supervisor_left_out(site: Site) -> Where:
    """Leaves the supervisor's name out of a trainee's note, so that nobody waits for the co-signature."""
    return _sign(site, lambda one: one._replace(cosigner=""), by=SAM, signing=site.world.sam)


@tampering("place", stock=(True, True))
def note_of_another_line(site: Site) -> Where:
    """Signs a note for one client and records it on another's line."""
    return _sign(site, lambda one: one._replace(line=site.bo.branch))


@tampering("place", "chain", stock=(True, True))
def note_replayed_on_another_line(site: Site) -> Where:
    """Copies a signed note with its signature from another client's line."""
    path = site.note_of_bo
    changes = {name: site.bo.texts[name] for name in (path, f"{path}.sig")}
    site.ada.commit("sign", changes, id_of(path))
    site.save()
    return path, site.ada.commits[-1]


@tampering("place", stock=(True, True))
def note_of_another_vault(site: Site) -> Where:
    """Records a note that was signed for another vault."""
    return _sign(site, lambda one: one._replace(genesis=trailer("0" * 64)))


@tampering("place", "meaning", "note-signature", "target", "time", stock=(True, True))
def note_renamed_into_an_addendum(site: Site) -> Where:
    """Presents a signed note under the name of an addition to another note."""
    path = f"{site.trainee[:-3]}.addendum-{site.world.id()}.md"
    changes = {path: site.ada.texts[site.single], f"{path}.sig": site.ada.texts[f"{site.single}.sig"]}
    site.ada.commit("amend", changes, id_of(path))
    site.save()
    return path, site.ada.commits[-1]


@tampering("place", "chain", "note-name", "time", stock=(True, True))
def note_replayed_under_another_date(site: Site) -> Where:
    """Records a signed note a second time, under the name of another day."""
    path = site.single.replace("2026-11-02", "2026-11-03").replace(id_of(site.single), site.world.id())
    changes = {path: site.ada.texts[site.single], f"{path}.sig": site.ada.texts[f"{site.single}.sig"]}
    site.ada.commit("sign", changes, id_of(path))
    site.save()
    return path, site.ada.commits[-1]


@tampering("id-used", stock=(True, True))
def note_with_anothers_id(site: Site) -> Where:
    """Gives a new note the id of an older one, so that what was added to that seems to be about this."""
    path = site.single.replace("2026-11-02", "2026-11-03")
    site.ada.commit("draft", {path: site.ada.note()[1]}, id_of(path))
    site.save()
    return path, site.ada.commits[-1]


@tampering("chain", stock=(True, True))
def link_skipped(site: Site) -> Where:
    """Signs a note that follows the last but one, as if the last had never been."""
    before = site.ada.sha256(site.withdrawn)
    return _sign(site, lambda one: one._replace(number=one.number - 1, follows=(before,)))


@tampering("chain", stock=(True, True))
def number_skipped(site: Site) -> Where:
    """Leaves a number out, as if a signed note had been taken away."""
    return _sign(site, lambda one: one._replace(number=one.number + 1))


@tampering("chain", stock=(True, True))
def chain_begun_anew(site: Site) -> Where:
    """Signs a note as the first of the line."""
    return _sign(site, lambda one: one._replace(number=1, follows=()))


@tampering("time", "lateness", stock=(True, True))
def signature_backdated(site: Site) -> Where:
    """Dates a signature weeks before what it follows, so that the note seems to be written in time."""
    moment = (site.world.clock - timedelta(days=21)).isoformat()
    return _sign(site, lambda one: one._replace(time=moment, recorded=moment))


@tampering("time", stock=(True, True))
def signature_after_its_commit(site: Site) -> Where:
    """Dates a signature a day after the commit that carries it."""
    moment = (site.world.clock + timedelta(days=1)).isoformat()
    return _sign(site, lambda one: one._replace(time=moment, recorded=moment))


@tampering("recorded", stock=(True, True))
def writing_backdated(site: Site) -> Where:
    """Says that a late note was first recorded on the day of the session."""
    return _sign(site, lambda one: one._replace(recorded="2026-11-02T09:00:00-05:00"))


@tampering("block", stock=(True, True))
def draft_that_looks_signed(site: Site) -> Where:
    """Records a draft with a signed block, and no signature, for readers who look at the text alone."""
    path, raw = site.ada.note("As good as signed.")
    site.ada.commit("draft", {path: site.ada.stamped(path, raw)}, id_of(path))
    site.save()
    return path, site.ada.commits[-1]


@tampering("front-matter", stock=(True, True))
def two_blocks(site: Site) -> Where:
    """Signs a note with two blocks, so that two programs name two signers."""
    path, raw = site.ada.note("Twice.")
    stamped = site.ada.stamped(path, raw)
    rows = stamped[stamped.index(b"signed:") : stamped.index(b"\n---\n") + 1]
    doubled = stamped.replace(rows, rows.replace(b"lee-example", b"sam-sample") + rows, 1)
    armour = site.world.lee.sign(doubled, "note@vaultcli.v1").encode()
    site.ada.commit("sign", {path: doubled, f"{path}.sig": armour}, id_of(path))
    site.save()
    return path, site.ada.commits[-1]


@tampering("event", stock=(True, True))
def signed_event_without_a_signature(site: Site) -> Where:
    """Records an unsigned text in a commit that says it was signed."""
    path, raw = site.ada.note("Trust me.")
    site.ada.commit("sign", {path: raw}, id_of(path))
    site.save()
    return path, site.ada.commits[-1]


@tampering("covers", stock=(True, True))
def cosignature_that_covers_less(site: Site) -> Where:
    """Co-signs a trainee's note without what was added to it."""
    path, raw = site.ada.note("By Sam.")
    site.ada.sign(path, raw=raw, by=SAM)
    site.ada.addendum(path, "And a word more.", by=SAM)
    made = site.ada.cosign(path)
    site.save()
    return made, site.ada.commits[-1]


@tampering("covers", stock=(True, True))
def cosignature_that_covers_more(site: Site) -> Where:
    """Co-signs a note together with a text of another note."""
    path, raw = site.ada.note("By Sam.")
    site.ada.sign(path, raw=raw, by=SAM)
    made = site.ada.cosign(path, site.single)
    site.save()
    return made, site.ada.commits[-1]


@tampering("target", stock=(True, True))
def correction_of_another_text(site: Site) -> Where:
    """Corrects the first text of a note, as if its correction had never been."""
    made = site.ada.correct(site.note, "Third words.")
    site.save()
    return made, site.ada.commits[-1]


@tampering("target", stock=(True, True))
def words_added_to_a_withdrawn_note(site: Site) -> Where:
    """Adds words to a note that was withdrawn."""
    made = site.ada.addendum(site.withdrawn, "But still.")
    site.save()
    return made, site.ada.commits[-1]


@tampering("target", stock=(True, True))
def addition_to_no_note(site: Site) -> Where:
    """Records the draft of an addition to a note that is not there."""
    path = f"notes/2026-11-02-progress-{'7' * 16}.addendum-{site.world.id()}.md"
    site.ada.commit("draft", {path: b"---\nid: x\n---\n"}, id_of(path))
    site.save()
    return path, site.ada.commits[-1]


@tampering("meaning", stock=(True, True))
def withdrawn_by_a_colleague(site: Site) -> Where:
    """Has the trainee, who is no custodian, withdraw the supervisor's note."""
    lines = f"withdraws: {site.ada.sha256(site.single)}\nreason: entered-in-error\n"
    made = site.ada.add("withdrawal", site.single, lines, meaning="custodian", by=SAM)
    site.save()
    return made, site.ada.commits[-1]


@tampering("target", stock=(True, True))
def withdrawal_of_other_bytes(site: Site) -> Where:
    """Withdraws a note by the hash of another one."""
    lines = f"withdraws: {hashlib.sha256(b'other').hexdigest()}\nreason: duplicate\n"
    made = site.ada.add("withdrawal", site.single, lines)
    site.save()
    return made, site.ada.commits[-1]
