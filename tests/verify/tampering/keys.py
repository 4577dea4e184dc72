"""Policy and keys: who is let in by whom, what a role may do, and keys that were revoked, stolen or never admitted."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta

from tests.verify.tampering import Where, tampering
from tests.verify.tampering.site import Site
from tests.world import LEE, RECOVERY, SAM, ClientLine, ended, id_of, ident, key
from vaultcli.record.history.line import BRANCH
from vaultcli.record.message import trailer
from vaultcli.record.practice import keyring as keyrings
from vaultcli.record.practice import practice as practices
from vaultcli.record.practice.keyring import Keyring


def _policy(site: Site, files: Mapping[str, bytes | None], **parts: object) -> str:
    """Record files of policy; the commit."""
    settings: dict[str, object] = {"signing": site.world.lee, **parts}
    oid = site.world.commit(BRANCH, files, "policy\n", **settings)  # type: ignore[arg-type]
    site.save()
    return oid


def _practice(site: Site, **changes: object) -> dict[str, bytes]:
    return {practices.PATH: practices.render(replace(site.world.practice, **changes)).encode()}  # type: ignore[arg-type]


def _ring(ring: Keyring) -> dict[str, bytes]:
    return {
        keyrings.PATH: keyrings.render(ring).encode(),
        keyrings.ALLOWED_PATH: keyrings.render_allowed(ring).encode(),
    }


def _draft_with(line: ClientLine, policy: str, **parts: object) -> str:
    """A draft whose commit names that policy."""
    path, raw = line.note("By the thief.")
    return line.commit("draft", {path: raw}, message=line.message("draft", id_of(path), policy=policy), **parts)


@tampering("policy-role", stock=(True, True))
def role_table_widened_by_a_machine(site: Site) -> Where:
    """Gives the trainee's role the right to co-sign, in a commit signed with a machine key."""
    roles = {**site.world.practice.roles, "trainee": site.world.practice.roles["supervisor"]}
    return BRANCH, _policy(site, _practice(site, roles=roles), signing=site.world.lee_machine)


@tampering("policy-role", stock=(True, True))
def policy_by_the_trainee(site: Site) -> Where:
    """Has the trainee change the practice's name with the personal key."""
    return BRANCH, _policy(site, _practice(site, name="Sam's"), signing=site.world.sam, who=ident(SAM))


@tampering("commit-key", stock=(True, False))
def policy_by_a_stranger(site: Site) -> Where:
    """Changes the policy with a key that nobody admitted."""
    return BRANCH, _policy(site, _practice(site, name="Mine"), signing=key("stranger"))


@tampering("commit-signature", stock=(True, False))
def policy_unsigned(site: Site) -> Where:
    """Changes the policy in a commit without a signature."""
    return BRANCH, _policy(site, _practice(site, name="Mine"), unsigned=True)


@tampering("policy-changed", "signers-changed", stock=(True, False))
def person_removed(site: Site) -> Where:
    """Takes a person out of the practice, as if they had never been there, and their keys with them."""
    ring = Keyring(tuple(one for one in site.world.ring.entries if one.principal != SAM.id))
    oid = _policy(site, {**_practice(site, people=(LEE,)), **_ring(ring)})
    return practices.PATH, oid


@tampering("policy-changed", stock=(True, True))
def vault_renamed(site: Site) -> Where:
    """Gives the vault another vault's id, for which other keys are vouched."""
    return practices.PATH, _policy(site, _practice(site, vault="zzzz000000000000"))


@tampering("supervisor", stock=(True, True))
def trainee_without_a_supervisor(site: Site) -> Where:
    """Takes the trainee's supervisor away, so that no note of theirs needs a co-signature."""
    return practices.PATH, _policy(site, _practice(site, people=(LEE, replace(SAM, supervisor=""))))


@tampering("allowed-signers", stock=(True, True))
def allowed_signers_with_a_wildcard(site: Site) -> Where:
    """Lets any key line stand for anybody, for strangers who verify with `ssh-keygen`."""
    raw = keyrings.render_allowed(site.world.ring).encode() + b"* " + key("stranger").public.line.encode() + b"\n"
    return keyrings.ALLOWED_PATH, _policy(site, {keyrings.ALLOWED_PATH: raw})


@tampering("allowed-signers", stock=(True, True))
def allowed_signers_loosened(site: Site) -> Where:
    """Lets the machine key sign notes, for strangers who verify with `ssh-keygen`."""
    raw = keyrings.render_allowed(site.world.ring).encode().replace(b'namespaces="git" ', b'namespaces="*" ')
    return keyrings.ALLOWED_PATH, _policy(site, {keyrings.ALLOWED_PATH: raw})


