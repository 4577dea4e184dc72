"""A psychotherapy repository that is tampered with: commits made by hand, signed by the machine's key or by somebody else's."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from tests import sealed
from vaultcli.ground.git.objects import (
    Ident,
    add_signature,
    format_commit,
    name_object,
)
from vaultcli.ground.git.trees import edit
from vaultcli.ground.ssh import sign as ssh
from vaultcli.ground.ssh.keyfiles import KeyFile
from vaultcli.ground.ssh.sign import Signer
from vaultcli.places.sealed.store import Store
from vaultcli.psychotherapy.repository import verify as verification
from vaultcli.psychotherapy.repository import verify_opened
from vaultcli.psychotherapy.repository.verdict import Verdict
from vaultcli.record.sealed import admission

DAY = 24 * 60 * 60


@dataclass
class Site:
    """A good repository with two clients' notes.

    Attributes:
        world: its maker.
        token: Ada's drawer; `other` is Bo's.
        note: id of a note of Ada's that was edited once; `second` of another one; `bo` of one of Bo's.
        tmp: a folder for whatever is needed.
    """

    world: sealed.SealedWorld
    token: str
    other: str
    note: str
    second: str
    bo: str
    tmp: Path

    @property
    def top(self) -> Path:
        """The repository's folder."""
        return self.world.settings.repository

    def git(self, *args: str, data: bytes = b"", check: bool = True) -> str:
        """Plain git in the repository, hooks switched off: they were not there when this was done."""
        sets = ("core.hooksPath=/dev/null", "user.name=sealed", "user.email=sealed")
        command = ["git", "-C", str(self.top), *(word for one in sets for word in ("-c", one))]
        done = subprocess.run([*command, *args], input=data, capture_output=True, check=False)
        assert not check or done.returncode == 0, done.stderr
        return done.stdout.decode().strip()

    def path(self, id_: str, token: str = "") -> str:
        """A file's path."""
        return f"{token or self.token}/{id_}.age"

    def blob(self, path: str, commit: str = "HEAD") -> bytes:
        """A file's bytes."""
        command = ["git", "-C", self.top, "cat-file", "blob", f"{commit}:{path}"]
        return subprocess.run(command, capture_output=True, check=True).stdout

    def versions(self, path: str) -> list[str]:
        """The commits that changed a path, newest first."""
        return self.git("log", "--format=%H", "HEAD", "--", path).split()

    def commit(
        self,
        changes: Mapping[str, bytes | None],
        *,
        parents: Sequence[str] | None = None,
        key: Path | None = None,
        message: str = admission.MESSAGE,
        name: str = "sealed",
        at: int | None = None,
        move: bool = True,
        only: bool = False,
        tree: str = "",
    ) -> str:
        """Record files by hand, signed by this machine's key unless another is given, and check them out.

        Args:
            changes: path to bytes, or None to take it out.
            parents: the head unless said.
            key: a private key.
            message, name, at: of the commit; `at` in seconds.
            move: whether the branch moves.
            only: whether nothing else is in the tree.
            tree: the whole tree, in the place of the head's with the changes.
        """
        with self.world.store() as store, Signer(KeyFile(key or self.world.settings.keys / "machine")) as signer:
            heads = [store.head] if parents is None else list(parents)
            base = store.repository.objects.commit(heads[0]).tree if heads and not only else None
            made = edit(store.repository.objects, base, changes, store.repository.object_format)
            when = at if at is not None else self.today(store)
            ident = Ident(name, name)
            payload = format_commit(
                tree=tree or made.tree,
                parents=tuple(heads),
                author=ident,
                committer=ident,
                seconds=when,
                zone="+0000",
                message=message,
            )
            raw = add_signature(payload, signer.sign(payload, "git"), store.repository.object_format)
            oid = name_object("commit", raw, store.repository.object_format)
            store.repository.git.write_objects({**made.objects, oid: ("commit", raw)})
        if move:
            self.git("update-ref", "refs/heads/sealed", oid)
            self.git("reset", "-q", "--hard", "HEAD")
        return oid

    def today(self, store: Store) -> int:
        """The day of the head."""
        return store.repository.objects.commit(store.head).committer_time

    def thief(self) -> Path:
        """A key that nobody admitted."""
        path = self.tmp / "thief"
        if not path.exists():
            ssh.generate(path, "", None)
        return path

    def verify(self, *, opening: bool) -> Verdict:
        """The verdict; with everything opened where asked."""
        verdict = verification.verify(self.world.settings, now=self.world.tick(), processes=1)
        if not opening:
            return verdict
        from dataclasses import replace

        with self.world.store() as store:
            return replace(verdict, opened=verify_opened.check(store, self.world.keys(store), verdict.versions, processes=1))


def plain_environment() -> dict[str, str]:
    """The environment of somebody who types git commands."""
    return {**os.environ, "GIT_AUTHOR_NAME": "x", "GIT_AUTHOR_EMAIL": "x", "GIT_COMMITTER_NAME": "x", "GIT_COMMITTER_EMAIL": "x"}
