"""Commits: rewritten, dropped, put in another order, merged, dated otherwise, and saying what they are not."""

from __future__ import annotations

import re
from datetime import datetime
from pathlib import Path

from tests.verify.tampering import Where, tampering
from tests.verify.tampering.site import Site
from tests.world import SAM, ZONE, id_of, ident, key

DRAFT, REDRAFT, SIGN, SINGLE, COSIGN, LATE_DRAFT = 1, 2, 3, 4, 8, 9
"""Positions on Ada's line."""


def _later(raw: bytes, seconds: int = 20) -> bytes:
    return re.sub(rb"> ([0-9]+) -", lambda m: b"> %d -" % (int(m[1]) + seconds), raw)


@tampering("commit-signature", "rewritten", "message-ids", stock=(True, False))
def message_rewritten(site: Site) -> Where:
    """Rewrites the message of a commit and leaves its signature in place."""
    made = site.rewrite(site.ada.branch, {REDRAFT: lambda raw: raw.replace(b"draft 0", b"draft 1")}, insider=False)
    return site.ada.branch, made[REDRAFT]


@tampering("rewritten", "message-ids", stock=(True, True))
def message_rewritten_by_insider(site: Site) -> Where:
    """Rewrites the message of a commit, and signs it and all later ones again with the right keys."""
    site.rewrite(site.ada.branch, {REDRAFT: lambda raw: raw.replace(b"draft 0", b"draft 1")}, insider=True)
    return site.ada.branch


@tampering("commit-signature", "rewritten", stock=(True, False))
def date_rewritten(site: Site) -> Where:
    """Dates a commit twenty seconds later and leaves its signature in place."""
    made = site.rewrite(site.ada.branch, {REDRAFT: _later}, insider=False)
    return site.ada.branch, made[REDRAFT]


@tampering("rewritten", stock=(True, True))
def date_rewritten_by_insider(site: Site) -> Where:
    """Dates a commit twenty seconds later, and signs it and all later ones again with the right keys."""
    site.rewrite(site.ada.branch, {REDRAFT: _later}, insider=True)
    return site.ada.branch


@tampering("ident", "commit-signature", "rewritten", stock=(True, False))
def author_rewritten(site: Site) -> Where:
    """Puts the trainee's name on a commit of the supervisor's and leaves its signature in place."""
    edit = {LATE_DRAFT: lambda raw: raw.replace(b"author Lee Example <lee-example>", b"author Sam Sample <sam-sample>")}
    made = site.rewrite(site.ada.branch, edit, insider=False)
    return site.ada.branch, made[LATE_DRAFT]


@tampering("ident", stock=(True, True))
def author_borrowed_by_insider(site: Site) -> Where:
    """Records a draft under the trainee's name, signed with the supervisor's own machine key."""
    site.ada.draft("In another's name.", who=ident(SAM))
    site.save()
    return site.ada.branch, site.ada.commits[-1]


@tampering("ident", stock=(True, True))
def author_and_committer_differ(site: Site) -> Where:
    """Names the trainee as author of what the supervisor commits."""
    swap = lambda raw: raw.replace(b"author Lee Example <lee-example>", b"author Sam Sample <sam-sample>")  # noqa: E731
    site.ada.draft("Whose?", edit=swap)
    site.save()
    return site.ada.branch, site.ada.commits[-1]


@tampering("commit-signature", stock=(True, False))
def commit_unsigned(site: Site) -> Where:
    """Records a draft in a commit without a signature."""
    site.ada.draft("Unsigned.", unsigned=True)
    site.save()
    return site.ada.branch, site.ada.commits[-1]


@tampering("commit-signature", stock=(True, False))
def commit_signature_of_another_commit(site: Site) -> Where:
    """Puts the signature of an older commit on a new one."""
    armour = site.parsed(site.ada.commits[-1]).signature or ""
    site.ada.draft("Borrowed.", sign=lambda _: armour)
    site.save()
    return site.ada.branch, site.ada.commits[-1]


