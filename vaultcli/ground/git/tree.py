"""A tree as git stores it, one folder: parsed, made, and compared with one that is nearly the same.

Pure and strict, as for commits. A client's folder of two hundred files is a new tree at each commit, thirty-six thousand times in
a large practice, and nearly all of its bytes are those of the tree before: where that one is known only what differs is
parsed, between entries that both have.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import cache, lru_cache
from itertools import accumulate, chain, pairwise
from typing import NamedTuple

from vaultcli.ground.errors import GitTrouble

FILE = "100644"
FOLDER = "40000"
LINK = "160000"
"""The mode of another repository's commit, whose object is not here."""
PLAIN = int(FILE, 8)
"""The mode of every file of ours."""
_FOLDER = FOLDER.encode()
_NEVER = re.compile(rb"\.(?:\.?|git)", re.IGNORECASE)

Row = tuple[bytes, bytes, bytes]
"""An entry as it is stored: mode as written, name, object id in binary."""


class BadTree(GitTrouble):
    """A tree that git would not have written, or that cannot be had."""


class TreeEntry(NamedTuple):
    """One entry as text: `mode` as git stores it (`100644`, `40000`), `name` without slashes, `oid`."""

    mode: str
    name: str
    oid: str

    @property
    def is_folder(self) -> bool:
        """Whether the entry is a tree of its own."""
        return self.mode == FOLDER


class Change(NamedTuple):
    """One path that two commits have differently.

    Args:
        path: slash-separated, from the top of the tree.
        before: the blob id in the first, or None where the path is new.
        after: the blob id in the second, or None where the path is gone.
        mode: the entry's mode in the second (0 where the path is gone).
    """

    path: str
    before: str | None
    after: str | None
    mode: int = PLAIN


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
    folders: tuple[Row, ...]
    like: tuple[Tree, int, int, list[Row]] | None = None

    def start(self, position: int) -> int:
        """Where the entry at a position begins."""
        return self.ends[position - 1] if position else 0

    def rows(self, first: int = 0, last: int | None = None) -> list[Row]:
        """The entries from one position up to another."""
        end = self.start(len(self.ends) if last is None else last)
        return _pattern(self.width).findall(self.raw[self.start(first) : end])

    def entries(self) -> list[TreeEntry]:
        """All entries as text, in git's order."""
        return [_entry(*row) for row in self.rows()]


@lru_cache(maxsize=1 << 14)
def _entry(mode: bytes, name: bytes, oid: bytes) -> TreeEntry:
    """An entry; from one commit to the next all but one of a folder are the same."""
    return TreeEntry(mode.decode(), name.decode("utf-8", "surrogateescape"), oid.hex())


@cache
def _pattern(width: int) -> re.Pattern[bytes]:
    return re.compile(rb"([1-7][0-7]{4,5}) ([^\0/]+)\0(.{%d})" % width, re.DOTALL)


def parse_tree(oid: str, raw: bytes, like: Tree | None = None) -> Tree:
    """A tree from its raw bytes.

    Args:
        oid: its id.
        raw: the object.
        like: a tree that it may have most entries in common with.

    Raises:
        BadTree: cut short, out of order, a doubled name, or a name that cannot be a file's (empty, `.`, `..`, `.git`).
    """
    try:
        return _parsed(raw, len(oid) // 2, like)
    except _Wrong as error:
        raise BadTree(f"tree {oid} {error}") from None


class _Wrong(Exception):
    """What is wrong with a tree."""


def _parsed(raw: bytes, width: int, like: Tree | None) -> Tree:
    # folders are ordered by another key than files, and few; a tree that has any is parsed whole
    if like is None or like.folders or like.width != width:
        return _whole(raw, width)
    try:
        return _beside(raw, width, like)
    except _Wrong:
        # what both end with may begin in the midst of a name: `100644 a` is an entry of its own, and a name of another
        return _whole(raw, width)


def _beside(raw: bytes, width: int, like: Tree) -> Tree:
    head, tail = common(like, raw)
    shift = len(raw) - len(like.raw)
    begin, end = like.start(head), like.start(tail) + shift
    middle = _rows(raw[begin:end], width)
    if any(mode == _FOLDER for mode, _, _ in middle):
        return _whole(raw, width)
    around = [name for position in (head - 1, tail) for _, name, _ in _at(like, position)]
    split = 1 if head else 0
    _check(around[:split] + [name for _, name, _ in middle] + around[split:])
    behind = like.ends[tail:] if shift == 0 else [place + shift for place in like.ends[tail:]]
    ends = [*like.ends[:head], *_ends(middle, width, begin), *behind]
    # the chain of likes would keep every tree of a line alive
    return Tree(raw, width, ends, (), (like._replace(like=None), head, tail, middle))


def _whole(raw: bytes, width: int) -> Tree:
    found = _rows(raw, width)
    _check([name + b"/" if mode == _FOLDER else name for mode, name, _ in found])
    if len({name for _, name, _ in found}) != len(found):
        raise _Wrong("names a file twice")
    return Tree(raw, width, _ends(found, width, 0), tuple(entry for entry in found if entry[0] == _FOLDER))


def _rows(raw: bytes, width: int) -> list[Row]:
    """All entries of these bytes, which have to be nothing but entries."""
    found: list[Row] = _pattern(width).findall(raw)
    if sum(map(len, chain.from_iterable(found))) + 2 * len(found) != len(raw):
        raise _Wrong("is malformed")
    if b" ." in raw and any(_NEVER.fullmatch(name) for _, name, _ in found):
        raise _Wrong("holds a name that no file may have")
    return found


def _ends(found: Sequence[Row], width: int, begin: int) -> list[int]:
    sizes = accumulate((len(mode) + len(name) + 2 + width for mode, name, _ in found), initial=begin)
    next(sizes)
    return list(sizes)


def _check(keys: Sequence[bytes]) -> None:
    if any(one >= after for one, after in pairwise(keys)):
        raise _Wrong("is out of order, or names a file twice")


def _at(tree: Tree, position: int) -> list[Row]:
    return tree.rows(position, position + 1) if 0 <= position < len(tree.ends) else []


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


def apart(was: Tree | None, now: Tree | None) -> tuple[list[Row], list[Row]]:
    """The entries of both trees without those that both begin and end with."""
    if was is None or now is None:
        return (was.rows() if was else []), (now.rows() if now else [])
    if now.like is not None and now.like[0].raw is was.raw:
        _, head, tail, middle = now.like
        return was.rows(head, tail), middle
    head, tail = common(was, now.raw)
    return was.rows(head, tail), now.rows(head, len(now.ends) - (len(was.ends) - tail))


@lru_cache(maxsize=1 << 14)
def is_plain(name: str) -> bool:
    """Whether one part of a path is a name that a file of ours may have at all; `admission` is stricter."""
    return name not in {"", ".", ".."} and name.casefold() != ".git" and not re.search(r"[/\0]", name)


def _order(entry: TreeEntry) -> bytes:
    return entry.name.encode("utf-8", "surrogateescape") + (b"/" if entry.is_folder else b"")


def format_tree(entries: Sequence[TreeEntry]) -> bytes:
    """The raw bytes of a tree; the entries may come in any order."""
    return b"".join(
        entry.mode.encode() + b" " + entry.name.encode("utf-8", "surrogateescape") + b"\0" + bytes.fromhex(entry.oid)
        for entry in sorted(entries, key=_order)
    )
