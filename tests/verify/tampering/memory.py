"""What this machine remembers: pins that were deleted or belong elsewhere, and a cache that somebody planted."""

from __future__ import annotations

import json
import shutil

from tests.verify.tampering import UNPINNED, Where, tampering
from tests.verify.tampering.site import Site
from tests.world import World
from vaultcli.places.machine import pins


@tampering(UNPINNED, stock=(True, True))
def pins_deleted(site: Site) -> Where:
    """Deletes what this machine remembers, so that any complete record would look right."""
    shutil.rmtree(pins.folder())
    return ""


@tampering(UNPINNED, stock=(True, True))
def copy_under_another_id(site: Site) -> Where:
    """Gives the copy another id in its settings, so that the pins are those of no copy."""
    site.world.git("config", "vaultcli.clone", "0" * 16)
    return ""


@tampering("rollback", stock=(True, True))
def rolled_back_with_a_planted_cache(site: Site) -> Where:
    """Moves a line back and writes the older head into the cache as verified."""
    older = site.bo.commits[-2]
    site.ref(f"refs/heads/{site.bo.branch}", older)
    _plant(site, site.bo.branch, older)
    (site.bo.folder / site.note_of_bo).unlink()
    (site.bo.folder / f"{site.note_of_bo}.sig").unlink()
    return site.bo.branch


@tampering("commit-signature", stock=(True, False))
def unsigned_commit_with_a_planted_cache(site: Site) -> Where:
    """Adds an unsigned commit and writes it into the cache as verified."""
    site.bo.draft("Unsigned.", unsigned=True)
    site.save()
    _plant(site, site.bo.branch, site.bo.commits[-1])
    return site.bo.branch, site.bo.commits[-1]


def _plant(site: Site, branch: str, head: str) -> None:
    (file,) = pins.folder().with_name("verified").rglob(f"{site.clone}.json")
    planted = json.loads(file.read_text())
    planted["value"]["lines"][branch]["head"] = head
    file.write_text(json.dumps(planted))


@tampering("genesis", "overwritten", "place", "policy-unknown", stock=(True, True))
def another_vault_in_its_place(site: Site) -> Where:
    """Puts a complete and well-signed vault with another first commit in the place of this one."""
    other = World(site.world.folder / "other", trainee=False)
    other.client("ada").draft("Another history.")
    for oid, (kind, data) in other.objects.items():
        site.plant(oid, kind, data)
    for name, line in other.branches.items():
        site.ref(f"refs/heads/{name}", line.commits[-1])
    for worktree in (site.git_dir / "worktrees").iterdir():
        shutil.rmtree(worktree)
    return "practice"


@tampering("no-policy", "genesis")
def practice_removed(site: Site) -> Where:
    """Deletes the line that says whose keys count."""
    (site.git_dir / "refs" / "heads" / "practice").unlink()
    return "practice"


@tampering("rollback", "policy-unknown", "settle", stock=(True, True))
def policy_rolled_back(site: Site) -> Where:
    """Moves the practice back to before the revocation of a key."""
    line = site.world.branches["practice"]
    line.commits.pop()
    line.files = site.files(line.commits[-1])
    site.save()
    return "practice"


@tampering("pins")
def pins_damaged(site: Site) -> Where:
    """Writes rubbish over what this machine remembers, so that verification has nothing to hold against the record."""
    (file,) = pins.folder().rglob(f"{site.clone}.json")
    file.write_bytes(b"{")
    return "pins"
