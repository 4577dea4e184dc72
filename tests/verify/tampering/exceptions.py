"""Exceptions and successions: excuses that excuse too much, and new lines that take over less or other than they say."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import replace

from tests.sshsign import SigningKey
from tests.verify.tampering import Where, tampering
from tests.verify.tampering.site import Site
from tests.world import LEE, RECOVERY, SAM, id_of, key
from vaultcli.record.history import stamp
from vaultcli.record.history.line import BRANCH, Line
from vaultcli.record.message import trailer
from vaultcli.record.rules.policy import GITATTRIBUTES
from vaultcli.record.rules.succession import (
    PATH,
    Succession,
    parse,
    render,
)


def excuse_on_practice(site: Site, bad: str, signing: SigningKey) -> tuple[str, str]:
    """Excuse, in Lee's name, that a commit of `practice` is unsigned; the exception's path and commit."""
    world, id_ = site.world, site.world.id()
    path = f"exceptions/{id_}.md"
    raw = f"---\nexcuses: {trailer(bad)}\nfinding: commit-signature\nreason: none\nid: {id_}\n---\n".encode()
    said = stamp.Signing(trailer(world.genesis), LEE, world.clock, "system", "vaultcli 0.1.0")
    made = stamp.stamp([stamp.Unsigned(path, "exception", id_, "", raw, "policy")], said, Line(BRANCH))[0][2]
    files = {path: made, f"{path}.sig": signing.sign(made, "exception@vaultcli.v1").encode()}
    return path, world.commit(BRANCH, files, f"exception {id_}\n", signing=signing)


@tampering("target", "commit-signature", stock=(True, False))
def exception_that_excuses_its_own_commit(site: Site) -> Where:
    """Records an exception in an unsigned commit, meant for that very commit, whose id nobody can know beforehand."""
    path = site.ada.excuse("0" * 64, "commit-signature", unsigned=True)
    site.save()
    return path, site.ada.commits[-1]


@tampering("policy-role", "commit-signature", stock=(True, False))
def exception_by_a_machine(site: Site) -> Where:
    """Excuses an unsigned commit in a commit that a machine key signed."""
    site.ada.draft("Unsigned.", unsigned=True)
    site.ada.excuse(site.ada.commits[-1], "commit-signature", signing=site.world.lee_machine)
    site.save()
    return site.ada.branch, site.ada.commits[-1]


@tampering("policy-role", "commit-signature", stock=(True, False))
def exception_signed_by_the_trainee(site: Site) -> Where:
    """Excuses an unsigned commit by the signature of a key without the policy role."""
    site.ada.draft("Unsigned.", unsigned=True)
    bad = site.ada.commits[-1]
    id_ = site.world.id()
    path = f"exceptions/{id_}.md"
    raw = f"---\nexcuses: {trailer(bad)}\nfinding: commit-signature\nreason: none\nid: {id_}\n---\n".encode()
    signed = site.ada.signed(path, raw, meaning="policy", by=SAM)
    site.ada.commit("exception", signed, id_, signing=site.world.lee)
    site.save()
    return path, site.ada.commits[-1]


@tampering("target", "commit-signature", stock=(True, False))
def exception_for_another_line(site: Site) -> Where:
    """Excuses on one client's line a commit of another's."""
    site.bo.draft("Unsigned.", unsigned=True)
    path = site.ada.excuse(site.bo.commits[-1], "commit-signature")
    site.save()
    return path, site.ada.commits[-1]


@tampering("commit-signature", stock=(True, False))
def exception_for_another_rule(site: Site) -> Where:
    """Excuses another rule at the unsigned commit than the one that it breaks."""
    site.ada.draft("Unsigned.", unsigned=True)
    bad = site.ada.commits[-1]
    site.ada.excuse(bad, "date-order")
    site.save()
    return site.ada.branch, bad


@tampering("exception", "commit-signature", stock=(True, False))
def exception_by_the_key_that_it_lets_in(site: Site) -> Where:
    """Pushes an unsigned commit that admits a policy key, and excuses that commit with that key."""
    world, mine = site.world, key("mine")
    entry = world.endorse(mine, LEE.id, "personal", by=world.lee, roles=("policy",))
    bad = world.policy(ring=world.ring.with_entry(entry), unsigned=True)
    path, oid = excuse_on_practice(site, bad, mine)
    site.save()
    return path, oid


@tampering("revoked-key", "commit-signature", stock=(True, False))
def exception_by_a_thief(site: Site) -> Where:
    """Excuses an unsigned commit with a stolen policy key, after its last good commit."""
    good = site.ada.commits[-1]
    site.ada.draft("Unsigned.", unsigned=True)
    site.ada.excuse(site.ada.commits[-1], "commit-signature")
    stolen = site.ada.commits[-1]
    world = site.world
    world.revoke(world.lee, reason="compromised", by=world.recovery)
    for line, last in ((site.ada, good), (site.bo, site.bo.commits[-1])):
        line.settle(world.lee, last, signing=world.recovery, who=RECOVERY)
    site.save()
    return site.ada.branch, stolen


@tampering("note-changed", "event", "message-ids")
def exception_widened(site: Site) -> Where:
    """Changes what a signed exception excuses."""
    path = site.ada.excuse(site.ada.commits[-1], "date-order")
    raw = site.ada.texts[path].replace(b"date-order", b"ident")
    site.ada.commit("draft", {path: raw}, id_of(path))
    site.save()
    return path, site.ada.commits[-1]


def _succeed(site: Site, change: Callable[[Succession], Succession], files: dict[str, bytes | None], **parts: object) -> str:
    """Ada's line succeeded without one signed note, with another list or other files than it should; the new root."""
    world, ada = site.world, site.ada
    ada.succeed(without=[site.withdrawn])
    honest = world.branches[ada.branch]
    said = parse(world.blobs[honest.files[PATH][1]].decode())
    kept = {p: world.blobs[oid] for p, (_, oid) in honest.files.items()}
    for path, raw in files.items():
        if raw is None:
            kept.pop(path)
        else:
            kept[path] = raw
    kept[PATH] = render(change(said)).encode()
    honest.commits.clear()
    honest.files.clear()
    settings: dict[str, object] = {"signing": world.lee, **parts}
    oid = ada.commit("succeed", {**kept, ".gitattributes": GITATTRIBUTES}, **settings)
    site.save()
    return oid


