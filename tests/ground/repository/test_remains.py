"""A repository whose line is gone: what its other parts say, each by itself; and what an interrupted beginning leaves."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

import pytest

from vaultcli.ground.repository import remains


def git(path: Path, *words: str) -> str:
    return subprocess.run(["git", "-C", path, *words], check=True, capture_output=True, text=True).stdout.strip()


def commit(path: Path, *parents: str) -> str:
    tree = subprocess.run(
        ["git", "-C", path, "hash-object", "-wt", "tree", "--stdin"], input=b"", check=True, capture_output=True
    ).stdout.decode().strip()  # fmt: skip
    return git(path, "commit-tree", tree, "-m", "recorded", *(word for one in parents for word in ("-p", one)))


@pytest.fixture
def begun(tmp_path: Path) -> Path:
    """A repository with a first commit that no line leads to, and the lock of a git that was killed."""
    subprocess.run(["git", "init", "-q", "--object-format=sha256", "-b", "sealed", tmp_path / "r"], check=True)
    commit(tmp_path / "r")
    (tmp_path / "r/.git/refs/heads/sealed.lock").touch()
    return tmp_path / "r"


def test_nothing_and_an_interrupted_beginning_say_nothing(begun: Path, tmp_path: Path) -> None:
    assert remains.found(begun, "sealed") == ""
    assert remains.found(tmp_path / "nowhere", "sealed") == ""
    (tmp_path / "empty").mkdir()
    assert remains.found(tmp_path / "empty", "sealed") == ""
    # git writes the first row of a log before the line
    (begun / ".git/logs/refs/heads").mkdir(parents=True)
    (begun / ".git/logs/refs/heads/sealed").write_text(f"{'0' * 64} {'5' * 64} a <b> 1 +0000\trecorded\n")
    assert remains.found(begun, "sealed") == ""


@pytest.mark.parametrize(
    ("words", "spoil"),
    [
        ("refs/heads/sealed is there and cannot be read", lambda r: (r / ".git/refs/heads/sealed").touch()),
        ("refs/remotes/stick/sealed is there", lambda r: git(r, "update-ref", "refs/remotes/stick/sealed", commit(r))),
        ("refs/heads/other is there, packed", lambda r: (r / ".git/packed-refs").write_text(f"{'5' * 64} refs/heads/other\n")),
        ("cannot be read", lambda r: (r / ".git/packed-refs").write_bytes(b"\xff\xfe")),
        ("a remote is known, stick", lambda r: git(r, "remote", "add", "stick", "/media/stick")),
        ("2 commits are there", lambda r: commit(r, git(r, "cat-file", "--batch-all-objects", "--batch-check").split()[0])),
        ("its objects are gone", lambda r: shutil.rmtree(r / ".git/objects")),
        ("objects are there, and no configuration", lambda r: (r / ".git/config").unlink()),
        ("cannot be read", lambda r: (r / ".git/HEAD").unlink()),
        ("is no folder", lambda r: (shutil.rmtree(r / ".git"), (r / ".git").write_text("gitdir: elsewhere\n"))),
        ("tells of more", lambda r: log(r, f"{'0' * 64} {'5' * 64} a <b> 1 +0000\n{'5' * 64} {'6' * 64} a <b> 2 +0000\n")),
        ("tells of more", lambda r: log(r, f"{'5' * 64} {'6' * 64} a <b> 2 +0000\n")),
    ],
)
def test_each_part_speaks_for_itself(begun: Path, words: str, spoil: object) -> None:
    spoil(begun)  # type: ignore[operator]
    assert words in remains.found(begun, "sealed")


def log(path: Path, rows: str) -> None:
    os.makedirs(path / ".git/logs/refs/heads")
    (path / ".git/logs/refs/heads/sealed").write_text(rows)
