"""Work on trees: list one, compare two, make one with some files changed. Untouched folders are not opened."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from vaultcli.ground.errors import BadInput
from vaultcli.ground.git.catfile import Objects
from vaultcli.ground.git.objects import (
    FILE,
    FOLDER,
    TreeEntry,
    format_tree,
    is_plain,
    name_object,
)


class Change(NamedTuple):
    """One path that two commits have differently: its blob before and after, None where it is absent, and its mode."""

    path: str
    before: str | None
    after: str | None
    mode: str = FILE


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
    for entry in objects.tree(tree):
        if entry.is_folder:
            found.update(flatten(objects, entry.oid, f"{prefix}{entry.name}/"))
        else:
            found[prefix + entry.name] = (entry.mode, entry.oid)
    return found


def lookup(objects: Objects, tree: str, path: str) -> str | None:
    """The id of the file at a path; None when there is none."""
    name, slash, rest = path.partition("/")
    for entry in objects.tree(tree):
        if entry.name == name and entry.is_folder == bool(slash):
            return lookup(objects, entry.oid, rest) if slash else entry.oid
    return None


def compare(objects: Objects, before: str | None, after: str | None, prefix: str = "") -> list[Change]:
    """What differs between two trees, in order of path; equal folders are not opened.

    Args:
        objects: reads them.
        before: a tree id; None for nothing at all.
        after: the same.
        prefix: the path of these trees, with a slash at its end.
    """
    if before == after:
        return []
    old = {(entry.name, entry.is_folder): entry for entry in objects.tree(before)} if before else {}
    new = {(entry.name, entry.is_folder): entry for entry in objects.tree(after)} if after else {}
    changes: list[Change] = []
    for key in sorted(old.keys() | new.keys()):
        was, now = old.get(key), new.get(key)
        path = prefix + key[0]
        was_oid, now_oid = was.oid if was else None, now.oid if now else None
        if key[1]:
            changes += compare(objects, was_oid, now_oid, path + "/")
        elif was != now:
            last = now or was
            assert last is not None
            changes.append(Change(path, was_oid, now_oid, last.mode))
    return changes


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
        entries = {entry.name: entry for entry in objects.tree(tree)} if tree else {}
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
