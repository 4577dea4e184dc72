"""Lines read from git's own files are those that git names, or git is asked."""

from __future__ import annotations

import pytest

from tests.ground.worlds import LINE, plain, save
from vaultcli.ground.git import refs


def by_git(repo):
    return {ref.removeprefix(refs.HEADS): oid for ref, oid in repo.git.refs(refs.HEADS).items()}


def test_loose_packed_and_both(repo):
    save(repo, {"notes/a.md": b"one\n"})
    assert refs.heads(repo.directory) == by_git(repo) == repo.lines()
    plain(repo.path, "tag", "-a", "-m", "t", "v1")
    plain(repo.path, "pack-refs", "--all")
    assert refs.heads(repo.directory) == by_git(repo)
    save(repo, {"notes/a.md": b"two\n"})
    save(repo, {"notes/b.md": b"two\n"}, line="group/bbbbbbbbbbbbbbbb")
    assert refs.heads(repo.directory) == by_git(repo)
    assert list(refs.heads(repo.directory)) == sorted(by_git(repo))


@pytest.mark.parametrize(
    ("name", "text"),
    [(LINE, "ref: refs/heads/practice\n"), (LINE, ""), (LINE, "\0" * 41), ("client/odd~", "x"), ("client/.hidden", "x")],
)
def test_anything_else_is_gits_to_read(repo, name, text):
    save(repo, {"notes/a.md": b"one\n"})
    (repo.directory / "refs" / "heads" / name).write_text(text)
    assert refs.heads(repo.directory) is None
    assert repo.lines() == by_git(repo)


def test_a_lock_on_the_way_is_no_line(repo):
    save(repo, {"notes/a.md": b"one\n"})
    (repo.directory / "refs" / "heads" / f"{LINE}.lock").write_text("")
    assert refs.heads(repo.directory) == by_git(repo)


def test_a_head_is_asked_of_git_once_and_again_when_it_moved(repo, monkeypatch):
    first = save(repo, {"notes/a.md": b"one\n"})
    asked = []
    find = repo.objects.find
    monkeypatch.setattr(repo.objects, "find", lambda name: asked.append(name) or find(name))
    assert [repo.head(LINE), repo.head(LINE)] == [first, first]
    assert len(asked) <= 1
    plain(repo.path, "update-ref", f"refs/heads/{LINE}", repo.head("practice"))
    assert repo.head(LINE) == repo.head("practice") != first
    plain(repo.path, "update-ref", "-d", f"refs/heads/{LINE}")
    assert repo.head(LINE) is None


def test_a_branch_that_names_nothing_is_no_head(repo):
    save(repo, {"notes/a.md": b"one\n"})
    nothing = "1" * (64 if repo.object_format == "sha256" else 40)
    (repo.directory / "refs" / "heads" / LINE).write_text(f"{nothing}\n")
    assert [repo.head(LINE), repo.head(LINE)] == [None, None]
