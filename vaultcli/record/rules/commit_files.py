"""Which files one commit of a client's line may touch, and what its signed files must be.

Numbers in comments are those of `docs/spec/verify.md`, part 3.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from vaultcli.ground.git.tree import PLAIN, Change
from vaultcli.record.history.line import SignedFile
from vaultcli.record.message import Message
from vaultcli.record.notes import attachment, block
from vaultcli.record.notes.place import TEXTS, Place, place
from vaultcli.record.rules import attachments, register_entry, signed_file
from vaultcli.record.rules.judge import (
    ATTRIBUTES,
    REGISTER,
    SIG,
    Judge,
    freeze,
)
from vaultcli.record.rules.policy import GITATTRIBUTES, Policy

KINDS = {
    "sign": ("note",),
    "attach": (attachment.TYPE,),
    "amend": ("correction", "addendum", "late-entry"),
    "cosign": ("cosignature",),
    "attest": ("attestation",),
    "withdraw": ("withdrawal",),
    "exception": ("exception",),
}
"""Event word to the kinds of file that it records (`_kind`)."""
_WHOLE = ("open", "register", "settle", "succeed")
"""Events about the client as such: their message names the client's id."""


class _Pair(NamedTuple):
    """A text and its signature, as this commit leaves them."""

    at: Place
    blob: str
    raw: bytes
    armour: bytes

    @property
    def number(self) -> int:
        """The place that the text claims in the chain."""
        said = block.parse(self.raw)
        return said.number if said else 0


def files(judge: Judge, message: Message | None, policy: Policy | None) -> None:
    """3.9 to 3.15: the event's files, its ids, and every signature that the commit brings, whatever its event."""
    touched = [change for change in judge.facts.changes if _keeps(judge, change)]
    signatures = {change.path: change for change in touched if change.path.endswith(SIG)}
    texts = [change for change in touched if not change.path.endswith(SIG)]
    if message is not None:
        _event(judge, message, texts, signatures)
        _ids(judge, message, touched)
    entry = next((change.after for change in texts if change.path == REGISTER), None)
    if entry is not None:
        register_entry.take(judge, entry)
    register_entry.group(judge, message.event if message is not None else "", [change.path for change in texts])
    pairs = _pairs(judge, texts, signatures)
    for change in texts:
        if change.path + SIG not in signatures:
            _draft(judge, change)
    attachments.together(judge, {change.path: change.after for change in texts if change.after is not None})
    if policy is not None:
        _chain(judge, pairs, policy)


def _keeps(judge: Judge, change: Change) -> bool:
    """3.9 and 3.10: nothing vanishes; the path's grammar and mode; what is signed or fixed never changes again."""
    path, line = change.path, judge.line
    if change.after is None:
        judge.report("vanished", "was recorded before and is gone", path)
        return False
    text = path.removesuffix(SIG)
    at = place(text)
    stored = attachment.id_of(path)
    if change.mode != PLAIN or (at is None and not stored and path not in (REGISTER, ATTRIBUTES)):
        judge.report("path", "is no file that belongs on this line", path)
        return False
    # also where it had vanished in between: an excused loss is no licence to bring back something else
    final = text in line.signed or text in line.frozen or text + SIG in line.files or path in line.fixed
    if final or (stored and path in line.files):
        judge.report("note-changed", "was changed after it was signed or fixed", path)
        return False
    if path == ATTRIBUTES and line.oids:
        judge.report("pinned-file", "was changed after the line's first commit", path)
        return False
    if at is not None and line.ids.setdefault(at.id, text) != text:
        judge.report("id-used", "has the id of another file of this line", path)
    return True


def _event(judge: Judge, message: Message, texts: list[Change], signatures: dict[str, Change]) -> None:
    """3.11 and 3.12: the event touches its own kind of files and no other."""
    event = message.event
    paths = {change.path for change in texts} | set(signatures)
    if event == "open":
        _exactly(judge, paths, {ATTRIBUTES, REGISTER})
        attributes = next((c.after for c in texts if c.path == ATTRIBUTES), None)
        if attributes is None or judge.read(attributes) != GITATTRIBUTES:
            judge.report("pinned-file", "is not the text that every line has here", ATTRIBUTES)
    elif event == "register":
        _exactly(judge, paths, {REGISTER})
    elif event == "settle":
        _exactly(judge, paths, set())
    elif event == "draft":
        _kinds(judge, paths, TEXTS)
        for path in sorted(signatures):
            judge.report("event", "a signature does not belong to a draft event", path)
    elif event in KINDS:
        _kinds(judge, paths, KINDS[event])
        for change in texts:
            if change.path + SIG not in signatures and not attachment.id_of(change.path):
                judge.report("event", "comes without its signature", change.path)


