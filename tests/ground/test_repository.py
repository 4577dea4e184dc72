"""Recording, reading and mending, with real git in a temporary folder."""

from __future__ import annotations

import contextlib
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.ground.worlds import LAYOUT, LEE, LINE, NOON, PRACTICE, dummy, plain, save, signer
from vaultcli.ground import files
from vaultcli.ground.errors import BadInput, Conflict, DiskTrouble, GitTrouble
from vaultcli.ground.lock import fetch_lock
from vaultcli.ground.repository import Layout, Repair, Repository


@pytest.fixture(params=["sha256", "sha1"])
def repo(request, tmp_path):
    with Repository.create(tmp_path / "chart", LAYOUT, object_format=request.param) as made:
        save(made, {"practice.toml": b"version = 1\n"}, line=PRACTICE)
        yield made


def note(repo: Repository, path: str = "notes/a.md", line: str = LINE) -> Path:
    return repo.folder(line) / path


def whole(repo: Repository) -> None:
    assert repo.git.fsck() == []


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


def test_working_tells_edited_new_missing_and_leftovers_apart(repo):
    save(repo, {"notes/a.md": b"one\n", "notes/b.md": b"two\n", "notes/c.md": b"three\n"})
    folder = repo.folder(LINE) / "notes"
    (folder / "a.md").write_bytes(b"0ne\n")
    (folder / "b.md").unlink()
    (folder / "new.md").write_bytes(b"new\n")
    (folder / "link.md").symlink_to("a.md")
    os.mkfifo(folder / "pipe.md")
    leftovers = [".a.md.swp", "a.md~", "4913", ".DS_Store", "#a.md#", ".#a.md", f".a.md{files.SIDE}x"]
    for name in leftovers:
        (folder / name).write_bytes(b"?")
    found = repo.working(LINE)
    assert found.edited == ("notes/a.md",)
    assert found.missing == ("notes/b.md",)
    assert found.new == ("notes/new.md",)
    assert found.strange == ("notes/link.md", "notes/pipe.md")
    assert found.leftovers == tuple(sorted(f"notes/{name}" for name in leftovers))


def test_an_edit_of_equal_size_and_time_is_seen(repo):
    save(repo, {"notes/a.md": b"one\n"})
    times = note(repo).stat()
    note(repo).write_bytes(b"eno\n")
    os.utime(note(repo), ns=(times.st_atime_ns, times.st_mtime_ns))
    assert repo.working(LINE).edited == ("notes/a.md",)


# mending


def interrupted(repo: Repository, changes: dict[str, bytes | None]) -> str:
    """A save that was killed after the commit point."""
    kept = Repository._follow
    try:
        Repository._follow = lambda *_: None
        return save(repo, changes)
    finally:
        Repository._follow = kept


def test_an_interrupted_save_is_completed_and_said(repo):
    save(repo, {"notes/a.md": b"one\n", "notes/b.md": b"gone soon\n"})
    interrupted(repo, {"notes/a.md": b"two\n", "notes/b.md": None, "notes/c.md": b"new\n"})
    assert note(repo).read_bytes() == b"one\n"
    told: list[Repair] = []
    with Repository.open(repo.path, LAYOUT, tell=told.append) as again:
        again.recover()
        assert again.working(LINE).clean
        assert again.recover() == []
    assert told == [Repair(LINE, "an interrupted save was completed: notes/a.md, notes/b.md, notes/c.md")]
    assert plain(repo.folder(LINE), "status", "--porcelain") == ""


def test_completing_a_save_leaves_what_the_user_wrote(repo):
    save(repo, {"notes/a.md": b"one\n"})
    interrupted(repo, {"notes/a.md": b"two\n"})
    note(repo).write_bytes(b"mine\n")
    repo.recover()
    assert note(repo).read_bytes() == b"mine\n"
    assert repo.working(LINE).edited == ("notes/a.md",)


def test_the_next_record_completes_first(repo):
    save(repo, {"notes/a.md": b"one\n"})
    interrupted(repo, {"notes/a.md": b"two\n"})
    save(repo, {"notes/b.md": b"b\n"})
    assert note(repo).read_bytes() == b"two\n"
    assert repo.working(LINE).clean


def test_a_missing_folder_comes_back(repo):
    save(repo, {"notes/a.md": b"one\n"})
    shutil.rmtree(repo.folder(LINE))
    assert [repair.line for repair in repo.recover()] == [LINE]
    assert note(repo).read_bytes() == b"one\n"
    assert plain(repo.folder(LINE), "status", "--porcelain") == ""


def test_a_file_that_the_user_deleted_stays_deleted(repo):
    save(repo, {"notes/a.md": b"one\n"})
    note(repo).unlink()
    assert repo.recover() == []
    assert repo.working(LINE).missing == ("notes/a.md",)


