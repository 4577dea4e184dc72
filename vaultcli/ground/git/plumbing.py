"""Everything we ask of git in one repository, as values: objects stored, refs moved and listed, history walked, bundled, checked.

`command` says how git is called, `process` starts it; other repositories are `repository/remote`'s.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from vaultcli.ground.git import loose
from vaultcli.ground.git.command import (
    OLDEST,
    PREFIX,
    SETTINGS,
    TRANSPORTS,
    environment,
    failure,
    version,
)
from vaultcli.ground.git.objects import (
    Commit,
    Ident,
    add_signature,
    format_commit,
    format_of,
    is_oid,
    name_object,
    parse_commit,
)
from vaultcli.ground.git.process import (
    INDEX,
    MOVE,
    Ahead,
    Processes,
)

__all__ = [
    "INDEX",
    "MOVE",
    "OLDEST",
    "PREFIX",
    "SETTINGS",
    "TRANSPORTS",
    "Ahead",
    "Commit",
    "Git",
    "Ident",
    "add_signature",
    "environment",
    "failure",
    "format_commit",
    "format_of",
    "is_oid",
    "name_object",
    "parse_commit",
    "version",
]


class Git(Processes):
    """git, asked about one repository; made like `Processes`."""

    # objects

    def write_objects(self, objects: Mapping[str, tuple[str, bytes]]) -> None:
        """Store new objects, each a durable loose object when this returns.

        Args:
            objects: id to (kind, bytes), as `name_object` names them.
        """
        if objects:
            loose.store(self.directory, objects)

    # refs

    def refs(self, prefix: str = "refs/") -> dict[str, str]:
        """Every ref below the prefix with its object, in order of name."""
        out = self.run("for-each-ref", "--format=%(objectname) %(refname)", prefix).decode("utf-8", "surrogateescape")
        return {name: oid for oid, _, name in (line.partition(" ") for line in out.splitlines())}

    def update_ref(self, ref: str, new: str | None, old: str | None, ahead: Ahead | None = None) -> None:
        """Move, create or delete a ref, only if it is where it was seen; durable with its folders when this returns.

        Args:
            ref: its full name.
            new: where it goes; None deletes it.
            old: where it was seen; None when it did not exist.
            ahead: a `MOVE` that was started before.

        Raises:
            Conflict: it is somewhere else.
        """
        nothing = "0" * (64 if self.object_format == "sha256" else 40)
        if ahead is None:
            self.run("update-ref", "--no-deref", "-m", "recorded", ref, new or nothing, old or nothing)
        else:
            ahead.run(f"update {ref}\0{new or nothing}\0{old or nothing}\0".encode())
        self.sync_ref(ref)

    def sync_ref(self, ref: str) -> None:
        """Make the folders that hold a ref durable, which git itself never does."""
        from vaultcli.ground.files import fsync_dir

        folder = (self.directory / ref).parent
        while folder != self.directory:
            if folder.is_dir():
                fsync_dir(folder)
            folder = folder.parent

    def rev_list(self, *names: str, without: Sequence[str] = ()) -> list[str]:
        """Commits reachable from the names and not from those in `without`, parents before children."""
        if not names:
            return []
        asked = "".join(f"{name}\n" for name in (*names, *(f"^{name}" for name in without)))
        out = self.run("rev-list", "--topo-order", "--reverse", "--stdin", data=asked.encode())
        return out.decode().split()

    def leads_to(self, *names: str) -> set[str]:
        """Every object that these names lead to: commits, folders and files."""
        if not names:
            return set()
        asked = "".join(f"{name}\n" for name in dict.fromkeys(names))
        out = self.run("rev-list", "--objects", "--no-object-names", "--stdin", data=asked.encode())
        return set(out.decode().split())

    def is_ancestor(self, older: str, newer: str) -> bool:
        """Whether the older commit is the newer one or lies in its past."""
        process = self.start("merge-base", "--is-ancestor", older, newer, pipe_in=False)
        _, err = process.communicate()
        if process.returncode not in {0, 1}:
            raise failure("merge-base", process.returncode, err)
        return process.returncode == 0

    def merge_bases(self, one: str, other: str) -> list[str]:
        """The newest commits that lie in the past of both, sorted; more than one after merges that crossed."""
        process = self.start("merge-base", "--all", one, other, pipe_in=False)
        out, err = process.communicate()
        if process.returncode not in {0, 1}:
            raise failure("merge-base", process.returncode, err)
        return sorted(out.decode().split())

    def fsck(self) -> list[str]:
        """What `git fsck --strict --full` complains of; empty when the repository is whole."""
        process = self.start("fsck", "--strict", "--full", "--no-dangling", "--no-progress", pipe_in=False)
        out, err = process.communicate()
        said = (out + err).decode("utf-8", "replace").splitlines()
        return said or [f"fsck ended with {process.returncode}"] if process.returncode else []

    # bundles

    def bundle(self, path: Path, refs: Sequence[str]) -> None:
        """Write the refs and all their history into a new bundle file, durable when this returns."""
        from vaultcli.ground.files import fsync_dir

        self.run(
            "bundle",
            "create",
            "--quiet",
            str(path.absolute()),
            "--stdin",
            data="".join(f"{ref}\n" for ref in refs).encode(),
        )
        fsync_dir(path.absolute().parent)

    def verify_bundle(self, path: Path) -> dict[str, str]:
        """The refs of a bundle, once git has found it complete."""
        self.run("bundle", "verify", "--quiet", str(path.absolute()))
        out = self.run("bundle", "list-heads", str(path.absolute())).decode("utf-8", "surrogateescape")
        return {name: oid for oid, _, name in (line.partition(" ") for line in out.splitlines())}

    # upkeep

    def loose(self) -> int:
        """How many loose objects there are."""
        return loose.count(self.directory)
