"""Objects that the lines lead to and that cannot be read any more, and the same objects taken from another copy.

Only what heads of this copy lead to is looked at, so nothing that a succession deleted comes back. An object is its hash:
what has the right one is the object, wherever it came from. It is written as a loose one, durably; the pack that held the bad
one is then written anew without it, or put aside where it cannot be read at all.
"""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

from vaultcli.ground import files
from vaultcli.ground.errors import GitTrouble
from vaultcli.ground.git import loose, packs
from vaultcli.ground.git.catfile import Objects, Reader
from vaultcli.ground.git.objects import name_object, parse_commit
from vaultcli.ground.git.tree import LINK, parse_tree
from vaultcli.ground.repository import bundle
from vaultcli.ground.repository.remote import Remote
from vaultcli.ground.repository.repository import Repository


def find(repository: Repository) -> tuple[set[str], int]:
    """Every object that a line leads to and that is missing or damaged, as far as what is whole leads; how many were read."""
    with Reader(repository.git) as reader:
        commits, trees, blobs = set(repository.lines().values()), set[str](), set[str]()
        new = set(commits)
        while new:
            found = reader.many(sorted(new), "commit")
            rows = [parse_commit(oid, raw) for oid, raw in found.items() if isinstance(raw, bytes)]
            trees |= {commit.tree for commit in rows}
            new = {parent for commit in rows for parent in commit.parents} - commits
            commits |= new
        new = set(trees)
        while new:
            below: set[str] = set()
            for oid, raw in reader.many(sorted(new), "tree").items():
                for entry in parse_tree(oid, raw).entries() if isinstance(raw, bytes) else ():
                    if entry.is_folder:
                        below.add(entry.oid)
                    elif entry.mode != LINK:
                        blobs.add(entry.oid)
            new = below - trees
            trees |= new
        reader.check(sorted(blobs - reader.seen))
        return set(reader.bad), len(reader.seen)


def mend(repository: Repository, source: str) -> tuple[int, set[str]]:
    """Bring back from another copy what is damaged here.

    Args:
        repository: the one with the damage.
        source: a git folder, a bundle, or an address over ssh or https.

    Returns:
        How many objects were brought back, and those that are still missing or damaged.

    Raises:
        GitTrouble: the source cannot be read.
    """
    bad, _ = find(repository)
    if not bad:
        return 0, bad
    files.make_dirs(repository.scratch)
    done = 0
    with bundle.bare(repository.object_format, repository.scratch) as there:
        Remote(there, source).fetch(bundle.EVERYTHING)
        with Objects(there) as objects, repository.lock():
            while bad:
                good = _taken(objects, bad, repository.object_format)
                if not good:
                    break
                loose.store(repository.directory, good)
                repository.objects.close()
                _renew_packs(repository, set(good))
                repository.objects.forget()
                done += len(good)
                # what was brought back leads on
                bad, _ = find(repository)
                if bad & good.keys():
                    raise GitTrouble(f"{len(bad & good.keys())} objects were written, and cannot be read: is the disk failing?")
    return done, bad


def _taken(objects: Objects, wanted: set[str], object_format: str) -> dict[str, tuple[str, bytes]]:
    found = {}
    for oid in sorted(wanted):
        with suppress(GitTrouble):
            kind, data = objects.read(oid)
            if name_object(kind, data, object_format) == oid:
                found[oid] = (kind, data)
    return found


def _renew_packs(repository: Repository, mended: set[str]) -> None:
    """Write packs that hold a bad copy of these anew, from the good ones; one without a readable index is put aside."""
    folder = repository.directory / "objects" / "pack"
    for index in sorted(folder.glob("pack-*.idx")):
        try:
            held: Sequence[str] = packs.names(repository.git, index)
        except GitTrouble:
            _put_aside(repository, index)
            continue
        if mended.isdisjoint(held):
            continue
        with suppress(GitTrouble):
            kept = [oid for oid in held if oid not in mended]
            if not kept or packs.write(repository.git, folder, kept) != index.stem:
                packs.unlink(folder, [index.stem])
                continue
        # it holds more that is bad, which no line leads to
        _put_aside(repository, index)


def _put_aside(repository: Repository, index: Path) -> None:
    aside = repository.directory / "vaultcli" / "damaged"
    files.make_dirs(aside)
    for file in index.parent.glob(f"{index.stem}.*"):
        with files.trouble(file, "move"):
            file.chmod(0o600)
            file.rename(aside / file.name)
    files.fsync_dir(index.parent)
