"""Trees: parsed as strictly by what they are like as by themselves, ordered as git orders them, compared as their files are."""

from __future__ import annotations

import subprocess
from collections.abc import Mapping

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.ground.worlds import LAYOUT, LINE, plain, save
from vaultcli.ground.git.objects import name_object
from vaultcli.ground.git.tree import BadTree, Change, Tree, TreeEntry, format_tree, parse_tree
from vaultcli.ground.git.trees import DEEPEST, differences
from vaultcli.ground.repository.repository import Repository

OID = "a" * 64


def test_trees_sort_as_git_sorts_them():
    entries = [TreeEntry("40000", "a", OID), TreeEntry("100644", "a.md", OID), TreeEntry("100644", "a0", OID)]
    raw = format_tree(entries)
    assert [entry.name for entry in parse_tree(OID, raw).entries()] == ["a.md", "a", "a0"]


def entry(name: str, mode: str = "100644") -> bytes:
    return f"{mode} {name}\0".encode() + bytes.fromhex(OID)


@pytest.mark.parametrize(
    "raw",
    [
        entry("a")[:-1],
        b"100644 a",
        entry("b") + entry("a"),
        entry("a") + entry("a"),
        entry("a") + entry("a", "40000"),
        entry(""),
        entry("."),
        entry(".."),
        entry(".git"),
        entry(".GIT"),
        entry("a/b"),
        entry("a", "040000"),
        entry("a", "x"),
    ],
)
def test_malformed_trees_are_refused(raw):
    with pytest.raises(BadTree):
        parse_tree(OID, raw)
    # and no tree that it may be like changes that
    for known in (b"", entry("0"), entry("0") + entry("z"), entry("a"), entry("a") + entry("b")):
        with pytest.raises(BadTree):
            parse_tree(OID, raw, parse_tree(OID, known))


def test_a_tree_of_many_names_is_byte_for_byte_gits_own(tmp_path):
    with Repository.create(tmp_path / "c", LAYOUT) as repo:
        head = save(repo, {f"{folder}/{name}.md": b"x" for folder in ("a", "a-b", "a.b", "ab") for name in ("é", "z", "0")})
        listed = plain(repo.path, "ls-tree", "-z", head).replace("\0", "\0")
        made = subprocess.run(
            ["git", "-C", repo.path, "mktree", "-z"], input=listed, text=True, capture_output=True, check=True
        ).stdout.strip()
        assert made == repo.commit(head).tree
        assert repo.head(LINE) == head


NAMES = st.sampled_from(["a", "a.b", "a0", "ab", "b", "é", "z"])
IDS = st.integers(0, 3).map(lambda number: f"{number:064x}")
FILES = st.dictionaries(st.lists(NAMES, min_size=1, max_size=3).map("/".join), IDS, max_size=8)


@given(st.dictionaries(NAMES, IDS, max_size=6), st.dictionaries(NAMES, IDS, max_size=6), st.data())
@settings(max_examples=300, deadline=None)
def test_what_a_tree_is_like_makes_no_difference(one: dict[str, str], other: dict[str, str], data: st.DataObject) -> None:
    known, raw = (format_tree([TreeEntry("100644", name, oid) for name, oid in files.items()]) for files in (one, other))
    if raw and data.draw(st.booleans()):
        # spoilt: a piece taken out, put in twice, or written over
        at, size = data.draw(st.integers(0, len(raw) - 1)), data.draw(st.integers(1, 45))
        raw = raw[:at] + data.draw(st.sampled_from([b"", raw[at : at + size] * 2, b"\0", b" .", b"/"])) + raw[at + size :]

    def read(like: Tree | None) -> object:
        try:
            made = parse_tree(OID, raw, like)
        except BadTree:
            return None
        return made.entries(), made.ends, made.folders

    assert read(parse_tree(OID, known)) == read(None)


def test_a_name_that_looks_like_an_entry() -> None:
    known = parse_tree(OID, format_tree([TreeEntry("100644", "a", "0" * len(OID))]))
    raw = b"100644 " + known.raw
    assert [one.name for one in parse_tree(OID, raw, known).entries()] == ["100644 a"]
    assert parse_tree(OID, raw, known) == parse_tree(OID, raw)


def stored(files: Mapping[str, str], store: dict[str, bytes]) -> str:
    """The id of a tree of these files; a name that is a folder is no file in it."""
    folders: dict[str, dict[str, str]] = {}
    for path, oid in files.items():
        name, slash, rest = path.partition("/")
        if slash:
            folders.setdefault(name, {})[rest] = oid
    entries = [TreeEntry("100644", path, oid) for path, oid in files.items() if "/" not in path and path not in folders]
    raw = format_tree([*entries, *(TreeEntry("40000", name, stored(inner, store)) for name, inner in folders.items())])
    oid = name_object("tree", raw, "sha256")
    store[oid] = raw
    return oid


def listed(store: Mapping[str, bytes], tree: str) -> dict[str, str]:
    return {one.path: one.after or "" for one in differences(lambda oid: parse_tree(oid, store[oid]), None, tree)}


@given(FILES, FILES)
@settings(max_examples=200, deadline=None)
def test_two_trees_differ_as_their_files_do(one: dict[str, str], other: dict[str, str]) -> None:
    store: dict[str, bytes] = {}
    before, after = stored(one, store), stored(other, store)
    opened: list[str] = []

    def source(oid: str) -> Tree:
        opened.append(oid)
        return parse_tree(oid, store[oid], parse_tree(before, store[before]))

    old, new = listed(store, before), listed(store, after)
    differing = {path for path in old.keys() | new.keys() if old.get(path) != new.get(path)}
    found = list(differences(source, before, after))
    assert {(one.path, one.before, one.after) for one in found} == {(path, old.get(path), new.get(path)) for path in differing}
    assert len(found) == len(differing)
    assert all(one.mode == (0o100644 if one.after else 0) for one in found)
    assert before != after or not opened


def test_a_file_goes_before_the_folder_of_its_name_comes() -> None:
    store: dict[str, bytes] = {}
    before, after = stored({"a": "1" * 64}, store), stored({"a/b": "2" * 64}, store)

    def source(oid: str) -> Tree:
        return parse_tree(oid, store[oid])

    assert list(differences(source, before, after)) == [Change("a", "1" * 64, None, 0), Change("a/b", None, "2" * 64)]


def test_folders_without_end_are_refused() -> None:
    store: dict[str, bytes] = {}
    deep = stored({"/".join("a" * (DEEPEST + 1)): "1" * 64}, store)
    assert len(listed(store, deep)) == 1
    deeper = stored({"/".join("a" * (DEEPEST + 2)): "1" * 64}, store)
    with pytest.raises(BadTree, match="without end"):
        listed(store, deeper)