@tampering("chain")
def file_dropped_without_a_word(site: Site) -> Where:
    """Succeeds a line and leaves a signed file out without listing it."""
    drop = [site.single, f"{site.single}.sig"]
    shorten = lambda said: replace(said, kept=tuple(one for one in said.kept if one.path not in drop))  # noqa: E731
    oid = _succeed(site, shorten, dict.fromkeys(drop))
    return site.ada.branch, oid


@tampering("succession")
def kept_file_changed(site: Site) -> Where:
    """Succeeds a line and changes the register entry that it says to take over."""
    oid = _succeed(site, lambda said: said, {"client.md": site.ada.register + b"Changed.\n"})
    return "client.md", oid


@tampering("note-signature", "chain")
def kept_note_changed_and_listed(site: Site) -> Where:
    """Succeeds a line, changes a signed note, and lists the changed bytes."""
    raw = site.ada.texts[site.single].replace(b"on time", b"late")
    digest = hashlib.sha256(raw).hexdigest()
    relist = lambda said: replace(  # noqa: E731
        said, kept=tuple(replace(one, sha256=digest) if one.path == site.single else one for one in said.kept)
    )
    return site.single, _succeed(site, relist, {site.single: raw})


@tampering("succession")
def file_slipped_into_a_succession(site: Site) -> Where:
    """Succeeds a line and slips in a draft that the old line never had."""
    path, raw = site.ada.note("Never there.")
    return site.ada.branch, _succeed(site, lambda said: said, {path: raw})


@tampering("rewritten")
def succession_of_another_line(site: Site) -> Where:
    """Succeeds a line and lists another line's commits as those that it replaces."""
    _succeed(site, lambda said: replace(said, commits=tuple(map(trailer, site.bo.commits))), {})
    return site.ada.branch


@tampering("policy-role")
def succession_by_a_machine(site: Site) -> Where:
    """Succeeds a line with a machine key."""
    oid = _succeed(site, lambda said: said, {}, signing=site.world.lee_machine)
    return site.ada.branch, oid


@tampering("rewritten")
def line_begun_anew_without_a_succession(site: Site) -> Where:
    """Begins the line anew as if the client had just come."""
    site.world.branches[site.ada.branch].commits.clear()
    site.world.branches[site.ada.branch].files.clear()
    site.ada.open()
    site.save()
    return site.ada.branch