@tampering("allowed-signers", stock=(True, False))
def allowed_signers_line_removed(site: Site) -> Where:
    """Takes the trainee's line out of the list for strangers, to whom the notes then look forged."""
    rows = keyrings.render_allowed(site.world.ring).splitlines(keepends=True)
    raw = "".join(row for row in rows if SAM.id not in row).encode()
    return keyrings.ALLOWED_PATH, _policy(site, {keyrings.ALLOWED_PATH: raw})


@tampering("signers-changed", stock=(True, True))
def signer_entry_given_to_another(site: Site) -> Where:
    """Puts the trainee's key under the supervisor's name."""
    entries = [replace(one, principal=LEE.id) if one.key == site.world.sam.public else one for one in site.world.ring.entries]
    return keyrings.PATH, _policy(site, _ring(Keyring(tuple(entries))))


@tampering("signers-changed", stock=(True, True))
def key_admitted_earlier_than_it_was(site: Site) -> Where:
    """Dates a key's entry back by a year, so that old texts can be signed with it."""
    entries = (*site.world.ring.entries[:-1], replace(site.world.ring.entries[-1], added="2025-11-02T09:00:00-05:00"))
    return keyrings.PATH, _policy(site, _ring(Keyring(entries)))


@tampering("signers-changed", stock=(True, True))
def revocation_taken_back(site: Site) -> Where:
    """Takes the revocation of a key out of the list again."""
    entries = [replace(one, revoked="", reason="", last_good="") for one in site.world.ring.entries]
    return keyrings.PATH, _policy(site, _ring(Keyring(tuple(entries))))


@tampering("signers-changed", stock=(True, True))
def last_good_commit_moved(site: Site) -> Where:
    """Moves the last good commit of a revoked key forward."""
    good = trailer(site.world.branches[BRANCH].commits[-1])
    entries = [replace(one, last_good=good) if one.revoked else one for one in site.world.ring.entries]
    return keyrings.PATH, _policy(site, _ring(Keyring(tuple(entries))))


@tampering("signers-changed", stock=(True, True))
def key_slipped_in_between(site: Site) -> Where:
    """Puts a new key between the old entries, where it looks as if it had always been there."""
    world = site.world
    new = world.endorse(key("new"), LEE.id, "machine", by=world.lee)
    return keyrings.PATH, _policy(site, _ring(Keyring((*world.ring.entries[:2], new, *world.ring.entries[2:]))))


@tampering("endorsement", stock=(True, True))
def endorsement_of_another_vault(site: Site) -> Where:
    """Admits a key by a voucher that was signed for another vault."""
    world, new = site.world, key("new")
    armour = world.lee.sign(keyrings.statement("zzzz000000000000", LEE.id, "machine", (), new.public), keyrings.NAMESPACE)
    entry = replace(world.endorse(new, LEE.id, "machine", by=world.lee), endorsement=armour)
    return keyrings.PATH, _policy(site, _ring(world.ring.with_entry(entry)))


@tampering("endorsement", stock=(True, True))
def second_key_vouches_for_itself(site: Site) -> Where:
    """Admits a second personal key of the supervisor's that vouches for itself, in a well-signed commit."""
    new = key("new")
    entry = site.world.endorse(new, LEE.id, "personal", by=new)
    return keyrings.PATH, _policy(site, _ring(site.world.ring.with_entry(entry)))


@tampering("endorsement", "policy-role", stock=(True, True))
def trainee_admits_a_key_for_the_supervisor(site: Site) -> Where:
    """Has the trainee vouch for a key under the supervisor's name, and record it."""
    entry = site.world.endorse(key("new"), LEE.id, "personal", by=site.world.sam)
    oid = _policy(site, _ring(site.world.ring.with_entry(entry)), signing=site.world.sam, who=ident(SAM))
    return keyrings.PATH, oid


@tampering("endorsement", stock=(True, True))
def role_added_to_a_vouched_key(site: Site) -> Where:
    """Adds the policy role to a new key after it was vouched for without one."""
    world = site.world
    entry = replace(world.endorse(key("new"), LEE.id, "personal", by=world.lee), roles=("policy",))
    return keyrings.PATH, _policy(site, _ring(world.ring.with_entry(entry)))


@tampering("endorsement", stock=(True, True))
def another_recovery_key(site: Site) -> Where:
    """Slips in a second recovery key that vouches for itself."""
    new = key("new")
    entry = site.world.endorse(new, "recovery", "recovery", by=new, roles=("policy",))
    return keyrings.PATH, _policy(site, _ring(site.world.ring.with_entry(entry)))


@tampering("policy-unreadable", stock=(True, True))
def machine_key_with_the_policy_role(site: Site) -> Where:
    """Gives the policy role to a machine key, which lies on the disk without a passphrase."""
    world = site.world
    entry = world.endorse(key("new"), LEE.id, "machine", by=world.lee, roles=("policy",))
    return BRANCH, _policy(site, _ring(world.ring.with_entry(entry)))


