"""A repository whose configuration, hooks, attributes or environment want to run a program: stock git does, we do not.

What is driven is what commands call: a repository of ours, `Remote` to and from it, the bundle reader, adopting and the
verification of a release.
"""

from __future__ import annotations

import contextlib
import datetime as dt
import shutil
import subprocess
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from tests import everyday, vaults
from tests.ground.worlds import LAYOUT, LINE, NOON, PRACTICE, plain, save
from vaultcli.ground.errors import BadInput, GitTrouble, VaultError
from vaultcli.ground.git.config import Settings
from vaultcli.ground.git.plumbing import Git
from vaultcli.ground.repository import bundle
from vaultcli.ground.repository.remote import Remote
from vaultcli.ground.repository.repository import Repository
from vaultcli.verify import offline
from vaultcli.work.people.keys import KeyChoice
from vaultcli.work.vault import adopt
from vaultcli.work.vault.admit_machine import Wanted


@dataclass(frozen=True)
class Vector:
    """A way in: what is planted, and the stock commands of which one springs it. EVIL is a program, EVIL.inc a config file."""

    config: str = ""
    attributes: str = ""
    hook: str = ""
    env: dict[str, str] = field(default_factory=dict)
    control: tuple[tuple[str, ...], ...] = (("status",),)
    refused: bool = True


ADD = ("add", "-A")
COMMIT = ("commit", "-q", "--allow-empty", "-m", "x")
FETCH = ("fetch", "origin")
VECTORS = {
    "fsmonitor": Vector("[core]\n fsmonitor = EVIL\n"),
    "include": Vector("[include]\n path = EVIL.inc\n"),
    "includeIf": Vector('[includeIf "gitdir:**"]\n path = EVIL.inc\n'),
    "filter clean": Vector('[filter "x"]\n clean = EVIL\n', "*.md filter=x\n", control=(ADD,)),
    "filter smudge": Vector('[filter "x"]\n smudge = EVIL\n', "*.toml filter=x\n", control=(("checkout-index", "-f", "-a"),)),
    "filter process": Vector('[filter "x"]\n process = EVIL\n', "*.md filter=x\n", control=(ADD,)),
    "textconv": Vector('[diff "x"]\n textconv = EVIL\n', "*.toml diff=x\n", control=(("diff",),)),
    "diff.command": Vector('[diff "x"]\n command = EVIL\n', "*.toml diff=x\n", control=(("diff",),)),
    "diff.external": Vector("[diff]\n external = EVIL\n", control=(("diff",),)),
    "gpg.program": Vector("[gpg]\n program = EVIL\n format = openpgp\n[commit]\n gpgSign = true\n", control=(COMMIT,)),
    "gpg.ssh.program": Vector(
        '[gpg]\n format = ssh\n[gpg "ssh"]\n program = EVIL\n'
        "[user]\n signingKey = key::ssh-ed25519 AAAA\n[commit]\n gpgSign = true\n",
        control=(COMMIT,),
    ),
    "gpg.ssh.defaultKeyCommand": Vector(
        '[gpg]\n format = ssh\n[gpg "ssh"]\n defaultKeyCommand = EVIL\n[commit]\n gpgSign = true\n', control=(COMMIT,)
    ),
    "core.editor": Vector("[core]\n editor = EVIL\n", control=(("commit", "--allow-empty"),)),
    "core.hooksPath": Vector("[core]\n hooksPath = HOOKS\n", control=(COMMIT,), refused=False),
    "pre-commit": Vector(hook="pre-commit", control=(COMMIT,), refused=False),
    "reference-transaction": Vector(hook="reference-transaction", control=(COMMIT,), refused=False),
    "post-index-change": Vector(hook="post-index-change", control=(ADD,), refused=False),
    "post-checkout": Vector(hook="post-checkout", control=(("checkout", "-q", "-b", "y"),), refused=False),
    "pre-push": Vector(hook="pre-push", control=(("push", "OTHER", "practice:x"),), refused=False),
    "sshCommand": Vector("[core]\n sshCommand = EVIL\n", control=(("fetch", "ssh://localhost/x"),)),
    "gitProxy": Vector("[core]\n gitProxy = EVIL\n", control=(("fetch", "git://localhost/x"),)),
    "ext remote": Vector('[remote "origin"]\n url = ext::EVIL\n[protocol "ext"]\n allow = always\n', control=(FETCH,)),
    "uploadpack": Vector('[remote "origin"]\n url = OTHER\n uploadpack = EVIL\n', control=(FETCH,)),
    "receivepack": Vector('[remote "origin"]\n url = OTHER\n receivepack = EVIL\n', control=(("push", "origin", "practice:x"),)),
    "insteadOf": Vector(
        '[url "ext::EVIL "]\n insteadOf = OTHER\n[protocol "ext"]\n allow = always\n', control=(("fetch", "OTHER"),)
    ),
    "alias": Vector("[alias]\n st = !EVIL\n", control=(("st",),)),
    "merge driver": Vector('[merge "x"]\n driver = EVIL\n', "*.toml merge=x\n", control=(("merge", "-q", "theirs"),)),
    "env fsmonitor": Vector(
        env={"GIT_CONFIG_COUNT": "1", "GIT_CONFIG_KEY_0": "core.fsmonitor", "GIT_CONFIG_VALUE_0": "EVIL"}, refused=False
    ),
    "env diff": Vector(env={"GIT_EXTERNAL_DIFF": "EVIL"}, control=(("diff",),), refused=False),
    "env ssh": Vector(env={"GIT_SSH_COMMAND": "EVIL"}, control=(("fetch", "ssh://localhost/x"),), refused=False),
    "env global": Vector(env={"GIT_CONFIG_GLOBAL": "EVIL.inc"}, refused=False),
}


