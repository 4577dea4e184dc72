"""Plain git lets no text in the clear in, by whichever route; and what one `git add` left is told and removed."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from tests import sealed, shelf, vaults
from tests.psychotherapy.tampering.site import plain_environment
from vaultcli.places.remote import hooks
from vaultcli.psychotherapy.repository import plaintext, remotes, sync, verify

TEXT = "She spoke of the river.\n"


@shelf.made_once
def world(tmp_path: Path) -> sealed.SealedWorld:
    made = sealed.begin(tmp_path, "ada")
    made.note("one\n")
    made.note("two\n")
    return made


def git(top: Path, *args: str, data: str = "") -> subprocess.CompletedProcess[str]:
    command, environment = ["git", "-C", str(top), *args], plain_environment()
    return subprocess.run(command, input=data, capture_output=True, text=True, env=environment, check=False)


def mailbox(top: Path) -> str:
    """A patch that adds a text, as `git format-patch` writes it."""
    return (
        f"From {'0' * 40} Mon Sep 17 00:00:00 2001\nFrom: x <x>\nDate: Mon, 23 Nov 2026 00:00:00 +0000\nSubject: sealed\n\n---\n"
        " a.md | 1 +\n\ndiff --git a/a.md b/a.md\nnew file mode 100644\n--- /dev/null\n+++ b/a.md\n@@ -0,0 +1 @@\n"
        f"+{TEXT}-- \n2\n"
    )


def other_history(top: Path, tmp_path: Path) -> str:
    """A commit with a text, made where no hook is, and fetched."""
    clone = tmp_path / "clone"
    subprocess.run(["git", "clone", "-q", top, clone, "-b", "sealed"], check=True)
    (clone / "a.md").write_text(TEXT)
    assert git(clone, "add", "a.md").returncode == git(clone, "commit", "-qm", "sealed").returncode == 0
    assert git(top, "fetch", "-q", str(clone), "sealed:refs/remotes/other/sealed").returncode == 0
    return git(top, "rev-parse", "refs/remotes/other/sealed").stdout.strip()


ROUTES = {
    "commit": lambda top, _: git(top, "commit", "-am", "sealed"),
    "commit without asking": lambda top, _: git(top, "commit", "-nam", "sealed"),
    "amend": lambda top, _: git(top, "commit", "-n", "--amend", "-am", "sealed"),
    "stash": lambda top, _: git(top, "stash"),
    "note": lambda top, _: git(top, "notes", "add", "-m", TEXT),
    "tag": lambda top, _: git(top, "tag", "-a", "-m", TEXT, "t"),
    "light tag": lambda top, _: git(top, "tag", "ada"),
    "branch": lambda top, _: git(top, "branch", "ada"),
    "am": lambda top, _: git(top, "am", data=mailbox(top)),
    "merge": lambda top, other: git(top, "merge", "--no-ff", "-m", "sealed", other),
    "fast forward": lambda top, other: git(top, "merge", "--ff-only", other),
    "cherry-pick": lambda top, other: git(top, "cherry-pick", other),
    "rebase": lambda top, other: git(top, "rebase", other),
    "update-ref": lambda top, other: git(top, "update-ref", "refs/heads/sealed", other),
    "reset back": lambda top, _: git(top, "update-ref", "refs/heads/sealed", "HEAD^"),
    "delete": lambda top, _: git(top, "update-ref", "-d", "refs/heads/sealed"),
    "checkout": lambda top, _: git(top, "checkout", "-q", "HEAD^"),
    "replace": lambda top, other: git(top, "replace", "HEAD", other),
}


@pytest.mark.parametrize("route", ROUTES)
def test_each_route_is_refused(world: sealed.SealedWorld, route: str, tmp_path: Path) -> None:
    top = world.settings.repository
    fetched = route in ("merge", "fast forward", "cherry-pick", "rebase", "update-ref", "replace")
    other = other_history(top, tmp_path) if fetched else ""
    if route in ("commit", "commit without asking", "amend", "stash"):
        (top / "a.md").write_text(TEXT)
        assert git(top, "add", "a.md").returncode == 0
    before = git(top, "show-ref").stdout
    done = ROUTES[route](top, other)
    assert done.returncode != 0, done.stdout
    assert git(top, "show-ref").stdout == before
    assert "river" not in done.stderr
    with world.store() as store:
        assert not store.doubts(world.tick())


def test_what_was_staged_is_told_and_removed(world: sealed.SealedWorld) -> None:
    top = world.settings.repository
    (top / "a.md").write_text(TEXT)
    git(top, "add", "a.md")
    git(top, "commit", "-nm", "Ada, Monday")
    verdict = verify.verify(world.settings, now=world.tick())
    assert {one.rule for one in verdict.findings} == {"sealed-plaintext", "sealed-leftover", "sealed-folder"}
    with world.store() as store:
        assert plaintext.purge(store, verdict.strays) == len(verdict.strays) >= 3
    (top / "a.md").unlink()
    assert not verify.verify(world.settings, now=world.tick()).findings
    found = subprocess.run(["git", "-C", top, "ls-files"], capture_output=True, text=True, check=True).stdout
    assert "a.md" not in found
    world.note("three\n")


def test_a_bare_repository_takes_these_notes_only(world: sealed.SealedWorld, tmp_path: Path) -> None:
    place, top = tmp_path / "bare.git", world.settings.repository
    with world.store() as store, store.machine() as (_, signer):
        remotes.init_bare(store, place)
        assert sync.sync(store, str(place), world.tick(), signer).sent == 3
    other = other_history(top, tmp_path)
    done = git(top, "push", str(place), f"{other}:refs/heads/sealed")
    assert done.returncode != 0
    assert "sealed-signature" in done.stderr
    assert git(top, "push", str(place), "HEAD:refs/heads/ada").returncode != 0
    stranger = sealed.make(tmp_path / "o", vaults.make(tmp_path / "o" / "v", clients=("ada",)))
    empty = tmp_path / "empty.git"
    with world.store() as store:
        remotes.init_bare(store, empty)
    assert "another first commit" in git(stranger.settings.repository, "push", str(empty), "sealed").stderr


def test_missing_hooks_are_told(world: sealed.SealedWorld) -> None:
    (world.settings.repository / ".git" / "hooks" / "pre-commit").unlink()
    (world.settings.repository / ".git" / "hooks" / "reference-transaction").write_text("#!/bin/sh\nexit 0\n")
    said = " ".join(verify.verify(world.settings, now=world.tick()).remarks)
    assert "pre-commit is not there" in said
    assert "reference-transaction is not ours" in said
    assert hooks.install(world.settings.repository / ".git", hooks.SEALED).foreign == ("reference-transaction",)
