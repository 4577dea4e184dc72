"""A good vault with something of everything in it, to be copied and tampered with."""

from __future__ import annotations

import copy
import hashlib
import shutil
import subprocess
import zlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from tests.sshsign import SigningKey
from tests.world import LEE, SAM, Branch, ClientLine, World, key
from vaultcli.ground.git.objects import (
    Commit,
    add_signature,
    parse_commit,
)
from vaultcli.ground.git.tree import parse_tree
from vaultcli.ground.ssh import sshsig
from vaultcli.verify.verdict import Verdict

Edit = Callable[[bytes], bytes]


@dataclass
class Site:
    """A vault and what is in it.

    Attributes:
        world: its maker; every object that it has written is in `objects`.
        ada: a client with a line on which everything has happened once; `bo` one with a single signed note.
        old: Lee's former machine key, revoked and settled on Ada's line.
        note, correction, addendum: a signed note and what was added to it.
        single: a signed note to which nothing was added; `trainee` one of Sam's, with its `cosignature`.
        draft: an unsigned note; `attested` one that was attested to; `withdrawn` a signed one that was withdrawn.
        note_of_bo: the note on the other line.
        objects: everything that was ever written, id to (kind, bytes).
        good: the commits of the vault before it was tampered with; `signers` the SHA-256 of its list of signers.
    """

    world: World
    ada: ClientLine
    bo: ClientLine
    old: SigningKey
    note: str = ""
    correction: str = ""
    addendum: str = ""
    single: str = ""
    trainee: str = ""
    cosignature: str = ""
    draft: str = ""
    attested: str = ""
    withdrawn: str = ""
    note_of_bo: str = ""
    objects: dict[str, tuple[str, bytes]] = field(default_factory=dict)
    good: frozenset[str] = frozenset()
    signers: str = ""

    # making

    @classmethod
    def make(cls, folder: Path, *, words: str = "She came on time.", on_disk: bool = True) -> Site:
        """Make the vault; with other words, the history that the same people would have written of them."""
        world = World(folder, trainee=True)
        site = cls(world, world.client("ada", open_line=False), world.client("bo", open_line=False), key("lee's old machine"))
        site._begin(words)
        site._go_on()
        site.objects.update(world.objects)
        site.good = frozenset(oid for line in world.branches.values() for oid in line.commits)
        if on_disk:
            world.save(pin=False)
            site.signers = hashlib.sha256((world.chart / "allowed_signers").read_bytes()).hexdigest()
        return site

    def _begin(self, words: str) -> None:
        world, ada, old = self.world, self.ada, self.old
        world.admit(world.endorse(old, LEE.id, "machine", by=world.lee))
        ada.commit("open", {".gitattributes": b"* -text\n", "client.md": ada.register}, signing=old)
        self.note = ada.draft(words, signing=old)
        ada.redraft(self.note, words + " She left early.")
        ada.sign(self.note)
        self.single, raw = ada.note(words)
        ada.sign(self.single, raw=raw)
        self.correction = ada.correct(self.note, words + " She left late.")
        self.addendum = ada.addendum(self.note, "A word more.", to=self.correction)
        self.trainee, raw = ada.note("Seen by Sam.")
        ada.sign(self.trainee, raw=raw, by=SAM)
        self.cosignature = ada.cosign(self.trainee)
        self.draft = ada.draft("Not signed yet.")
        self.attested = ada.draft("Never signed.")
        ada.attest(self.attested)
        self.withdrawn, raw = ada.note("Entered in error.")
        ada.sign(self.withdrawn, raw=raw)
        ada.withdraw(self.withdrawn)

    def _go_on(self) -> None:
        world, ada, bo = self.world, self.ada, self.bo
        bo.open()
        world.revoke(self.old, reason="replaced")
        ada.settle(self.old, ada.commits[1])
        ada.update(b"phone: 555-0100")
        self.note_of_bo, raw = bo.note("He came, too.")
        bo.sign(self.note_of_bo, raw=raw)

    def copy(self, folder: Path) -> Site:
        """The same vault in another folder, pinned by this machine and ready to be tampered with."""
        shutil.copytree(self.world.folder, folder, symlinks=True, dirs_exist_ok=True)
        world = copy.copy(self.world)
        world.folder, world.chart, world.git_dir = folder, folder / "chart", folder / "chart" / ".git"
        world.objects, world.blobs = {}, dict(world.blobs)
        world.branches = {name: Branch(name, list(b.commits), dict(b.files)) for name, b in world.branches.items()}
        world._ids = copy.copy(world._ids)
        mine = copy.copy(self)
        mine.world, mine.objects = world, dict(self.objects)
        mine.ada, mine.bo = (_line(one, world) for one in (self.ada, self.bo))
        for line in (mine.ada, mine.bo):
            admin = world.git_dir / "worktrees" / line.branch.replace("/", "-")
            (admin / "gitdir").write_text(f"{line.folder}/.git\n")
            (line.folder / ".git").write_text(f"gitdir: {admin}\n")
        world.pin(mine.clone)
        return mine

    # looking

    @property
    def clone(self) -> str:
        """The copy's id."""
        return self.world.git("config", "vaultcli.clone").strip()

    @property
    def git_dir(self) -> Path:
        """The chart's git directory."""
        return self.world.git_dir

    @property
    def genesis(self) -> str:
        """The first commit."""
        return self.world.genesis

    def verify(self, *, cold: bool) -> Verdict:
        """The verdict."""
        return self.world.verify(cold=cold)

    def stock(self) -> tuple[bool, bool]:
        """Whether `git fsck --strict --full`, and `git verify-commit` of every commit, find nothing wrong.

        The list of signers is the one in the chart's folder. Commits of the good vault are known to be good by it and are
        asked about again only where it has changed: that is most of the time that this takes.
        """
        allowed = self.world.chart / "allowed_signers"
        commits = self._plain("rev-list", "--all", "HEAD")
        named = set(commits.stdout.decode().split())
        if hashlib.sha256(allowed.read_bytes()).hexdigest() == self.signers:
            named -= self.good
        good = not named or self._plain("-c", f"gpg.ssh.allowedSignersFile={allowed}", "verify-commit", *named).returncode == 0
        return self._plain("fsck", "--strict", "--full").returncode == 0, commits.returncode == 0 and good

    def _plain(self, *args: str) -> subprocess.CompletedProcess[bytes]:
        return subprocess.run(["git", *args], cwd=self.world.chart, capture_output=True)

    # touching

    def save(self) -> None:
        """Write new objects, move every branch, and bring along the working files that git would check out."""
        world = self.world
        self.objects.update(world.objects)
        for oid, (kind, data) in world.objects.items():
            self.plant(oid, kind, data)
        world.objects.clear()
        for name, line in world.branches.items():
            self.ref(f"refs/heads/{name}", line.commits[-1])
            top = world.chart / ("" if name == "practice" else f"clients/{name.partition('/')[2]}")
            if name == "practice" or top.is_dir():
                self._lay_out(top, line.files)

    def _lay_out(self, top: Path, recorded: Mapping[str, tuple[str, str]]) -> None:
        for path, (mode, oid) in recorded.items():
            data = self.world.blobs.get(oid)
            file = top / path
            if mode != "100644" or data is None or ".." in path or (file.exists() and file.read_bytes() == data):
                continue
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_bytes(data)

    def plant(self, name: str, kind: str, data: bytes) -> Path:
        """Write a loose object of that name, whatever its bytes are."""
        file = self.loose(name)
        file.parent.mkdir(exist_ok=True)
        if file.exists():
            file.chmod(0o644)
        file.write_bytes(zlib.compress(b"%s %d\0" % (kind.encode(), len(data)) + data))
        return file

    def loose(self, oid: str) -> Path:
        """Where a loose object is."""
        return self.git_dir / "objects" / oid[:2] / oid[2:]

    def ref(self, name: str, oid: str) -> None:
        """Write a ref, as plain text."""
        file = self.git_dir / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(f"{oid}\n")

    def blob(self, path: str, line: ClientLine | None = None) -> str:
        """The id of a file's bytes at the head of a line (Ada's unless said)."""
        return self.world.branches[(line or self.ada).branch].files[path][1]

    def pack(self) -> Path:
        """Pack everything, as `git gc` does; the pack's file, writable."""
        self.world.git("config", "--unset", "extensions.preciousObjects")
        self.world.git("repack", "-adq")
        pack = next((self.git_dir / "objects" / "pack").glob("*.pack"))
        pack.chmod(0o644)
        pack.with_suffix(".idx").chmod(0o644)
        return pack

    # writing history anew

    def keys(self) -> dict[bytes, SigningKey]:
        """Every private key of the people here, by public key."""
        world = self.world
        ours = (world.lee, world.lee_machine, world.sam, world.sam_machine, world.recovery, self.old)
        return {one.public.blob: one for one in ours}

    def parsed(self, oid: str) -> Commit:
        """A commit that was written before."""
        return parse_commit(oid, self.objects[oid][1])

    def files(self, oid: str) -> dict[str, tuple[str, str]]:
        """Every file of a commit: path to (mode, blob id)."""
        return dict(self._tree(self.parsed(oid).tree, ""))

    def _tree(self, oid: str, prefix: str) -> Iterator[tuple[str, tuple[str, str]]]:
        for entry in parse_tree(oid, self.objects[oid][1]).entries():
            if entry.mode == "40000":
                yield from self._tree(entry.oid, f"{prefix}{entry.name}/")
            else:
                yield prefix + entry.name, (entry.mode, entry.oid)

    def rewrite(
        self, branch: str, edits: Mapping[int, Edit], *, insider: bool, drop: Sequence[int] = (),
        without: Sequence[str] = (), order: Sequence[int] | None = None,
    ) -> list[str]:  # fmt: skip
        """Write a line anew.

        Args:
            branch: the line.
            edits: position to what becomes of that commit's bytes before they are signed.
            insider: whether the keys that signed before sign again; else the old signatures are left in place.
            drop: positions to leave out.
            without: paths to leave out of every commit.
            order: positions in their new order.

        Returns:
            The new commits.
        """
        world, made = self.world, list[str]()
        line = world.branches[branch]
        for at in order or range(len(line.commits)):
            if at in drop:
                continue
            commit = self.parsed(line.commits[at])
            tree = commit.tree
            if without:
                tree = world.tree({p: f for p, f in self.files(commit.oid).items() if p not in without})
            head = f"tree {tree}\n" + "".join(f"parent {oid}\n" for oid in made[-1:])
            payload = head.encode() + commit.payload[commit.payload.index(b"author ") :]
            payload = edits.get(at, _same)(payload)
            assert commit.signature is not None
            armour = commit.signature
            if insider:
                armour = self.keys()[sshsig.parse(armour).key.blob].sign(payload, "git")
            made.append(world.store("commit", add_signature(payload, armour, world.object_format)))
        line.commits[:] = made
        for path in without:
            line.files.pop(path, None)
        self.save()
        return made


def _same(raw: bytes) -> bytes:
    return raw


def _line(line: ClientLine, world: World) -> ClientLine:
    mine = copy.copy(line)
    mine.world, mine.chain = world, line.chain.copy()
    mine.texts, mine.first, mine.first_commit = dict(line.texts), dict(line.first), dict(line.first_commit)
    return mine