@dataclass
class Trap:
    """A vault at a fixed place, another repository beside it, a program that leaves a trace."""

    folder: Path
    vault: Path

    @property
    def other(self) -> Path:
        return self.folder / "other"

    def filled(self, text: str) -> str:
        """The text with the trap's own paths."""
        paths = {"EVIL": self.folder / "evil", "OTHER": self.other, "HOOKS": self.folder / "hooks"}
        for word, path in paths.items():
            text = text.replace(word, str(path))
        return text

    def sprung(self) -> bool:
        return (self.folder / "sprung").exists()

    def plant(self, vector: Vector) -> None:
        git = self.vault / ".git"
        with (git / "config").open("a") as config:
            config.write(self.filled(vector.config))
        if vector.attributes:
            (self.vault / ".gitattributes").write_text(vector.attributes)
            (git / "info" / "attributes").unlink()
        if vector.hook:
            (git / "hooks").mkdir(exist_ok=True)
            shutil.copy(self.folder / "evil", git / "hooks" / vector.hook)


def run(folder: Path, *args: str) -> None:
    subprocess.run(["git", "-C", folder, *args], stdin=subprocess.DEVNULL, capture_output=True, timeout=120)


@pytest.fixture(scope="module")
def template(tmp_path_factory):
    folder = tmp_path_factory.mktemp("trap")
    for name in ("chart", "other"):
        with Repository.create(folder / name, LAYOUT) as repo:
            save(repo, {"practice.toml": b"version = 1\n"}, line=PRACTICE)
    # two sides of a merge, for stock git only
    vault = folder / "chart"
    who = ("-c", "user.name=x", "-c", "user.email=x@y")
    run(vault, "branch", "theirs")
    run(vault, "switch", "-q", "theirs")
    (vault / "practice.toml").write_text("version = 3\n")
    run(vault, *who, "commit", "-qam", "theirs")
    run(vault, "switch", "-q", PRACTICE)
    return folder


@pytest.fixture(scope="module")
def vault(tmp_path_factory):
    return vaults.make(tmp_path_factory.mktemp("vault") / "practice", clients=("ada",))


def vault_genesis(vault: vaults.World) -> str:
    return "sha256:" + plain(vault.vault.chart, "rev-list", "--max-parents=0", PRACTICE).strip()