@tampering("policy-role", stock=(True, True))
def trainee_with_the_policy_role(site: Site) -> Where:
    """Gives the policy role to a trainee's second key."""
    world = site.world
    entry = world.endorse(key("new"), SAM.id, "personal", by=world.sam, roles=("policy",))
    return keyrings.PATH, _policy(site, _ring(world.ring.with_entry(entry)))


@tampering("signers-changed", stock=(True, True))
def key_of_nobody(site: Site) -> Where:
    """Admits a key of a person whom the practice does not have."""
    new = key("new")
    entry = site.world.endorse(new, "max-nobody", "personal", by=new)
    return keyrings.PATH, _policy(site, _ring(site.world.ring.with_entry(entry)))


@tampering("ended-key", stock=(True, True))
def person_ended_with_a_working_key(site: Site) -> Where:
    """Ends a person and leaves their keys in force."""
    return keyrings.PATH, _policy(site, _practice(site, people=(LEE, ended(SAM, "2026-11-02"))))


@tampering("last-good", "unsettled", stock=(True, True))
def revocation_back_to_nowhere(site: Site) -> Where:
    """Revokes a key back to a commit that is not there."""
    oid = site.world.revoke(site.world.sam_machine, last_good="0" * 64)
    site.save()
    return keyrings.PATH, oid


@tampering("disowned-key", "revoked-key", "unsettled")
def key_let_in_by_a_thief(site: Site) -> Where:
    """Admits a key with a stolen one, and leaves it in the list after the stolen one is revoked."""
    world = site.world
    good = world.branches[BRANCH].commits[-1]
    world.admit(world.endorse(key("thief"), LEE.id, "machine", by=world.lee))
    oid = world.revoke(world.lee, reason="compromised", last_good=good, by=world.recovery)
    site.save()
    return keyrings.PATH, oid


@tampering("revoked-key", "unsettled", stock=(True, False))
def policy_by_a_revoked_key(site: Site) -> Where:
    """Changes the policy with a key that was revoked before."""
    site.world.revoke(site.world.lee, by=site.world.recovery)
    return BRANCH, _policy(site, _practice(site, name="Still mine"))


@tampering("policy-role", "unsettled")
def last_policy_key_revoked(site: Site) -> Where:
    """Revokes every key that could change the policy, so that nobody can ever undo it."""
    site.world.revoke(site.world.recovery)
    oid = site.world.revoke(site.world.lee)
    site.save()
    return keyrings.PATH, oid


@tampering("policy-unreadable", stock=(True, True))
def signers_that_no_program_can_read(site: Site) -> Where:
    """Breaks `signers.toml`, so that the next policy is not read."""
    return BRANCH, _policy(site, {keyrings.PATH: b"vaultcli = 2\n"})


@tampering("pinned-file", stock=(True, True))
def attributes_that_change_bytes(site: Site) -> Where:
    """Has git change line ends in every file of the practice, which breaks the signatures that strangers check."""
    return ".gitattributes", _policy(site, {".gitattributes": b"* text eol=crlf\n"})


@tampering("pinned-file", "event", stock=(True, True))
def attributes_of_a_line(site: Site) -> Where:
    """Has git change line ends in every file of a client's line."""
    site.ada.commit("register", {".gitattributes": b"* text eol=crlf\n"})
    site.save()
    return ".gitattributes", site.ada.commits[-1]


@tampering("path", stock=(True, True))
def client_data_beside_the_policy(site: Site) -> Where:
    """Records a list of clients on the line that goes out with every release."""
    return "clients.csv", _policy(site, {"clients.csv": b"Ada Example, F33.1\n"})


@tampering("vanished", "policy-unreadable", stock=(True, True))
def signers_deleted(site: Site) -> Where:
    """Deletes `signers.toml` in a well-signed commit."""
    return keyrings.PATH, _policy(site, {keyrings.PATH: None})


@tampering("commit-key", stock=(True, True))
def new_key_under_an_old_policy(site: Site) -> Where:
    """Commits with a key, on a line that has not moved on, under a policy from before the key was admitted."""
    old = site.world.branches[BRANCH].commits[-1]
    site.world.admit(site.world.endorse(key("new"), LEE.id, "machine", by=site.world.lee))
    _draft_with(site.bo, old, signing=key("new"))
    site.save()
    return site.bo.branch, site.bo.commits[-1]


