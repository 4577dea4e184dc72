"""Merges and beginnings."""

from __future__ import annotations

from tests.psychotherapy.tampering import tampering
from tests.psychotherapy.tampering.commits import _admitting
from tests.psychotherapy.tampering.site import Site
from vaultcli.ground import ids
from vaultcli.ground.age import seal as age
from vaultcli.record.sealed import paths, signers


def _sealed() -> bytes:
    return age.seal(bytes(4096), [age.generate().recipient])


@tampering("sealed-merge")
def merge_with_something_more(site: Site) -> None:
    """Hides a new file in a merge."""
    one, other = _sides(site)
    extra = site.path(ids.new())
    site.commit({extra: _sealed(), **_theirs(site, other)}, parents=[one, other])


@tampering("sealed-merge")
def merge_that_drops_a_side(site: Site) -> None:
    """Leaves out what the other machine wrote."""
    one, other = _sides(site)
    site.commit({}, parents=[one, other])


@tampering("sealed-merge")
def second_text_without_a_merge(site: Site) -> None:
    """Puts a second text beside a note as if two machines had written it."""
    site.commit({f"{site.token}/{site.note}.01234567.age": _sealed()})


@tampering("sealed-commit")
def octopus(site: Site) -> None:
    """Merges three lines at once."""
    one, other = _sides(site)
    third = site.commit({site.path(ids.new()): _sealed()}, parents=[site.git("rev-parse", f"{one}^")], move=False)
    site.commit(_theirs(site, other), parents=[one, other, third])


@tampering("sealed-root")
def second_beginning(site: Site) -> None:
    """Begins the same vault a second time, with a recovery signer of its own, and merges it in."""
    ring = signers.parse(site.blob(paths.SIGNERS))
    forged = signers.parse(_admitting(site, signers.RECOVERY)[paths.SIGNERS] or b"")
    mine = [one for one in forged.entries if one.kind == signers.RECOVERY][-1]
    own = signers.Signers(ring.vault, (next(one for one in ring.entries if one.kind == signers.MACHINE), mine))
    clear = {path: site.blob(path) for path in (paths.README, paths.ATTRIBUTES, paths.EPOCHS)}
    root = site.commit({**clear, paths.SIGNERS: own.raw, paths.ALLOWED: own.allowed}, parents=[], only=True, move=False)
    union = signers.union(ring, own)
    head = site.git("rev-parse", "HEAD")
    site.commit({paths.SIGNERS: union.raw, paths.ALLOWED: union.allowed}, parents=[head, root])


@tampering("sealed-revoked")
def revoked_elsewhere(site: Site) -> None:
    """Joins what a stolen machine wrote with the revocation of its key on the other side."""
    thief = site.thief()
    site.commit(_admitting(site, signers.MACHINE, vouch=True))
    base = site.git("rev-parse", "HEAD")
    ring = signers.parse(site.blob(paths.SIGNERS))
    gone = ring.with_revocation(ring.entries[-1].fingerprint, "2026-11-22", "lost")
    one = site.commit({paths.SIGNERS: gone.raw, paths.ALLOWED: gone.allowed})
    path, raw = site.path(ids.new()), _sealed()
    other = site.commit({path: raw}, parents=[base], key=thief, move=False)
    site.commit({path: raw}, parents=[one, other])


@tampering("rollback")
def history_cut(site: Site) -> None:
    """Takes the newest commit back."""
    site.git("reset", "-q", "--hard", "HEAD^")


@tampering("genesis")
def another_history(site: Site) -> None:
    """Puts another complete history in the place of this one."""
    from tests import sealed, vaults

    other = sealed.make(site.tmp / "o", vaults.make(site.tmp / "o" / "v", clients=("ada",)))
    other.note("one\n")
    site.git("fetch", "-q", str(other.settings.repository), "sealed")
    site.git("reset", "-q", "--hard", "FETCH_HEAD")


def _sides(site: Site) -> tuple[str, str]:
    """Two heads that two machines could have made."""
    base = site.git("rev-parse", "HEAD")
    other = site.commit({site.path(ids.new()): _sealed()}, parents=[base], move=False)
    return site.commit({site.path(ids.new()): _sealed()}), other


def _theirs(site: Site, other: str) -> dict[str, bytes | None]:
    path = site.git("diff-tree", "--no-commit-id", "--name-only", "-r", other)
    return {path: site.blob(path, other)}