@pytest.fixture
def trap(template, tmp_path, monkeypatch):
    shutil.copytree(template, tmp_path / "trap", symlinks=True)
    made = Trap(tmp_path / "trap", tmp_path / "trap" / "chart")
    evil = made.folder / "evil"
    evil.write_text(f"#!/bin/sh\ntouch {made.folder}/sprung\nexit 1\n")
    evil.chmod(0o755)
    (made.folder / "evil.inc").write_text(f"[core]\n fsmonitor = {evil}\n")
    (made.folder / "hooks").mkdir()
    for name in ("pre-commit", "reference-transaction", "post-index-change", "post-checkout", "pre-push"):
        shutil.copy(evil, made.folder / "hooks" / name)
    for name in ("AUTHOR", "COMMITTER"):
        monkeypatch.setenv(f"GIT_{name}_NAME", "x")
        monkeypatch.setenv(f"GIT_{name}_EMAIL", "x@y.test")
    return made


@pytest.mark.parametrize("name", everyday.some(VECTORS, 3))
def test_stock_git_runs_it(name, trap, monkeypatch):
    vector = VECTORS[name]
    trap.plant(vector)
    for key, value in vector.env.items():
        monkeypatch.setenv(key, trap.filled(value))
    if name == "merge driver":
        (trap.vault / "practice.toml").write_text("version = 2\n")
        run(trap.vault, "commit", "-qam", "ours")
    else:
        (trap.vault / "practice.toml").write_text("version = 1\nedited\n")
    (trap.vault / "new.md").write_text("new\n")
    for command in vector.control:
        run(trap.vault, *(trap.filled(word) for word in command))
    assert trap.sprung(), "the control shows nothing: this vector proves nothing about us"


@pytest.mark.parametrize("name", everyday.some(VECTORS, 3))
def test_we_do_not(name, trap, monkeypatch, tmp_path):
    vector = VECTORS[name]
    trap.plant(vector)
    for key, value in vector.env.items():
        monkeypatch.setenv(key, trap.filled(value))
    taken_from(trap, tmp_path)
    assert not trap.sprung()
    if vector.refused:
        with pytest.raises(GitTrouble, match="git configuration"):
            Repository.open(trap.vault, LAYOUT)
    else:
        Repository.open(trap.vault, LAYOUT).close()
    assert not trap.sprung()
    # the second wall: everything we do, as if the first had been missed
    settings = Settings({"extensions.objectformat": "sha256", "vaultcli.clone": "x"}, ())
    with Repository(trap.vault, LAYOUT, settings) as repo:
        everything(repo, trap, tmp_path)
    assert not trap.sprung()


def everything(repo: Repository, trap: Trap, tmp_path: Path) -> None:
    """Every operation of the ground; those over a blocked transport may fail, nothing may run."""
    head = save(repo, {"practice.toml": b"version = 9\n"}, line=PRACTICE)
    save(repo, {"notes/a.md": b"one\n"})
    (repo.folder(LINE) / "notes" / "a.md").write_bytes(b"edited\n")
    repo.recover()
    assert repo.working(LINE).edited == ("notes/a.md",)
    assert len(repo.history(LINE)) == 1
    assert repo.git.is_ancestor(head, head)
    repo.git.fsck()
    repo.oddities()
    heads = {f"refs/heads/{branch}": oid for branch, oid in repo.lines().items()}
    bundle.write(repo.git, tmp_path, heads, f"refs/heads/{LINE}", tmp_path / "b.bundle")
    assert bundle.read_back(repo.git, tmp_path, tmp_path / "b.bundle")[0].items() >= heads.items()
    assert repo.tidy(many=1)
    for where in (str(trap.other / ".git"), "ssh://localhost/x"):
        remote = Remote(repo.git, where)
        tried(remote.refs)
        tried(lambda remote=remote: remote.fetch(["+refs/heads/*:refs/remotes/o/*"]))
        tried(lambda remote=remote: remote.push([LINE]))
    for where in ("git://localhost/x", f"ext::{trap.folder}/evil"):
        with pytest.raises(BadInput):
            Remote(repo.git, where)
    # where the configuration sends us to another address, that one is not reached at all
    rewritten = "insteadOf" in (repo.directory / "config").read_text()
    there = Git(trap.other / ".git", object_format="sha256").refs()
    assert (f"refs/heads/{LINE}" in there, f"refs/remotes/o/{PRACTICE}" in repo.git.refs()) == (not rewritten, not rewritten)


