"""Recording, reading and mending, with real git in a temporary folder."""

from __future__ import annotations

import subprocess
import sys

import pytest

from tests.ground.worlds import LAYOUT, LEE, LINE, NOON, PRACTICE, dummy, note, plain, save, signer, whole
from vaultcli.ground import files
from vaultcli.ground.errors import BadInput, Conflict, GitTrouble
from vaultcli.ground.repository.remote import Remote
from vaultcli.ground.repository.repository import Repository


def test_record_is_a_commit_that_git_and_ssh_keygen_accept(repo, tmp_path):
    sign, allowed = signer(tmp_path)
    head = save(repo, {"client.md": b"client\n", "notes/a.md": b"one\n"}, sign=sign)
    plain(repo.path, "-c", f"gpg.ssh.allowedSignersFile={allowed}", "verify-commit", head)
    assert (
        plain(repo.path, "log", "-1", "--format=%an|%ae|%aI|%s", LINE)
        == "Lee Ng|lee@clinic.test|2026-03-02T12:00:00+01:00|note recorded\n"
    )
    assert note(repo).read_bytes() == b"one\n"
    assert plain(repo.folder(LINE), "status", "--porcelain") == ""
    whole(repo)


def test_lines_have_roots_of_their_own_and_folders_that_git_knows(repo):
    save(repo, {"notes/a.md": b"one\n"})
    save(repo, {"notes/b.md": b"two\n"}, line="client/bbbbbbbbbbbbbbbb")
    assert [commit.parents for commit in repo.history(LINE)] == [()]
    listed = plain(repo.path, "worktree", "list", "--porcelain")
    assert f"worktree {repo.folder(LINE)}\n" in listed
    assert f"branch refs/heads/{LINE}\n" in listed
    assert plain(repo.path, "worktree", "repair") == ""
    assert repo.working(PRACTICE).clean


def test_a_deep_change_rewrites_only_its_folders_and_matches_git(repo):
    first = save(repo, {"notes/a.md": b"one\n", "plans/p/q.md": b"plan\n", "client.md": b"c\n"})
    second = save(repo, {"notes/a.md": None, "notes/b.md": b"two\n", "plans/p/r.md": b"more\n"})
    listed = plain(repo.path, "ls-tree", "-r", "-z", "--name-only", second).split("\0")[:-1]
    assert listed == sorted(repo.files(second)) == ["client.md", "notes/b.md", "plans/p/q.md", "plans/p/r.md"]
    assert [change.path for change in repo.changes(first, second)] == ["notes/a.md", "notes/b.md", "plans/p/r.md"]
    assert not note(repo).exists()
    assert repo.read(second, "plans/p/q.md") == b"plan\n"
    assert repo.read(second, "plans/p") is None
    whole(repo)


def test_a_stale_head_is_a_conflict_and_records_nothing(repo):
    head = save(repo, {"notes/a.md": b"one\n"})
    save(repo, {"notes/a.md": b"two\n"})
    before = repo.lines()
    with pytest.raises(Conflict):
        repo.record(LINE, {"notes/a.md": b"x"}, message="m", ident=LEE, when=NOON, sign=dummy, expecting=head)
    assert repo.lines() == before


def test_an_unseen_edit_is_never_overwritten(repo):
    save(repo, {"notes/a.md": b"one\n"})
    note(repo).write_bytes(b"typed meanwhile\n")
    before = repo.lines()
    with pytest.raises(Conflict, match="changed since it was read"):
        save(repo, {"notes/a.md": b"two\n"})
    with pytest.raises(Conflict):
        save(repo, {"notes/a.md": b"two\n"}, seen={"notes/a.md": files.digest(b"one\n")})
    assert note(repo).read_bytes() == b"typed meanwhile\n"
    assert repo.lines() == before


def test_what_was_seen_is_replaced(repo):
    save(repo, {"notes/a.md": b"one\n"})
    note(repo).write_bytes(b"draft\n")
    save(repo, {"notes/a.md": b"draft, signed\n"}, seen={"notes/a.md": files.digest(b"draft\n")})
    assert note(repo).read_bytes() == b"draft, signed\n"
    assert repo.working(LINE).clean


def test_what_vanished_is_a_conflict(repo):
    save(repo, {"notes/a.md": b"one\n"})
    note(repo).unlink()
    with pytest.raises(Conflict, match="vanished"):
        save(repo, {"notes/a.md": b"two\n"}, seen={"notes/a.md": files.digest(b"one\n")})


def test_an_edit_between_check_and_checkout_stays(repo):
    save(repo, {"notes/a.md": b"one\n"})

    def slow(payload: bytes) -> str:
        note(repo).write_bytes(b"typed while the token waited for a touch\n")
        return dummy(payload)

    head = save(repo, {"notes/a.md": b"two\n"}, sign=slow)
    assert repo.read(head, "notes/a.md") == b"two\n"
    assert note(repo).read_bytes() == b"typed while the token waited for a touch\n"
    assert repo.working(LINE).edited == ("notes/a.md",)