@tampering("unsettled", stock=(True, False))
def revoked_key_under_an_old_policy(site: Site) -> Where:
    """Commits with a stolen and revoked machine key on an old line, naming the policy in which it still counted."""
    old = site.world.branches[BRANCH].commits[-1]
    site.world.revoke(site.world.sam_machine, reason="compromised")
    _draft_with(site.bo, old, signing=site.world.sam_machine, who=ident(SAM))
    for line in (site.ada,):
        line.settle(site.world.sam_machine, line.commits[-1])
    site.save()
    return site.bo.branch


@tampering("unsettled", stock=(True, True))
def revoked_key_on_a_new_line(site: Site) -> Where:
    """Begins a new line with a revoked machine key, dated back and under the policy in which it still counted."""
    line = site.world.client("cy", open_line=False)
    policy = site.world.branches[BRANCH].commits[1]
    files = {".gitattributes": b"* -text\n", "client.md": line.register}
    early = site.world.clock - timedelta(minutes=12)
    line.commit("open", files, message=line.message("open", policy=policy), signing=site.old, when=early)
    site.save()
    return line.branch


@tampering("revoked-key", stock=(True, False))
def revoked_key_under_the_new_policy(site: Site) -> Where:
    """Goes on committing with a machine key that the policy has revoked."""
    site.ada.draft("Still here.", signing=site.old)
    site.save()
    return site.ada.branch, site.ada.commits[-1]


@tampering("revoked-key", stock=(True, True))
def note_signed_with_a_revoked_key(site: Site) -> Where:
    """Signs a note with a personal key that was revoked, and records it with a machine that still counts."""
    world = site.world
    world.revoke(world.sam, reason="compromised")
    site.ada.settle(world.sam, site.ada.commits[-1])
    path, raw = site.ada.note("Signed by the thief.")
    site.ada.sign(path, raw=raw, by=SAM)
    site.save()
    return path, site.ada.commits[-1]


@tampering("settle", stock=(True, True))
def settled_at_a_foreign_commit(site: Site) -> Where:
    """Settles a revoked key at a commit of another client's line."""
    site.ada.settle(site.old, site.bo.commits[0])
    site.save()
    return site.ada.branch, site.ada.commits[-1]


@tampering("revoked-key", stock=(True, False))
def settled_too_late(site: Site) -> Where:
    """Settles a revoked key a second time, after commits that the thief has made."""
    stolen = site.ada.draft("By the thief.", signing=site.old)
    site.ada.settle(site.old, site.ada.commits[-1])
    site.save()
    assert stolen
    return site.ada.branch, site.ada.commits[-2]


@tampering("settle", stock=(True, True))
def settled_though_not_revoked(site: Site) -> Where:
    """Settles a key that is not revoked, so that its later commits would not count."""
    site.ada.settle(site.world.sam_machine, site.ada.commits[0])
    site.save()
    return site.ada.branch, site.ada.commits[-1]


@tampering("policy-role", "revoked-key", stock=(True, True))
def settled_by_a_machine(site: Site) -> Where:
    """Settles a revoked key with a machine key."""
    site.ada.settle(site.old, site.ada.commits[0], signing=site.world.lee_machine)
    site.save()
    return site.ada.branch, site.ada.commits[-1]


@tampering("unsettled")
def revoked_and_never_settled(site: Site) -> Where:
    """Revokes a key and leaves open, on a line that it has signed, up to which commit it counts."""
    site.world.revoke(site.world.sam_machine, reason="lost")
    site.save()
    return site.ada.branch


@tampering("commit-key", stock=(True, True))
def draft_by_the_recovery_key(site: Site) -> Where:
    """Records a client's draft with the key that lies on paper."""
    site.ada.draft("By whom?", signing=site.world.recovery, who=RECOVERY)
    site.save()
    return site.ada.branch, site.ada.commits[-1]


@tampering("commit-key", stock=(True, True))
def draft_by_a_personal_key(site: Site) -> Where:
    """Records a client's draft with the personal key, which belongs to signing notes."""
    site.ada.draft("By whom?", signing=site.world.lee)
    site.save()
    return site.ada.branch, site.ada.commits[-1]




@tampering("key-date", stock=(True, True))
def key_let_in_years_ago(site: Site) -> Where:
    """Lets in a key today and writes that it has been there for years."""
    fresh = site.world.endorse(key("lee's new machine"), LEE.id, "machine", by=site.world.lee)
    ring = Keyring((*site.world.ring.entries, replace(fresh, added="2020-01-01T09:00:00-05:00")))
    return keyrings.PATH, _policy(site, _ring(ring))


@tampering("people-alike", stock=(True, True))
def second_person_of_one_look(site: Site) -> Where:
    """Enters another person whose name looks like a colleague's, with a letter of another script."""
    other = replace(LEE, id="lee-exarnple", name=LEE.name.replace("e", "\u0435", 1), roles=("clinician",))
    return practices.PATH, _policy(site, _practice(site, people=(*site.world.practice.people, other)))
