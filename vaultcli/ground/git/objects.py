"""Git's objects as values: their names, and commits with their raw bytes; trees are in `tree`.

Pure: bytes in, values out. Parsing is strict, because a commit that two readers understand differently cannot be signed
evidence. Formats: git's `gitformat-signature` and `git-cat-file` pages.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Sequence
from functools import lru_cache
from typing import NamedTuple

from vaultcli.ground.errors import GitTrouble
from vaultcli.ground.patterns import pattern

_SIGNATURE = {"sha1": "gpgsig", "sha256": "gpgsig-sha256"}
_PERSON = pattern(r"([^<>\n]*?) ?<([^<>\n]*)> (-?[0-9]{1,19}) ([+-][0-9]{4})")
_OID = pattern(r"(?:[0-9a-f]{40}|[0-9a-f]{64})")


def _sha1(data: bytes) -> hashlib._Hash:
    return hashlib.sha1(data, usedforsecurity=False)


_HASHES: dict[str, Callable[[bytes], hashlib._Hash]] = {"sha256": hashlib.sha256, "sha1": _sha1}


class Ident(NamedTuple):
    """Who: a name and an address as git writes them."""

    name: str
    email: str


class Commit(NamedTuple):
    """A commit, whole.

    `payload` is what its signature covers: the raw object without signature headers. `signature` is the armour of the
    header that belongs to the repository's object format. Headers that we do not know (encoding, mergetag, a
    signature of the other format) are in `extra`, in order. Times are seconds since 1970, zones as written (`+0100`).
    """

    oid: str
    tree: str
    parents: tuple[str, ...]
    author: Ident
    author_time: int
    author_zone: str
    committer: Ident
    committer_time: int
    committer_zone: str
    message: str
    payload: bytes
    signature: str | None = None
    extra: tuple[tuple[str, str], ...] = ()


def is_oid(text: str) -> bool:
    """Whether the text is a whole object id of either format."""
    return _OID.fullmatch(text) is not None


def format_of(oid: str) -> str:
    """The object format an id belongs to: `sha1` or `sha256`."""
    return "sha256" if len(oid) == 64 else "sha1"


def hasher(object_format: str) -> Callable[[bytes], hashlib._Hash]:
    """The hash that names the objects of a repository.

    Raises:
        GitTrouble: no git that we know has such a format.
    """
    if object_format not in _HASHES:
        raise GitTrouble(f"a repository with objects named by {object_format} is not known")
    return _HASHES[object_format]


def name_object(kind: str, data: bytes, object_format: str) -> str:
    """The id git gives to an object of this kind with these bytes."""
    header = f"{kind} {len(data)}\0".encode()
    return hasher(object_format)(header + data).hexdigest()


def parse_commit(oid: str, raw: bytes) -> Commit:
    """A commit from its raw bytes.

    Raises:
        GitTrouble: it is not what git itself would write: headers missing, doubled or out of order, a bad person
            line, NUL.
    """
    usual = _usual(len(oid)).match(raw)
    if usual is not None and b"\0" not in raw:
        return _as_usual(oid, raw, usual)
    head, found, body = raw.partition(b"\n\n")
    if not found or b"\0" in raw:
        raise GitTrouble(f"commit {oid} is malformed")
    headers = _headers(oid, head)
    tree, parents, rest = _links(oid, headers)
    author, committer, *others = rest
    who = _person(oid, author[1])
    recorder = _person(oid, committer[1])
    signature, extra, signed = _split(oid, others)
    payload = raw if not signed else _without_signatures(head) + found + body
    message = body.decode("utf-8", "surrogateescape")
    return Commit(oid, tree, parents, *who, *recorder, message, payload, signature, extra)


@lru_cache(maxsize=2)
def _usual(width: int) -> re.Pattern[bytes]:
    """The head of nearly every commit of a record: at most one parent, one person in both parts, one signature."""
    link = rb"([0-9a-f]{%d})\n" % width
    person = rb"((?:%b))\n" % _PERSON.pattern.encode()
    header = (_SIGNATURE["sha256" if width == 64 else "sha1"]).encode()
    signature = rb"%b (-----BEGIN [^\n]*(?:\n [^\n]*)*)\n\n" % header
    return re.compile(rb"tree " + link + rb"(?:parent " + link + rb")?author " + person + rb"committer \3\n" + signature)


def _as_usual(oid: str, raw: bytes, found: re.Match[bytes]) -> Commit:
    """What the general way would make of a commit of that form, in a fifth of the time."""
    tree, parent, _, name, email, seconds, zone, signature = found.groups()
    who = Ident(name.decode("utf-8", "surrogateescape"), email.decode("utf-8", "surrogateescape"))
    time, offset = int(seconds), zone.decode()
    return Commit(
        oid,
        tree.decode(),
        (parent.decode(),) if parent else (),
        *(who, time, offset),
        *(who, time, offset),
        raw[found.end() :].decode("utf-8", "surrogateescape"),
        raw[: found.end(3) + (found.end(3) - found.start(3)) + len(b"\ncommitter ")] + raw[found.end(8) :],
        signature.replace(b"\n ", b"\n").decode("utf-8", "surrogateescape") + "\n",
    )


def _headers(oid: str, head: bytes) -> list[tuple[str, str]]:
    headers: list[tuple[str, str]] = []
    for line in head.decode("utf-8", "surrogateescape").split("\n"):
        if line.startswith(" "):
            if not headers:
                raise GitTrouble(f"commit {oid} is malformed")
            name, value = headers[-1]
            headers[-1] = (name, f"{value}\n{line[1:]}")
        else:
            name, space, value = line.partition(" ")
            if not space or not name:
                raise GitTrouble(f"commit {oid} has a malformed header")
            headers.append((name, value))
    return headers


def _links(oid: str, headers: list[tuple[str, str]]) -> tuple[str, tuple[str, ...], list[tuple[str, str]]]:
    names = [name for name, _ in headers]
    parents = 0
    while names[1 + parents : 2 + parents] == ["parent"]:
        parents += 1
    rest = headers[1 + parents :]
    links = [value for _, value in headers[: 1 + parents]]
    in_order = names[0] == "tree" and [name for name, _ in rest[:2]] == ["author", "committer"]
    once = not {"tree", "parent", "author", "committer"} & {name for name, _ in rest[2:]}
    if not in_order or not once or any(not is_oid(link) or len(link) != len(oid) for link in links):
        raise GitTrouble(f"commit {oid} has headers missing, doubled or out of order")
    return links[0], tuple(links[1:]), rest


def _person(oid: str, text: str) -> tuple[Ident, int, str]:
    match = _PERSON.fullmatch(text)
    if match is None:
        raise GitTrouble(f"commit {oid} has a malformed author or committer")
    name, email, seconds, zone = match.groups()
    return Ident(name, email), int(seconds), zone


def _split(oid: str, others: Sequence[tuple[str, str]]) -> tuple[str | None, tuple[tuple[str, str], ...], bool]:
    ours = _SIGNATURE[format_of(oid)]
    signatures = [value for name, value in others if name == ours]
    if len(signatures) > 1:
        raise GitTrouble(f"commit {oid} has two signatures")
    extra = tuple((name, value) for name, value in others if name != ours)
    signed = any(name in _SIGNATURE.values() for name, _ in others)
    return (signatures[0] + "\n" if signatures else None), extra, signed


def _without_signatures(head: bytes) -> bytes:
    """The header block as git signs it: signature headers of both formats are left out."""
    kept, skipping = [], False
    for line in head.split(b"\n"):
        if not line.startswith(b" "):
            skipping = line.partition(b" ")[0].decode("ascii", "replace") in _SIGNATURE.values()
        if not skipping:
            kept.append(line)
    return b"\n".join(kept)


def format_commit(
    *, tree: str, parents: Sequence[str], author: Ident, committer: Ident, seconds: int, zone: str, message: str
) -> bytes:
    """The raw bytes of an unsigned commit, which are also what its signature covers.

    Args:
        tree: the id of the root tree.
        parents: ids of the commits before it, first the line's own.
        author: who wrote it.
        committer: who recorded it.
        seconds: its time, for both, in seconds since 1970.
        zone: the offset as git writes it, `+0100`.
        message: its text; a final line end is added when there is none.

    Raises:
        GitTrouble: a name or the message cannot be put into a commit.
    """
    for who in (author, committer):
        if re.search(r"[<>\n\0]", who.name + who.email) or not re.fullmatch(r"[+-]\d{4}", zone):
            raise GitTrouble("a name or address holds characters that git cannot record")
    if "\0" in message:
        raise GitTrouble("a commit message holds a NUL")
    lines = [f"tree {tree}", *(f"parent {parent}" for parent in parents)]
    lines += [f"{role} {who.name} <{who.email}> {seconds} {zone}" for role, who in (("author", author), ("committer", committer))]
    text = message if message.endswith("\n") else message + "\n"
    return ("\n".join(lines) + "\n\n" + text).encode()


def add_signature(payload: bytes, armour: str, object_format: str) -> bytes:
    """The raw bytes of the commit with the signature in the header of its object format, where git itself puts it."""
    head, blank, body = payload.partition(b"\n\n")
    lines = "\n ".join(armour.rstrip("\n").split("\n"))
    return head + f"\n{_SIGNATURE[object_format]} {lines}".encode() + blank + body