def _exactly(judge: Judge, got: set[str], wanted: set[str]) -> None:
    for path in sorted(got - wanted):
        judge.report("event", "does not belong to this event", path)
    for path in sorted(wanted - got):
        judge.report("event", "is missing from this event", path)


def _kinds(judge: Judge, paths: Iterable[str], kinds: tuple[str, ...]) -> None:
    ordered = sorted(paths)
    if not ordered:
        judge.report("event", "records nothing")
    for path in ordered:
        if _kind(path) not in kinds:
            judge.report("event", "does not belong to this event", path)


def _kind(path: str) -> str:
    """What an event calls a file: the kind of what is signed; an attachment's three files are of one kind of their own."""
    text = path.removesuffix(SIG)
    if attachment.id_of(text) or attachment.describes(text):
        return attachment.TYPE
    at = place(text)
    return at.kind if at is not None else ""


def _ids(judge: Judge, message: Message, touched: list[Change]) -> None:
    """3.13: the message names what the commit touches, once each."""
    if message.event in _WHOLE:
        if message.ids != (judge.line.client,):
            judge.report("message-ids", "the message names another client than the line")
        return
    places = {place(change.path.removesuffix(SIG)) for change in touched}
    expected = {at.id for at in places if at is not None}
    if set(message.ids) != expected or len(message.ids) != len(set(message.ids)):
        judge.report("message-ids", "the message names other files than the commit touches")


def _draft(judge: Judge, change: Change) -> None:
    """3.14: a draft belongs to a note of this line and carries no signed block, which readers would take for one."""
    at = place(change.path)
    if at is None or change.after is None:
        return
    if at.target and f"notes/{at.stem}.md" not in judge.line.files:
        judge.report("target", "there is no such note on this line", change.path)
    if block.claimed(judge.read(change.after)):
        judge.report("block", "carries a signed block but no signature", change.path)


def _pairs(judge: Judge, texts: list[Change], signatures: dict[str, Change]) -> list[_Pair]:
    """Every signature of the commit with its text, which this commit or an earlier one recorded."""
    now = {change.path: change.after for change in texts}
    pairs = []
    for path, change in sorted(signatures.items()):
        at = place(path.removesuffix(SIG))
        text = now.get(path.removesuffix(SIG)) or judge.line.files.get(path.removesuffix(SIG))
        if at is None or text is None or change.after is None:
            judge.report("event", "a signature without its text", path)
        else:
            pairs.append(_Pair(at, text, judge.read(text), judge.read(change.after)))
    return pairs


def _chain(judge: Judge, pairs: list[_Pair], policy: Policy) -> None:
    """3.15: each signed file names the one before it by SHA-256, and its number is one more.

    They are judged and taken in one after the other, so that the second of two corrections must correct the first.
    """
    for pair in sorted(pairs, key=lambda one: one.number) if len(pairs) > 1 else pairs:
        one = signed_file.judge(
            pair.at, pair.raw, pair.armour, judge.line, judge.facts, judge.policies, policy, judge.verify,
            judge.on(pair.at.path), judge.remarks_on(pair.at.path),
        )  # fmt: skip
        if pair.at.kind == "correction":
            attachments.correction(judge, pair.at, pair.raw)
        if one is not None:
            _take(judge, one._replace(blob=pair.blob))


def _take(judge: Judge, one: SignedFile) -> None:
    """Enter a signed file into the line; only one that follows moves the chain on."""
    line = judge.line
    if one.block.number == line.number + 1 and one.block.follows == ((line.newest,) if line.newest else ()):
        line.number, line.newest = one.block.number, one.sha256
    else:
        judge.report("chain", "does not follow the signed file before it", one.path)
    line.enter(one)
    line.used.setdefault(one.fingerprint, []).append(len(line.oids))
    freeze(judge, one)
