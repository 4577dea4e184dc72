"""Housekeeping: fewer files, and not one object less."""

from __future__ import annotations

import subprocess
import sys

import pytest

from tests.ground.worlds import LAYOUT, LINE, plain, save, whole
from tests.helpers import store_object
from vaultcli.ground.git import loose
from vaultcli.ground.git import packs as git_packs
from vaultcli.ground.repository.repository import Repository


def stored(repo: Repository) -> set[str]:
    return set(repo.git.run("cat-file", "--batch-all-objects", "--batch-check=%(objectname)").decode().split())


def packs(repo: Repository) -> list[str]:
    return sorted(file.stem for file in (repo.directory / "objects" / "pack").glob("*.pack"))


def notes(repo: Repository, begin: int, end: int) -> None:
    for number in range(begin, end):
        save(repo, {f"notes/{number}.md": b"%d\n" % number})


def test_everything_loose_is_packed_reachable_or_not(repo):
    dangling = store_object(repo.git, b"unreachable, still kept\n")
    notes(repo, 0, 4)
    before, lines = stored(repo), repo.lines()
    assert not repo.tidy(many=10_000)
    assert repo.tidy(many=5)
    assert (stored(repo), repo.lines(), repo.git.loose(), len(packs(repo))) == (before, lines, 0, 1)
    assert repo.objects.blob(dangling) == b"unreachable, still kept\n"
    whole(repo)
    notes(repo, 4, 5)


def test_small_packs_are_rolled_into_one_and_large_ones_stay(repo, monkeypatch):
    notes(repo, 0, 12)
    repo.tidy(many=1)
    (first,) = packs(repo)
    notes(repo, 12, 13)
    repo.tidy(many=1)
    assert first in packs(repo)
    assert len(packs(repo)) == 2
    before = stored(repo)
    notes(repo, 13, 20)
    repo.tidy(many=1)
    assert len(packs(repo)) == 1
    assert before < stored(repo)
    monkeypatch.setattr(git_packs, "LARGE", 10)
    (large,) = packs(repo)
    notes(repo, 20, 40)
    repo.tidy(many=1)
    assert large in packs(repo)
    whole(repo)


def test_a_pack_that_somebody_keeps_stays(repo):
    notes(repo, 0, 1)
    repo.tidy(many=1)
    (kept,) = packs(repo)
    (repo.directory / "objects" / "pack" / f"{kept}.keep").write_text("")
    notes(repo, 1, 5)
    repo.tidy(many=1)
    assert kept in packs(repo)


def test_a_reader_that_was_open_before_reads_on(repo):
    notes(repo, 0, 3)
    repo.tidy(many=1)
    notes(repo, 3, 6)
    with Repository.open(repo.path, LAYOUT) as other:
        assert other.history(LINE)
        assert other.objects.commit(other.head(LINE))
        oids = stored(repo)
        repo.tidy(many=1)
        assert {oid for oid in oids if other.objects.find(oid) is None} == set()


def test_only_who_recorded_keeps_house_and_nobody_waits_for_it(repo, monkeypatch):
    monkeypatch.setattr("vaultcli.ground.repository.repository.MANY", 5)
    monkeypatch.setattr(loose, "about", loose.count)
    notes(repo, 0, 4)
    with Repository.open(repo.path, LAYOUT) as looking:
        assert not looking.keep_house()
    code = (
        "import fcntl, sys; f = open(sys.argv[1], 'a'); fcntl.flock(f, 2); print('held', flush=True); sys.stdin.read()"
    )
    argv = [sys.executable, "-c", code, str(repo.directory / "vaultcli.lock")]
    with subprocess.Popen(argv, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as holder:
        assert holder.stdout.readline() == b"held\n"
        assert not repo.keep_house()
        holder.communicate()
    monkeypatch.setattr(Repository, "tidy", lambda self, many=5: git_packs.pack(self.git, self.directory) > 0)
    assert repo.keep_house()
    assert repo.git.loose() == 0


def test_an_object_that_cannot_be_read_stops_it_and_nothing_goes(repo):
    notes(repo, 0, 3)
    oid = store_object(repo.git, b"spoilt\n")
    file = repo.directory / "objects" / oid[:2] / oid[2:]
    file.chmod(0o600)
    file.write_bytes(b"not zlib")
    before = sorted(loose.names(repo.directory))
    repo._recorded = True
    assert not repo.keep_house()
    with pytest.raises(Exception, match="pack-objects"):
        repo.tidy(many=1)
    assert sorted(loose.names(repo.directory)) == before
    assert packs(repo) == []


@pytest.mark.parametrize(
    ("note", "goes"), [("{new}\n{old}\nend\n", True), ("{new}\n{old}\n", False), ("pack-" + "0" * 64 + "\n{old}\nend\n", False)]
)
def test_what_a_killed_housekeeping_noted_is_finished_only_where_it_holds(repo, note, goes):
    notes(repo, 0, 12)
    repo.tidy(many=1)
    (old,) = packs(repo)
    notes(repo, 12, 13)
    repo.tidy(many=1)
    (new,) = set(packs(repo)) - {old}
    before = stored(repo)
    plain(repo.path, "repack", "-a", "-q")  # a pack with everything, so that the old one may go
    (repo.directory / "vaultcli" / "packed").write_text(note.format(new=new, old=old))
    git_packs.finish(repo.directory)
    assert (old in packs(repo)) is not goes
    assert not (repo.directory / "vaultcli" / "packed").exists()
    assert stored(repo) == before