def test_a_vault_that_moved_is_mended(repo, tmp_path):
    for number in range(5):
        save(repo, {"notes/a.md": b"%d\n" % number}, line=f"client/{number:016d}")
    repo.close()
    moved = repo.path.rename(tmp_path / "elsewhere")
    with Repository.open(moved, LAYOUT) as again:
        assert len(again.recover()) == 5
        assert again.recover() == []
        assert plain(again.folder("client/0000000000000003"), "status", "--porcelain") == ""
        save(again, {"notes/b.md": b"more\n"}, line="client/0000000000000003")
    assert "prunable" not in plain(moved, "worktree", "list", "--porcelain")


def test_commits_made_with_plain_git_are_taken_as_they_are(repo):
    save(repo, {"notes/a.md": b"one\n"})
    note(repo).write_bytes(b"two\n")
    plain(repo.folder(LINE), "-c", "user.name=x", "-c", "user.email=x@y", "commit", "-qam", "by hand")
    assert repo.recover() == []
    assert note(repo).read_bytes() == b"two\n"
    assert repo.working(LINE).clean


def test_a_line_moved_back_by_plain_git_keeps_its_files(repo):
    first = save(repo, {"notes/a.md": b"one\n"})
    save(repo, {"notes/a.md": b"two\n"})
    plain(repo.folder(LINE), "reset", "-q", "--soft", first)
    assert "moved back" in repo.recover()[0].what
    assert note(repo).read_bytes() == b"two\n"
    assert repo.working(LINE).edited == ("notes/a.md",)


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


def test_leftovers_of_a_killed_writer_go_and_those_of_others_stay(repo):
    save(repo, {"notes/a.md": b"one\n"})
    directory = repo.directory
    old = directory / "index.lock"
    old.write_bytes(b"")
    os.utime(old, (1, 1))
    (directory / "vaultcli" / "writing").touch()
    mine = [
        directory / "refs" / "heads" / f"{LINE}.lock",
        directory / "worktrees" / LINE.replace("/", "-") / "index.lock",
        directory / "objects" / "pack" / "tmp_pack_x",
        directory / "vaultcli" / "tmp" / ".git_signing_buffer_x",
    ]
    for file in mine:
        file.write_bytes(b"")
    told: list[Repair] = []
    with Repository.open(repo.path, LAYOUT, tell=told.append) as again:
        again.recover()
    assert [file for file in mine if file.exists()] == []
    assert old.exists()
    assert not (directory / "vaultcli" / "writing").exists()
    assert len(told) == 1


def test_parts_of_a_pack_whose_fetch_was_killed_go_and_those_of_a_fetch_under_way_stay(repo):
    packs, sign = repo.directory / "objects" / "pack", repo.directory / "vaultcli" / "fetching"
    mine, old, users = packs / "tmp_pack_x", packs / "tmp_pack_old", packs / "pack-x.keep"
    half, whole = [packs / f"pack-y{end}" for end in (".pack", ".keep")], packs / "pack-z.pack"
    told: list[Repair] = []
    with fetch_lock(repo.directory).hold(), Repository.open(repo.path, LAYOUT, tell=told.append) as again:
        mine.write_bytes(b"PACK")
        users.write_text("mine\n")
        for file in (*half, whole, whole.with_suffix(".idx"), whole.with_suffix(".keep")):
            file.write_text("fetch-pack 12 on here\n")
        old.write_bytes(b"PACK")
        os.utime(old, (1, 1))
        again.recover()
        assert (mine.exists(), sign.exists(), told) == (True, True, [])
    assert not sign.exists()
    sign.touch()
    with Repository.open(repo.path, LAYOUT, tell=told.append) as again:
        again.recover()
        again.recover()
    assert (mine.exists(), old.exists(), users.exists(), sign.exists()) == (False, True, True, False)
    assert [file for file in half if file.exists()] == []
    assert (whole.exists(), whole.with_suffix(".idx").exists(), whole.with_suffix(".keep").exists()) == (True, True, False)
    assert len(told) == 1


def test_a_lock_of_somebody_elses_git_is_a_conflict_that_names_it(repo):
    save(repo, {"notes/a.md": b"one\n"})
    lock = repo.directory / "refs" / "heads" / f"{LINE}.lock"
    lock.write_bytes(b"")
    with pytest.raises(Conflict) as caught:
        save(repo, {"notes/a.md": b"two\n"})
    assert str(lock) in caught.value.hint


def test_a_disk_that_fails_after_the_commit_point_is_said_so(repo, monkeypatch):
    save(repo, {"notes/a.md": b"one\n"})

    def full(*_, **__):
        raise DiskTrouble("the disk is full")

    monkeypatch.setattr(files, "replace", full)
    with pytest.raises(DiskTrouble, match="is recorded, but"):
        save(repo, {"notes/a.md": b"two\n"})
    monkeypatch.undo()
    repo.recover()
    assert note(repo).read_bytes() == b"two\n"


# making and opening


