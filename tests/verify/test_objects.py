"""Damaged, missing and odd objects."""

from __future__ import annotations

import hashlib
import os
import subprocess
import zlib
from pathlib import Path

import pytest

from tests.world import ClientLine, World


def _note(ada: ClientLine) -> str:
    return next(path for path in ada.texts if path.endswith(".sig")).removesuffix(".sig")


def _loose(world: World, oid: str) -> Path:
    file = world.git_dir / "objects" / oid[:2] / oid[2:]
    file.chmod(0o600)
    return file


def _blob(world: World, ada: ClientLine) -> str:
    return world.branches[ada.branch].files[_note(ada)][1]


def test_a_flipped_bit(world: World, ada: ClientLine) -> None:
    file = _loose(world, _blob(world, ada))
    raw = bytearray(file.read_bytes())
    raw[len(raw) // 2] ^= 1
    file.write_bytes(raw)
    assert "damaged-object" in world.rules()


def test_an_object_that_is_something_else(world: World, ada: ClientLine) -> None:
    data = zlib.decompress(_loose(world, _blob(world, ada)).read_bytes()).replace(b"on time", b"in time")
    _loose(world, _blob(world, ada)).write_bytes(zlib.compress(data))
    assert "damaged-object" in world.rules()


def test_a_missing_commit(world: World, ada: ClientLine) -> None:
    _loose(world, ada.commits[1]).unlink()
    rules = world.rules()
    assert "missing-object" in rules


def test_a_missing_note(world: World, ada: ClientLine) -> None:
    _loose(world, _blob(world, ada)).unlink()
    assert "missing-object" in world.rules()


@pytest.mark.parametrize("cut", [20, 4000])
def test_a_truncated_pack(world: World, ada: ClientLine, cut: int) -> None:
    world.git("config", "--unset", "extensions.preciousObjects")
    world.git("repack", "-adq")
    pack = next((world.git_dir / "objects" / "pack").glob("*.pack"))
    pack.chmod(0o600)
    raw = pack.read_bytes()
    pack.write_bytes(raw[:-cut])
    assert {"damaged-object", "missing-object"} & set(world.rules())


def test_flipped_bits_in_a_pack(world: World, ada: ClientLine) -> None:
    world.git("config", "--unset", "extensions.preciousObjects")
    world.git("repack", "-adq")
    pack = next((world.git_dir / "objects" / "pack").glob("*.pack"))
    pack.chmod(0o600)
    whole = pack.read_bytes()
    step = max(1, len(whole) // 12)
    for at in range(20, len(whole) - 40, step):
        raw = bytearray(whole)
        raw[at] ^= 0x10
        pack.write_bytes(raw)
        assert world.verify().exit_code == 1, at
    pack.write_bytes(whole)
    assert world.verify().exit_code == 0


def test_unreachable_objects_are_hashed_and_counted(world: World, ada: ClientLine) -> None:
    oid = world.git("hash-object", "-w", "--stdin", data=b"what a killed save left").strip()
    verdict = world.verify()
    assert (verdict.findings, verdict.unreachable) == ((), 1)
    _loose(world, oid).write_bytes(zlib.compress(b"blob 3\0abc"))
    assert world.rules() == ["damaged-object"]


def test_a_damaged_second_copy(world: World, ada: ClientLine) -> None:
    world.git("repack", "-aq")
    copy = _loose(world, _blob(world, ada))
    copy.write_bytes(zlib.compress(b"blob 3\0abc"))
    assert world.rules() == ["damaged-object"]


def _packed(folder: Path, object_format: str, words: bytes) -> bytes:
    """A pack of one file, by stock git in a repository of its own."""

    def git(*args: str, data: bytes = b"") -> bytes:
        return subprocess.run(["git", *args], cwd=folder, input=data, check=True, capture_output=True).stdout

    folder.mkdir()
    git("init", "-q", f"--object-format={object_format}")
    return git("pack-objects", "-q", "--stdout", data=git("hash-object", "-w", "--stdin", data=words))


@pytest.mark.parametrize("first", [True, False])
def test_a_second_pack_with_other_words_for_a_note(world: World, ada: ClientLine, first: bool) -> None:
    world.git("config", "--unset", "extensions.preciousObjects")
    world.git("repack", "-adq")
    oid, folder = _blob(world, ada), world.git_dir / "objects" / "pack"
    world.git("pack-objects", "-q", str(folder / "pack"), data=f"{oid}\n".encode())
    assert world.verify().exit_code == 0
    pack = min(folder.glob("*.pack"), key=lambda path: path.stat().st_size)
    for path in (pack, pack.with_suffix(".idx")):
        path.chmod(0o600)
    name = hashlib.sha256 if len(oid) == 64 else hashlib.sha1
    body = _packed(world.folder / "other", name().name, b"other words")
    index = bytearray(pack.with_suffix(".idx").read_bytes())
    width = len(oid) // 2
    index[-2 * width : -width] = body[-width:]
    pack.write_bytes(body)
    pack.with_suffix(".idx").write_bytes(bytes(index[:-width]) + name(bytes(index[:-width])).digest())
    later = 2_000_000_000 if first else 1
    for path in (pack, pack.with_suffix(".idx")):
        os.utime(path, (later, later))
    assert (world.git("cat-file", "blob", oid) == "other words") == first
    assert world.rules()[0] == "damaged-object"


def test_a_dropped_commit(world: World, ada: ClientLine) -> None:
    line = world.branches[ada.branch]
    ada.commit("draft", dict([ada.note("After a gap.")]), message=ada.message("draft", "9" * 16), parents=line.commits[-2:-1])
    world.save(pin=False)
    assert "rewritten" in world.rules()


def test_a_merge(world: World, ada: ClientLine) -> None:
    bo = world.client("bo")
    path, raw = ada.note("Merged.")
    ada.commit("draft", {path: raw}, path[-19:-3], parents=[ada.commits[-1], bo.commits[-1]])
    world.save()
    assert world.rules() == ["merge"]


@pytest.mark.parametrize("mode", ["120000", "160000", "100755"])
def test_odd_modes(world: World, ada: ClientLine, mode: str) -> None:
    path, raw = ada.note("Odd.")
    ada.commit("draft", {path: raw}, path[-19:-3], mode=mode)
    world.save(checkout=False)
    assert "path" in world.rules()


def test_hidden_paths(world: World, ada: ClientLine) -> None:
    ada.commit("draft", {".hidden/x.md": b"x"}, "9" * 16)
    world.save(checkout=False)
    assert "path" in world.rules()


@pytest.mark.parametrize("name", ["..", ".git", ".GIT"])
def test_names_that_no_file_may_have(world: World, ada: ClientLine, name: str) -> None:
    files = dict(world.branches[ada.branch].files)
    files[name] = files["client.md"]
    ada.commit("draft", {}, "9" * 16, tree=world.tree(files))
    world.save(checkout=False)
    assert "bad-tree" in world.rules()


def test_an_empty_folder(world: World, ada: ClientLine) -> None:
    empty = world.store("tree", b"")
    files = {**world.branches[ada.branch].files, "zzz": ("40000", empty)}
    ada.commit("draft", {}, "9" * 16, tree=world.tree(files))
    world.save(checkout=False)
    assert "bad-tree" in world.rules()


def test_a_commit_that_git_would_not_write(world: World, ada: ClientLine) -> None:
    ada.commit("draft", {}, "9" * 16, edit=lambda raw: raw.replace(b"\nauthor", b"\nAuthor"))
    world.save(checkout=False)
    assert "bad-commit" in world.rules()