@tampering("commit-signature", stock=(True, False))
def commit_signed_in_another_namespace(site: Site) -> Where:
    """Has a key sign a commit in the namespace of notes, as if a note's signature could be reused."""
    site.ada.draft("Crossed over.", sign=lambda raw: site.world.lee_machine.sign(raw, "note@vaultcli.v1"))
    site.save()
    return site.ada.branch, site.ada.commits[-1]


@tampering("commit-key", stock=(True, False))
def commit_by_a_stranger(site: Site) -> Where:
    """Records a draft under the clinician's name with a key that nobody has admitted."""
    site.ada.draft("By a stranger.", signing=key("stranger"))
    site.save()
    return site.ada.branch, site.ada.commits[-1]


@tampering("rewritten", stock=(True, True))
def history_written_anew_by_the_key_holders(site: Site) -> Where:
    """Writes the client's whole history anew with other words in the notes, every signature made again, every date kept."""
    other = Site.make(Path("/nowhere"), words="She did not come.", on_disk=False)
    site.world.objects.update(other.objects)
    site.world.blobs.update(other.world.blobs)
    for line in (other.ada, other.bo):
        site.world.branches[line.branch] = other.world.branches[line.branch]
    site.save()
    return site.ada.branch


@tampering("rewritten", "message-ids", stock=(True, True))
def commit_dropped(site: Site) -> Where:
    """Drops a commit with a draft from the middle of the line, and signs all later ones again with the right keys."""
    site.rewrite(site.ada.branch, {}, insider=True, drop=[LATE_DRAFT])
    return site.ada.branch


@tampering("date-order", "event", "rewritten", stock=(True, True))
def commits_in_another_order(site: Site) -> Where:
    """Exchanges two commits and signs the line again with the right keys."""
    last = len(site.ada.commits) - 1
    made = site.rewrite(site.ada.branch, {}, insider=True, order=[*range(last - 1), last, last - 1])
    return site.ada.branch, made[-1]


@tampering("rollback", stock=(True, True))
def newest_signed_note_removed(site: Site) -> Where:
    """Moves the line back to before its newest signed note."""
    line = site.world.branches[site.bo.branch]
    line.commits.pop()
    line.files = site.files(line.commits[-1])
    site.save()
    return site.bo.branch


@tampering("chain", "rewritten", stock=(True, True))
def signed_note_removed_from_the_middle(site: Site) -> Where:
    """Takes a signed note out of every commit, and signs the line again with the right keys, but not the notes after it."""
    made = site.rewrite(site.ada.branch, {}, insider=True, drop=[SINGLE], without=[site.single, f"{site.single}.sig"])
    return site.correction, made[SINGLE]


@tampering("vanished", "event", "message-ids", stock=(True, True))
def signed_note_deleted(site: Site) -> Where:
    """Deletes a signed note and its signature in a well-signed commit."""
    site.ada.commit("draft", {site.single: None, f"{site.single}.sig": None}, id_of(site.single))
    site.save()
    return site.single, site.ada.commits[-1]


@tampering("vanished", "message-ids", stock=(True, True))
def draft_vanished(site: Site) -> Where:
    """Deletes a recorded draft in the commit that records another one."""
    path, raw = site.ada.note("Another one.")
    site.ada.commit("draft", {site.draft: None, path: raw}, id_of(site.draft))
    site.save()
    return site.draft, site.ada.commits[-1]


@tampering("vanished-line", stock=(True, True))
def line_removed(site: Site) -> Where:
    """Deletes a client's branch, so that their whole record is unreachable."""
    (site.git_dir / "refs" / "heads" / site.bo.branch).unlink()
    return site.bo.branch


@tampering("merge", stock=(True, True))
def merge_of_two_lines(site: Site) -> Where:
    """Merges another client's line into this one, signed with the right key."""
    path, raw = site.ada.note("Merged.")
    site.ada.commit("draft", {path: raw}, id_of(path), parents=[site.ada.commits[-1], site.bo.commits[-1]])
    site.save()
    return site.ada.branch, site.ada.commits[-1]