def test_a_signer_that_fails_leaves_nothing(repo):
    before = repo.lines()

    def broken(_: bytes) -> str:
        raise RuntimeError("no key")

    with pytest.raises(RuntimeError):
        save(repo, {"notes/a.md": b"one\n"}, sign=broken)
    assert repo.lines() == before
    assert not repo.folder(LINE).exists()


@pytest.mark.parametrize("path", ["", "/a", "../a", "a/../b", "a//b", ".git/config", "notes/.GIT/x", "a\nb", "a\x7f"])
def test_paths_that_no_file_may_have(repo, path):
    with pytest.raises(BadInput):
        save(repo, {path: b"x"})


def test_a_file_is_no_folder(repo):
    save(repo, {"notes/a.md": b"one\n"})
    with pytest.raises(BadInput):
        save(repo, {"notes": b"x"})
    with pytest.raises(BadInput):
        save(repo, {"notes/a.md/b": b"x"})


def test_a_linked_folder_is_not_followed(repo, tmp_path):
    save(repo, {"client.md": b"c\n"})
    outside = tmp_path / "outside"
    outside.mkdir()
    (repo.folder(LINE) / "notes").symlink_to(outside)
    with pytest.raises(Conflict):
        save(repo, {"notes/a.md": b"one\n"})
    assert list(outside.iterdir()) == []


def test_a_folder_switched_to_another_branch_is_refused(repo):
    save(repo, {"notes/a.md": b"one\n"})
    plain(repo.folder(LINE), "switch", "-q", "-c", "mine")
    with pytest.raises(Conflict, match="another branch"):
        save(repo, {"notes/a.md": b"two\n"})


def test_another_repository_in_the_place_of_a_line_is_refused(repo):
    repo.folder(LINE).mkdir(parents=True)
    plain(repo.folder(LINE), "init", "-q")
    with pytest.raises(GitTrouble, match="another git repository"):
        save(repo, {"notes/a.md": b"one\n"})
    assert LINE not in repo.lines()


def test_advance_moves_a_line_to_what_was_fetched(repo, tmp_path):
    save(repo, {"notes/a.md": b"one\n"})
    save(repo, {"practice.toml": b"version = 1\n"}, line=PRACTICE)
    with Repository.create(tmp_path / "copy", LAYOUT, object_format=repo.object_format) as copy:
        Remote(copy.git, str(repo.path)).fetch(["+refs/heads/*:refs/remotes/origin/*"])
        fetched = copy.git.refs("refs/remotes/origin/")[f"refs/remotes/origin/{LINE}"]
        copy.advance(LINE, fetched, expecting=None)
        assert note(copy).read_bytes() == b"one\n"
        other = save(copy, {"notes/a.md": b"two\n"})
        assert copy.clone_id != repo.clone_id
        with pytest.raises(Conflict, match="diverged"):
            copy.advance(LINE, copy.git.refs()[f"refs/remotes/origin/{PRACTICE}"], expecting=other)


def test_files_are_readable_by_their_owner_alone(repo):
    save(repo, {"notes/a.md": b"one\n"})
    assert note(repo).stat().st_mode & 0o777 == 0o600
    assert note(repo).parent.stat().st_mode & 0o777 == 0o700


def test_a_merge_keeps_both_parents(repo):
    save(repo, {"notes/a.md": b"one\n"})
    other = save(repo, {"notes/b.md": b"two\n"}, line="group/bbbbbbbbbbbbbbbb")
    head = repo.head(LINE)
    merged = repo.record(
        LINE,
        {"notes/b.md": b"two\n"},
        message="m",
        ident=LEE,
        when=NOON,
        sign=dummy,
        expecting=head,
        extra_parents=(other,),
    )
    assert repo.commit(merged).parents == (head, other)
    assert [commit.oid for commit in repo.history(LINE)][-1] == merged


def test_another_process_waits_then_says_so(repo):
    holding = "import fcntl, sys; f = open(sys.argv[1]); fcntl.flock(f, 2); print('held', flush=True); sys.stdin.read()"
    command = [sys.executable, "-c", holding, repo.directory / "vaultcli.lock"]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as holder:
        assert holder.stdout.readline() == b"held\n"
        waited: list[int] = []
        with Repository.open(repo.path, LAYOUT, waiting=lambda: waited.append(1)) as again:
            with pytest.raises(Conflict, match="another vaultcli"), again._lock.hold(again._waiting, patience=0.05):
                pass
            assert waited == [1]
            holder.communicate()
            with again.lock():
                pass


def test_the_lock_may_be_nested_and_shared_by_two_readers_of_one_process(repo):
    with repo.lock(), Repository.open(repo.path, LAYOUT) as again, again.lock():
        assert (repo.directory / "vaultcli" / "writing").exists()
    assert not (repo.directory / "vaultcli" / "writing").exists()
