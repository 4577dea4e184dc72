"""Reading objects ahead of the questions: the same bytes, the same errors, and a copy of the process that reads for itself."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from tests.ground.worlds import plain
from vaultcli.ground.errors import GitTrouble
from vaultcli.ground.git.catfile import AHEAD, Objects
from vaultcli.ground.git.plumbing import Git

MISSING = "0" * 64


@pytest.fixture
def made(tmp_path: Path) -> tuple[Git, list[str]]:
    """A repository, and more blobs than are asked for in one go."""
    plain(tmp_path, "init", "-q", "--object-format=sha256", "r")
    top = tmp_path / "r"
    for number in range(AHEAD + 20):
        (top / f"{number}").write_text(f"text {number}\n")
    oids = plain(top, "hash-object", "-w", *(str(number) for number in range(AHEAD + 20))).split()
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
