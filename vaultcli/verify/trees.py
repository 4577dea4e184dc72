"""Trees as verification sees them: parsed quickly from raw bytes, compared without opening equal folders.

A tree of two hundred files is parsed once for each commit, thirty-six thousand times in a large practice: one regular
expression finds all entries, and the form that git itself would have written is then checked as a whole.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from itertools import chain
from typing import Protocol

from vaultcli.record.facts import Change

FOLDER = b"40000"
DEEPEST = 8
"""Folders within folders that are opened; ours are one deep."""
_NEVER = re.compile(rb"\A(?:\.\.?|\.git)\Z", re.IGNORECASE)

Entry = tuple[bytes, bytes, bytes]
"""Mode as written, name, object id in binary."""


class BadTree(Exception):
    """A tree that git would not have written, or a folder that cannot be had."""


@dataclass(frozen=True)
class Tree:
    """The entries of one folder, and which of them are folders."""

    entries: frozenset[Entry]
    folders: tuple[Entry, ...]


class Source(Protocol):
    """What gives trees by their ids."""

    def __call__(self, oid: str) -> Tree:
        """The tree; raises `BadTree`."""


@cache
def _pattern(width: int) -> re.Pattern[bytes]:
    return re.compile(rb"([1-7][0-7]{4,5}) ([^\0/]+)\0(.{%d})" % width, re.DOTALL)


def parse(raw: bytes, width: int) -> Tree:
    """A tree from its raw bytes.

    Args:
        raw: the object.
        width: bytes of an object id, 20 or 32.

    Raises:
        BadTree: cut short, out of order, a doubled name, a name that no file may have.
    """
    found: list[Entry] = _pattern(width).findall(raw)
    if sum(map(len, chain.from_iterable(found))) + 2 * len(found) != len(raw):
        raise BadTree("malformed")
    folders = tuple(entry for entry in found if entry[0] == FOLDER)
    names = [name for _, name, _ in found]
    keys = names if not folders else [name + b"/" if mode == FOLDER else name for mode, name, _ in found]
    if keys != sorted(keys) or len(set(names)) != len(names):
        raise BadTree("out of order, or a name stands twice")
    # only these begin so; looking at each name of each tree would cost more than all the rest
    if b" ." in raw and any(map(_NEVER.match, names)):
        raise BadTree("a name that no file may have")
    return Tree(frozenset(found), folders)


def differences(source: Source, before: str | None, after: str | None, prefix: str = "") -> Iterator[Change]:
    """Every file that two trees have differently.

    Args:
        source: gives trees.
        before: the id of a tree, or None for nothing at all.
        after: the same.
        prefix: the folder of these trees, with its slash.

    Raises:
        BadTree: a tree on the way is bad, is empty below the top, or lies too deep.
    """
    if before == after:
        return
    if prefix.count("/") > DEEPEST:
        raise BadTree("folders within folders without end")
    was = source(before).entries if before else frozenset()
    now = source(after).entries if after else frozenset()
    if after and prefix and not now:
        raise BadTree("an empty folder")
    old = {name: (mode, oid) for mode, name, oid in was - now}
    new = {name: (mode, oid) for mode, name, oid in now - was}
    for name in sorted(old.keys() | new.keys()):
        yield from _one(source, old.get(name), new.get(name), prefix + name.decode("utf-8", "surrogateescape"))


_Leaf = tuple[bytes, bytes]


def _one(source: Source, was: _Leaf | None, now: _Leaf | None, path: str) -> Iterator[Change]:
    old_folder = was[1].hex() if was and was[0] == FOLDER else None
    new_folder = now[1].hex() if now and now[0] == FOLDER else None
    if old_folder or new_folder:
        yield from differences(source, old_folder, new_folder, path + "/")
    old_file = was[1].hex() if was and not old_folder else None
    new_file = now[1].hex() if now and not new_folder else None
    if old_file or new_file:
        yield Change(path, old_file, new_file, int(now[0], 8) if now and new_file else 0)


def flatten(source: Source, tree: str) -> Mapping[str, str]:
    """Every file of a tree: path to object id."""
    return {change.path: change.after for change in differences(source, None, tree) if change.after}
