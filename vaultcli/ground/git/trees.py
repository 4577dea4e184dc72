"""Whole trees: their files listed, two of them compared, one made with some files changed. Equal folders are not opened."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import NamedTuple

from vaultcli.ground.errors import BadInput
from vaultcli.ground.git.catfile import Objects
from vaultcli.ground.git.objects import name_object
from vaultcli.ground.git.tree import (
    FILE,
    FOLDER,
    BadTree,
    Change,
    Tree,
    TreeEntry,
    apart,
    format_tree,
    is_plain,
)

DEEPEST = 8
"""Folders within folders that are opened; ours are one deep."""
_FOLDER = FOLDER.encode()


def check_path(path: str) -> str:
    """The path, if it is relative, has plain parts and no control characters.

    Raises:
        BadInput: it is not.
    """
    parts = path.split("/")
    if not all(is_plain(part) for part in parts) or any(ord(letter) < 32 or ord(letter) == 127 for letter in path):
        raise BadInput(f"{path!r} is no path for a file of the record")
    return path


def flatten(objects: Objects, tree: str, prefix: str = "") -> dict[str, tuple[str, str]]:
    """Every file of a tree: path to (mode, oid)."""
    found: dict[str, tuple[str, str]] = {}
    for entry in objects.tree(tree).entries():
        if entry.is_folder:
            found.update(flatten(objects, entry.oid, f"{prefix}{entry.name}/"))
        else:
            found[prefix + entry.name] = (entry.mode, entry.oid)
    return found


def lookup(objects: Objects, tree: str, path: str) -> str | None:
    """The id of the file at a path; None when there is none."""
    name, slash, rest = path.partition("/")
    for entry in objects.tree(tree).entries():
        if entry.name == name and entry.is_folder == bool(slash):
            return lookup(objects, entry.oid, rest) if slash else entry.oid
    return None


def differences(source: Callable[[str], Tree], before: str | None, after: str | None, prefix: str = "") -> Iterator[Change]:
    """Every file that two trees have differently, in order of path.

    Args:
        source: gives a tree by its id.
        before: the id of a tree; None for nothing at all.
        after: the same.
        prefix: the path of these trees, with a slash at its end.

    Raises:
        BadTree: a tree on the way is bad, cannot be had, or lies too deep.
    """
    if before == after:
        return
    if prefix.count("/") > DEEPEST:
        raise BadTree("folders within folders without end")
    gone, come = apart(source(before) if before else None, source(after) if after else None)
    old = {name: (mode, oid) for mode, name, oid in gone}
    new = {name: (mode, oid) for mode, name, oid in come}
    for name in sorted(old.keys() | new.keys()):
        if old.get(name) != new.get(name):
            yield from _one(source, old.get(name), new.get(name), prefix + name.decode("utf-8", "surrogateescape"))


_Leaf = tuple[bytes, bytes]


def _one(source: Callable[[str], Tree], was: _Leaf | None, now: _Leaf | None, path: str) -> Iterator[Change]:
    old_folder = was[1].hex() if was and was[0] == _FOLDER else None
    new_folder = now[1].hex() if now and now[0] == _FOLDER else None
    old_file = was[1].hex() if was and not old_folder else None
    new_file = now[1].hex() if now and not new_folder else None
    if old_file or new_file:
        yield Change(path, old_file, new_file, int(now[0], 8) if now and new_file else 0)
    if old_folder or new_folder:
        yield from differences(source, old_folder, new_folder, path + "/")


class Edit(NamedTuple):
    """A tree made from another: its id, and the new objects it needs, id to (kind, bytes)."""

    tree: str
    objects: dict[str, tuple[str, bytes]]


def edit(objects: Objects, tree: str | None, changes: Mapping[str, bytes | None], object_format: str) -> Edit:
    """The tree with these files set to new bytes, or taken out where the bytes are None.

    Raises:
        BadInput: a path is malformed, or names a file where the tree has a folder or the other way round.
    """
    made: dict[str, tuple[str, bytes]] = {}

    def store(kind: str, data: bytes) -> str:
        oid = name_object(kind, data, object_format)
        made[oid] = (kind, data)
        return oid

    def rebuild(tree: str | None, wanted: Mapping[str, bytes | None]) -> str | None:
        entries = {entry.name: entry for entry in objects.tree(tree).entries()} if tree else {}
        folders: dict[str, dict[str, bytes | None]] = {}
        for path, data in wanted.items():
            name, slash, rest = path.partition("/")
            if name in entries and entries[name].is_folder != bool(slash):
                raise BadInput(f"{path} is a folder in one version of the record and a file in another")
            if slash:
                folders.setdefault(name, {})[rest] = data
            elif data is None:
                entries.pop(name, None)
            else:
                entries[name] = TreeEntry(FILE, name, store("blob", data))
        for name, inner in folders.items():
            if name in entries and not entries[name].is_folder:
                raise BadInput(f"{name} is both a file and a folder")
            inside = rebuild(entries[name].oid if name in entries else None, inner)
            if inside is None:
                entries.pop(name, None)
            else:
                entries[name] = TreeEntry(FOLDER, name, inside)
        return store("tree", format_tree(list(entries.values()))) if entries else None

    for path in changes:
        check_path(path)
    top = rebuild(tree, changes)
    return Edit(top or store("tree", b""), made)