@tampering("merge", "event", "message-ids", "note-changed", stock=(True, True))
def evil_merge(site: Site) -> Where:
    """Changes a signed note in a merge, where neither parent has the change and `git log -p` shows none."""
    raw = site.ada.texts[site.single].replace(b"on time", b"late")
    parents = [site.ada.commits[-1], site.ada.commits[-2]]
    site.ada.commit("draft", {site.single: raw}, id_of(site.single), parents=parents)
    site.save()
    return site.ada.branch, site.ada.commits[-1]


@tampering("merge", stock=(True, False))
def revoked_key_through_a_merge(site: Site) -> Where:
    """Commits a note on a side branch with a revoked key, and has it merged by a key that counts."""
    head, (path, raw) = site.ada.commits[-1], site.ada.note("By the old machine.")
    side = site.ada.commit("draft", {path: raw}, id_of(path), signing=site.old, parents=[head])
    site.ada.commit("draft", {}, id_of(path), parents=[head, side])
    site.ada.commits.remove(side)
    site.save()
    return site.ada.branch, site.ada.commits[-1]


@tampering("revoked-key", "event", "merge", "rewritten", stock=(True, False))
def revoked_key_through_a_merge_with_parents_exchanged(site: Site) -> Where:
    """Makes the side branch of a revoked key the first parent of a merge, so that it becomes the line's past."""
    fork, head = site.ada.commits[-2], site.ada.commits[-1]
    path, raw = site.ada.note("By the old machine.")
    side = site.ada.commit("draft", {path: raw}, id_of(path), signing=site.old, parents=[fork])
    site.ada.commit("register", {}, parents=[side, head])
    site.ada.commits.remove(head)
    site.save()
    return site.ada.branch, side


@tampering("date-order", stock=(True, True))
def commit_backdated(site: Site) -> Where:
    """Commits a draft dated before the commit that it follows."""
    site.ada.draft("Earlier.", when=datetime(2026, 11, 2, 9, 3, tzinfo=ZONE))
    site.save()
    return site.ada.branch, site.ada.commits[-1]


@tampering("date-future", stock=(True, True))
def commit_in_the_future(site: Site) -> Where:
    """Commits a draft dated years from now."""
    site.ada.draft("Later.", when=datetime(2096, 1, 1, 9, 0, tzinfo=ZONE))
    site.save()
    return site.ada.branch, site.ada.commits[-1]


@tampering("date-form")
def commit_with_an_offset_of_nowhere(site: Site) -> Where:
    """Commits a draft with an offset of 23 hours, so that local dates say what one likes."""
    site.ada.draft("Elsewhere.", edit=lambda raw: raw.replace(b" -0500\n", b" -2300\n"))
    site.save()
    return site.ada.branch, site.ada.commits[-1]


@tampering("commit-headers", stock=(True, True))
def commit_with_another_encoding(site: Site) -> Where:
    """Commits a draft with a header that makes git show the message in other letters."""
    site.ada.draft("Other letters.", edit=lambda raw: raw.replace(b"\n\n", b"\nencoding UTF-7\n\n", 1))
    site.save()
    return site.ada.branch, site.ada.commits[-1]


@tampering("bad-commit")
def commit_that_git_would_not_write(site: Site) -> Where:
    """Commits a draft with the committer named twice, one of them for readers that take the last."""
    twice = lambda raw: raw.replace(b"\ncommitter ", b"\ncommitter Sam Sample <sam-sample> 1 -0500\ncommitter ")  # noqa: E731
    site.ada.draft("Twice.", edit=twice)
    site.save()
    return site.ada.branch, site.ada.commits[-1]


@tampering("message", stock=(True, True))
def message_that_tells(site: Site) -> Where:
    """Writes the diagnosis into the commit message, which every remote and log would show."""
    path, raw = site.ada.note("A draft.")
    site.ada.commit("draft", {path: raw}, message="depression, see note\n")
    site.save()
    return site.ada.branch, site.ada.commits[-1]


@tampering("message-ids", stock=(True, True))
def message_names_another_note(site: Site) -> Where:
    """Records one note and names another in the message."""
    path, raw = site.ada.note("A draft.")
    site.ada.commit("draft", {path: raw}, id_of(site.draft))
    site.save()
    return site.ada.branch, site.ada.commits[-1]


