"""Reading objects: the same bytes ahead of the questions or not, good or bad; a copy of the process that reads for itself."""

from __future__ import annotations

import hashlib
import os
import zlib
from pathlib import Path

import pytest

from tests.ground.worlds import plain
from tests.helpers import store_object
from vaultcli.ground.errors import GitTrouble
from vaultcli.ground.git.catfile import AHEAD, PIECE, Objects, Reader, Trouble
from vaultcli.ground.git.plumbing import Git

MISSING = "0" * 64
RAW = b"tree %b\nauthor A <a> 0 +0000\ncommitter A <a> 0 +0000\n\nx\n"


@pytest.fixture
def made(tmp_path: Path) -> tuple[Git, list[str]]:
    """A repository, and more blobs than are asked for in one go."""
    plain(tmp_path, "init", "-q", "--object-format=sha256", "r")
    top = tmp_path / "r"
    for number in range(AHEAD + 20):
        (top / f"{number}").write_text(f"text {number}\n")
    oids = plain(top, "-c", "core.fsync=none", "hash-object", "-w", *(str(number) for number in range(AHEAD + 20))).split()
    return Git(top / ".git", object_format="sha256"), oids


def test_what_was_read_ahead_is_not_asked_for_again(made: tuple[Git, list[str]], monkeypatch: pytest.MonkeyPatch) -> None:
    git, oids = made
    with Objects(git) as objects:
        objects.ahead([*oids, oids[0]])
        with monkeypatch.context() as patch:
            patch.setattr(objects, "find", lambda _: pytest.fail("asked again"))
            assert [objects.blob(oid) for oid in oids] == [b"text %d\n" % number for number in range(len(oids))]
        assert objects.blob(oids[3]) == b"text 3\n"


def test_a_missing_object_is_told_when_it_is_asked_for(made: tuple[Git, list[str]]) -> None:
    git, oids = made
    with Objects(git) as objects:
        objects.ahead([oids[0], MISSING, oids[1]])
        assert objects.blob(oids[1]) == b"text 1\n"
        with pytest.raises(GitTrouble, match="missing"):
            objects.blob(MISSING)


def test_a_damaged_object_is_told_when_it_is_asked_for_and_its_neighbours_are_whole(made: tuple[Git, list[str]]) -> None:
    git, oids = made
    loose = [git.directory / "objects" / oid[:2] / oid[2:] for oid in oids[:2]]
    loose[1].chmod(0o644)
    loose[1].write_bytes(loose[0].read_bytes())
    with Objects(git) as objects:
        objects.ahead(oids[:5])
        assert [objects.blob(oid) for oid in (oids[0], *oids[2:5])] == [b"text 0\n", b"text 2\n", b"text 3\n", b"text 4\n"]
        with pytest.raises(GitTrouble, match="damaged"):
            objects.blob(oids[1])
        assert objects.blob(oids[4]) == b"text 4\n"


def test_a_copy_of_the_process_does_not_take_the_first_ones_answers(made: tuple[Git, list[str]]) -> None:
    git, oids = made
    with Objects(git) as objects:
        assert objects.blob(oids[0]) == b"text 0\n"
        copy = os.fork()
        if not copy:
            objects.let_go()
            os._exit(0 if [objects.blob(oid) for oid in oids[:50]] == [b"text %d\n" % number for number in range(50)] else 1)
        for number in range(50, 100):
            assert objects.blob(oids[number]) == b"text %d\n" % number
        assert os.waitpid(copy, 0)[1] == 0


def spoil(git: Git, oid: str, raw: bytes) -> None:
    file = git.directory / "objects" / oid[:2] / oid[2:]
    file.chmod(0o644)
    file.write_bytes(raw)


def test_a_reader_tells_all_that_is_bad_and_goes_on(made: tuple[Git, list[str]]) -> None:
    """Another object's bytes, bytes at which git ends, bytes that it passes over, and nothing at all, among good ones."""
    git, oids = made
    spoil(git, oids[1], (git.directory / "objects" / oids[0][:2] / oids[0][2:]).read_bytes())
    spoil(git, oids[3], zlib.compress(b"blob 7\0text 3\n")[:-5])
    spoil(git, oids[5], b"no object")
    with Reader(git) as reader:
        found = reader.many([*oids[:3], MISSING, *oids[3:]], "blob")
        assert {oid: one.why for oid, one in found.items() if isinstance(one, Trouble)} == reader.bad
        assert reader.bad == {oids[1]: "damaged", MISSING: "missing", oids[3]: "damaged", oids[5]: "missing"}
        good = [number for number in range(len(oids)) if number not in (1, 3, 5)]
        assert [found[oids[number]] for number in good] == [b"text %d\n" % number for number in good]
        assert reader.seen == {oids[number] for number in good}
        assert reader.many(oids[:1], "tree") == {oids[0]: Trouble("kind")}
    with Reader(git) as reader:
        reader.check(oids)
        assert (len(reader.seen), set(reader.bad)) == (len(oids) - 3, {oids[1], oids[3], oids[5]})


def test_many_complaints_stop_nobody(made: tuple[Git, list[str]]) -> None:
    git, oids = made
    for oid in oids[:-1]:
        spoil(git, oid, b"no object")
    with Reader(git) as reader:
        assert len([one for one in reader.many(oids, "blob").values() if isinstance(one, Trouble)]) == len(oids) - 1


def test_a_large_file_is_weighed_and_not_kept(made: tuple[Git, list[str]]) -> None:
    git, oids = made
    data = bytes(range(256)) * (PIECE // 128)
    oid = store_object(git, data)
    weight = (len(data), hashlib.sha256(data).hexdigest())
    small = (7, hashlib.sha256(b"text 0\n").hexdigest())
    with Reader(git) as reader, Objects(git) as objects:
        assert reader.weigh([oid, oids[0], MISSING]) == {oid: weight, oids[0]: small, MISSING: Trouble("missing")}
        assert (objects.weigh(oid), objects.weigh(oids[0])) == (weight, small)
        assert objects.blob(oid) == data
        spoil(git, oid, b"no object")
        with pytest.raises(GitTrouble, match="missing"):
            objects.weigh(oid)
        assert objects.blob(oids[1]) == b"text 1\n"


def test_answers_that_nobody_took_are_not_taken_for_others(made: tuple[Git, list[str]]) -> None:
    git, oids = made
    with Reader(git) as reader:
        for _ in reader.stream(oids):
            break
        assert reader.many([oids[5]], "blob") == {oids[5]: b"text 5\n"}
    with Objects(git) as objects:
        many = objects.read_many(oids)
        assert next(many).data == b"text 0\n"
        assert objects.blob(oids[7]) == b"text 7\n"
        assert next(many).data == b"text 1\n"
        many.close()


def test_a_ref_is_answered_with_the_object_that_it_names(made: tuple[Git, list[str]]) -> None:
    git, oids = made
    head = store_object(git, RAW % store_object(git, b"", "tree").encode(), "commit")
    git.update_ref("refs/heads/x", head, None)
    with Objects(git) as objects:
        found = objects.find("refs/heads/x")
        assert found is not None
        assert (found.oid, found.kind) == (head, "commit")
        assert objects.find("refs/heads/y") is None
        assert objects.find(MISSING) is None
        assert "text" not in repr(objects.find(oids[0]))