def test_create_refuses_a_repository_and_completes_its_own_half(tmp_path):
    from vaultcli.ground import gitsetup

    gitsetup.init(tmp_path / "half", object_format="sha256", branch=PRACTICE)
    with Repository.create(tmp_path / "half", LAYOUT) as made:
        assert made.oddities() == ()
        clone = made.clone_id
    with pytest.raises(Conflict):
        Repository.create(tmp_path / "half", LAYOUT)
    with Repository.open(tmp_path / "half", LAYOUT) as again:
        assert again.clone_id == clone


def test_a_new_repository_has_no_hooks_whatever_the_users_template_says(tmp_path, monkeypatch):
    template = tmp_path / "template" / "hooks"
    template.mkdir(parents=True)
    (template / "post-checkout").write_text("#!/bin/sh\nexit 1\n")
    monkeypatch.setenv("GIT_TEMPLATE_DIR", str(tmp_path / "template"))
    with Repository.create(tmp_path / "chart", LAYOUT) as made:
        assert not (made.directory / "hooks").exists()


def test_oddities_are_named(repo):
    (repo.directory / "shallow").write_text("")
    (repo.directory / "info" / "exclude").write_text("notes/hidden.md\n")
    plain(repo.path, "config", "mystery.key", "1")
    with Repository.open(repo.path, LAYOUT) as again:
        assert again.oddities() == (
            "unknown configuration key mystery.key",
            ".git/shallow exists",
            ".git/info/exclude hides files",
        )


def test_advance_moves_a_line_to_what_was_fetched(repo, tmp_path):
    save(repo, {"notes/a.md": b"one\n"})
    from vaultcli.ground import gitsetup
    from vaultcli.ground.repository import prepare

    gitsetup.clone(str(repo.path), tmp_path / "copy")
    prepare(tmp_path / "copy", {})
    with Repository.open(tmp_path / "copy", LAYOUT) as copy:
        fetched = copy.git.refs("refs/remotes/origin/")[f"refs/remotes/origin/{LINE}"]
        copy.advance(LINE, fetched, expecting=None)
        assert note(copy).read_bytes() == b"one\n"
        other = save(copy, {"notes/a.md": b"two\n"})
        assert copy.clone_id != repo.clone_id
        copy.git.fetch(str(repo.path), ["refs/heads/*:refs/remotes/origin/*"])
        with pytest.raises(Conflict, match="diverged"):
            copy.advance(
                LINE,
                copy.git.refs()["refs/heads/" + PRACTICE] if PRACTICE in copy.lines() else fetched,
                expecting=other,
            )


def test_tidy_packs_and_keeps_everything(repo):
    dangling = repo.git.hash_object(b"unreachable, still kept\n")
    for number in range(4):
        save(repo, {f"notes/{number}.md": b"%d\n" % number})
    lines = repo.lines()
    assert not repo.tidy(many=10_000)
    assert repo.tidy(many=5)
    assert repo.lines() == lines
    assert repo.objects.blob(dangling) == b"unreachable, still kept\n"
    assert len(list((repo.directory / "objects" / "pack").glob("*.pack"))) == 1
    assert repo.git.loose() == 1
    whole(repo)
    save(repo, {"notes/x.md": b"x\n"})


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


def test_a_flipped_bit_is_an_error_on_reading(repo):
    head = save(repo, {"notes/a.md": b"one\n" * 50})
    oid = repo.files(head)["notes/a.md"][1]
    repo.close()
    loose = repo.directory / "objects" / oid[:2] / oid[2:]
    data = bytearray(loose.read_bytes())
    data[-1] ^= 1
    loose.chmod(0o600)
    loose.write_bytes(data)
    with pytest.raises(GitTrouble):
        repo.objects.blob(oid)


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


def test_a_lock_that_a_killed_configuration_left_stops_nothing(tmp_path):
    with Repository.create(tmp_path / "chart", LAYOUT) as repo:
        (repo.directory / "config.lock").touch()
        from vaultcli.ground import gitsetup

        gitsetup.configure(repo.path, {"user.name": "Lee"})
        assert "name = Lee" in (repo.directory / "config").read_text()
        assert list(repo.scratch.iterdir()) == []


def test_a_git_that_was_started_ahead_and_not_needed_leaves_no_lock(tmp_path):
    """A save that fails before it gets to the index must not keep the next one from it."""
    import time

    from vaultcli.ground.git import INDEX, MOVE, UNPACK, Git

    Repository.create(tmp_path / "r", Layout(main="practice")).close()
    git = Git(tmp_path / "r" / ".git")
    lock = tmp_path / "r" / ".git" / "index.lock"
    with contextlib.suppress(RuntimeError), git.ahead(UNPACK, MOVE, INDEX):
        until = time.monotonic() + 5
        while not lock.exists() and time.monotonic() < until:
            pass
        assert lock.exists()
        raise RuntimeError
    assert not lock.exists()
    git.run(*INDEX, data=b"")