@tampering("message", "event", "pinned-file", stock=(True, True))
def line_opened_twice(site: Site) -> Where:
    """Replaces the register entry by opening the line once more."""
    site.ada.commit("open", {"client.md": site.ada.register})
    site.save()
    return site.ada.branch, site.ada.commits[-1]


@tampering("event", "message-ids", stock=(True, True))
def register_changed_on_the_side(site: Site) -> Where:
    """Changes the register entry in a commit that says it records a draft."""
    path, raw = site.ada.note("A draft.")
    site.ada.commit("draft", {path: raw, "client.md": site.ada.register}, id_of(path), site.ada.id)
    site.save()
    return "client.md", site.ada.commits[-1]


@tampering("policy-unknown", stock=(True, True))
def policy_that_is_not_there(site: Site) -> Where:
    """Names a policy that is on no line, under which the commit would be allowed."""
    path, raw = site.ada.note("A draft.")
    site.ada.commit("draft", {path: raw}, message=site.ada.message("draft", id_of(path), policy="0" * 64))
    site.save()
    return site.ada.branch, site.ada.commits[-1]


@tampering("policy-order", stock=(True, True))
def older_policy_than_before(site: Site) -> Where:
    """Names the first policy on a line that has moved on to a newer one."""
    path, raw = site.ada.note("A draft.")
    site.ada.commit("draft", {path: raw}, message=site.ada.message("draft", id_of(path), policy=site.genesis))
    site.save()
    return site.ada.branch, site.ada.commits[-1]


@tampering("role", stock=(True, True))
def event_beyond_the_role(site: Site) -> Where:
    """Has the trainee record a co-signature that the supervisor has signed."""
    id_ = site.world.id()
    own = f"{site.trainee.removesuffix('.md')}.cosignature-{id_}.md"
    raw = f"---\ncovers: [{site.ada.sha256(site.trainee)}]\nid: {id_}\n---\n".encode()
    signed = site.ada.signed(own, raw, meaning="cosigner")
    site.ada.commit("cosign", signed, id_, signing=site.world.sam_machine, who=ident(SAM))
    site.save()
    return site.ada.branch, site.ada.commits[-1]




@tampering("register", stock=(True, True))
def entry_that_is_no_text(site: Site) -> Where:
    """Records a register entry that no program can read, well signed, so that lists end in an error."""
    site.ada.commit("register", {"client.md": b"\xff\xfe\x00"})
    site.save()
    return "client.md", site.ada.commits[-1]


@tampering("register", stock=(True, True))
def entries_of_two_clients_exchanged(site: Site) -> Where:
    """Writes one client's entry on another's line, so that notes seem to be somebody else's."""
    site.ada.commit("register", {"client.md": site.bo.texts["client.md"]})
    site.save()
    return "client.md", site.ada.commits[-1]


@tampering("register", stock=(True, True))
def client_turned_into_a_group(site: Site) -> Where:
    """Makes a group of a client, whose notes are then exported nowhere."""
    site.ada.update(b"kind: group")
    site.save()
    return "client.md", site.ada.commits[-1]


@tampering("group", stock=(True, True))
def note_on_a_groups_line(site: Site) -> Where:
    """Signs a note on the line of a group, where no export looks."""
    group = site.world.client("tuesday", open_line=False)
    entry = group.register.replace(b"\nid: ", b"\nkind: group\nid: ")
    group.commit("open", {".gitattributes": b"* -text\n", "client.md": entry})
    path, raw = group.note("They all came.")
    group.sign(path, raw=raw)
    site.save()
    return path, group.commits[-1]


@tampering("date-policy", stock=(True, True))
def line_begun_before_the_practice(site: Site) -> Where:
    """Opens a new line today and dates it years before the policy that it names."""
    line = site.world.client("dee", open_line=False)
    line.commit("open", {".gitattributes": b"* -text\n", "client.md": line.register}, when=datetime(2020, 1, 1, 9, tzinfo=ZONE))
    site.save()
    return line.branch, line.commits[-1]