def taken_from(trap: Trap, tmp_path: Path) -> None:
    """What takes another repository over, or looks into it: none of it may be refused by what merely lies there."""
    with Repository.create(tmp_path / "ours", LAYOUT) as ours:
        remote = Remote(ours.git, str(trap.vault))
        tried(remote.refs)
        remote.fetch(["+refs/heads/*:refs/vaultcli/adopting/*"])
        ours.advance(PRACTICE, ours.git.refs()[f"refs/vaultcli/adopting/{PRACTICE}"], expecting=None)
        save(ours, {"notes/b.md": b"two\n"}, line="client/bbbbbbbbbbbbbbbb")
        tried(lambda: remote.push(["client/bbbbbbbbbbbbbbbb"]))
    assert offline.verify(trap.vault, now=NOON).objects > 0


def tried(act: Callable[[], object]) -> None:
    """Something that may be refused."""
    with contextlib.suppress(VaultError):
        act()


ADOPTED = ("fsmonitor", "include", "filter smudge", "core.hooksPath", "uploadpack", "insteadOf", "alias", "env ssh", "env global")
"""What could act when another repository is taken over; the other ways in are those of one that is used in place."""


@pytest.mark.parametrize("name", ADOPTED)
def test_adopting_a_vault_runs_nothing_and_carries_nothing_along(name, vault, trap, monkeypatch, tmp_path):
    shutil.copytree(vault.vault.root, tmp_path / "practice", symlinks=True)
    theirs = Trap(trap.folder, tmp_path / "practice" / "chart")
    theirs.plant(VECTORS[name])
    for key, value in VECTORS[name].env.items():
        monkeypatch.setenv(key, trap.filled(value))
    key = KeyChoice(str(vault.vault.keys / "personal"))
    wanted = Wanted(str(theirs.vault), vault_genesis(vault), principal="lee-example", key=key)
    done = adopt.adopt(tmp_path / "again", wanted, vault.now + dt.timedelta(hours=1), None)
    assert done.findings == ()
    assert not trap.sprung()
    config = (done.vault.chart / ".git" / "config").read_text()
    assert str(trap.folder) not in config
    assert not [file for file in (done.vault.chart / ".git" / "hooks").iterdir() if b"sprung" in file.read_bytes()]


@pytest.mark.parametrize("form", ["{}", "file://{}", "../other/.git", "../chart/../other/.git"])
def test_what_lies_at_a_remote_never_runs_however_its_address_is_written(form, trap, tmp_path):
    """Plain git stores what was typed, also a relative path and a `file://` address: both are folders whose hooks could run."""
    hooks = trap.other / ".git" / "hooks"
    hooks.mkdir(exist_ok=True)
    for name in ("pre-receive", "update", "post-receive", "post-update", "reference-transaction"):
        shutil.copy(trap.folder / "evil", hooks / name)
    address = form.format(trap.other / ".git")
    run(trap.vault, "push", address, f"{PRACTICE}:refs/heads/x")
    assert trap.sprung(), "the control shows nothing: this form proves nothing about us"
    (trap.folder / "sprung").unlink()
    with Repository.open(trap.vault, LAYOUT) as repo:
        save(repo, {"notes/a.md": b"one\n"})
        remote = Remote(repo.git, address)
        assert remote.url == str(trap.other / ".git")
        remote.fetch(["+refs/heads/*:refs/remotes/o/*"])
        remote.push([LINE])
    assert not trap.sprung()
    assert f"refs/heads/{LINE}" in Git(trap.other / ".git", object_format="sha256").refs()


@pytest.mark.parametrize("kind", ["replace", "grafts"])
def test_history_cannot_be_hidden_by_replace_refs_or_grafts(kind, trap):
    with Repository.open(trap.vault, LAYOUT) as repo:
        first = save(repo, {"notes/a.md": b"one\n"})
        save(repo, {"notes/a.md": b"two\n"})
        last = save(repo, {"notes/a.md": b"three\n"})
        if kind == "replace":
            run(trap.vault, "replace", "--graft", last, first)
        else:
            (trap.vault / ".git" / "info" / "grafts").write_text(f"{last} {first}\n")
        shown = subprocess.run(["git", "-C", trap.vault, "rev-list", "--count", last], capture_output=True, text=True).stdout
        assert shown == "2\n"
    with Repository.open(trap.vault, LAYOUT) as repo:
        assert len(repo.history(LINE)) == 3
        assert repo.oddities()
