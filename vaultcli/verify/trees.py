"""Trees as verification sees them: parsed quickly from raw bytes, compared without opening equal folders.

A client's folder of two hundred files is a new tree at each commit, thirty-six thousand times in a large practice, and
nearly all of its bytes are those of the tree before: only what differs is parsed, between entries that both trees have.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from itertools import accumulate, chain, pairwise
from typing import NamedTuple, Protocol

from vaultcli.record.history.commit import Change

FOLDER = b"40000"
DEEPEST = 8
"""Folders within folders that are opened; ours are one deep."""
_NEVER = re.compile(rb"\.(?:\.?|git)", re.IGNORECASE)

Entry = tuple[bytes, bytes, bytes]
"""Mode as written, name, object id in binary."""


class BadTree(Exception):
    """A tree that git would not have written, or a folder that cannot be had."""


class Tree(NamedTuple):
    """One folder.

    Args:
        raw: the object's bytes.
        width: bytes of an object id, 20 or 32.
        ends: where each entry ends.
        folders: the entries that are folders.
        like: the tree that it was parsed by, where it begins and ends to differ from that one (`common`), and its own
            entries between.
    """

    raw: bytes
    width: int
    ends: list[int]
    folders: tuple[Entry, ...]
    like: tuple[Tree, int, int, list[Entry]] | None = None

    def start(self, position: int) -> int:
        """Where the entry at a position begins."""
        return self.ends[position - 1] if position else 0

    def entries(self, first: int = 0, last: int | None = None) -> list[Entry]:
        """The entries from one position up to another."""
        end = self.start(len(self.ends) if last is None else last)
        return _pattern(self.width).findall(self.raw[self.start(first) : end])


class Source(Protocol):
    """What gives trees by their ids."""

    def __call__(self, oid: str) -> Tree:
        """The tree; raises `BadTree`."""


@cache
def _pattern(width: int) -> re.Pattern[bytes]:
    return re.compile(rb"([1-7][0-7]{4,5}) ([^\0/]+)\0(.{%d})" % width, re.DOTALL)


def parse(raw: bytes, width: int, like: Tree | None = None) -> Tree:
    """A tree from its raw bytes.

    Args:
        raw: the object.
        width: bytes of an object id, 20 or 32.
        like: a tree that it may have most entries in common with.

    Raises:
        BadTree: cut short, out of order, a doubled name, a name that no file may have.
    """
    # folders are ordered by another key than files, and few; a tree that has any is parsed whole
    if like is None or like.folders or like.width != width:
        return _whole(raw, width)
    head, tail = common(like, raw)
    shift = len(raw) - len(like.raw)
    begin, end = like.start(head), like.start(tail) + shift
    middle = _entries(raw[begin:end], width)
    if any(mode == FOLDER for mode, _, _ in middle):
        return _whole(raw, width)
    around = [name for position in (head - 1, tail) for _, name, _ in _at(like, position)]
    split = 1 if head else 0
    _check(around[:split] + [name for _, name, _ in middle] + around[split:])
    behind = like.ends[tail:] if shift == 0 else [place + shift for place in like.ends[tail:]]
    ends = [*like.ends[:head], *_ends(middle, width, begin), *behind]
    # the chain of likes would keep every tree of a line alive
    return Tree(raw, width, ends, (), (like._replace(like=None), head, tail, middle))


def _whole(raw: bytes, width: int) -> Tree:
    found = _entries(raw, width)
    _check([name + b"/" if mode == FOLDER else name for mode, name, _ in found])
    if len({name for _, name, _ in found}) != len(found):
        raise BadTree("a name stands twice")
    return Tree(raw, width, _ends(found, width, 0), tuple(entry for entry in found if entry[0] == FOLDER))


def _entries(raw: bytes, width: int) -> list[Entry]:
    """All entries of these bytes, which have to be nothing but entries."""
    found: list[Entry] = _pattern(width).findall(raw)
    if sum(map(len, chain.from_iterable(found))) + 2 * len(found) != len(raw):
        raise BadTree("malformed")
    if b" ." in raw and any(_NEVER.fullmatch(name) for _, name, _ in found):
        raise BadTree("a name that no file may have")
    return found


def _ends(found: Sequence[Entry], width: int, begin: int) -> list[int]:
    sizes = accumulate((len(mode) + len(name) + 2 + width for mode, name, _ in found), initial=begin)
    next(sizes)
    return list(sizes)


def _check(keys: Sequence[bytes]) -> None:
    if any(one >= after for one, after in pairwise(keys)):
        raise BadTree("out of order, or a name stands twice")


def _at(tree: Tree, position: int) -> list[Entry]:
    return tree.entries(position, position + 1) if 0 <= position < len(tree.ends) else []


def common(like: Tree, raw: bytes) -> tuple[int, int]:
    """Where a tree and other bytes begin and end to differ.

    Returns:
        Two positions in the tree: its entries before the first and from the second on stand in the other bytes as well.
    """
    old, ends = like.raw, like.ends
    low, high = 0, len(ends)
    while low < high:
        middle, begin = (low + high + 1) // 2, like.start(low)
        if raw.startswith(old[begin : ends[middle - 1]], begin):
            low = middle
        else:
            high = middle - 1
    head, room = low, len(raw) - like.start(low)
    low, high = 0, len(ends) - head
    while low < high:
        middle = (low + high + 1) // 2
        piece = old[like.start(len(ends) - middle) :]
        if len(piece) <= room and raw.endswith(piece):
            low = middle
        else:
            high = middle - 1
    return head, len(ends) - low


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
    was, now = source(before) if before else None, source(after) if after else None
    if now is not None and prefix and not now.ends:
        raise BadTree("an empty folder")
    gone, come = _apart(was, now)
    old = {name: (mode, oid) for mode, name, oid in gone}
    new = {name: (mode, oid) for mode, name, oid in come}
    for name in sorted(old.keys() | new.keys()):
        if old.get(name) != new.get(name):
            yield from _one(source, old.get(name), new.get(name), prefix + name.decode("utf-8", "surrogateescape"))


def _apart(was: Tree | None, now: Tree | None) -> tuple[list[Entry], list[Entry]]:
    """The entries of both trees without those that both begin and end with."""
    if was is None or now is None:
        return (was.entries() if was else []), (now.entries() if now else [])
    if now.like is not None and now.like[0].raw is was.raw:
        _, head, tail, middle = now.like
        return was.entries(head, tail), middle
    head, tail = common(was, now.raw)
    return was.entries(head, tail), now.entries(head, len(now.ends) - (len(was.ends) - tail))


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
