"""The root of a line that succeeds another: what it takes over, and what it says of what it leaves out.

Numbers in comments are those of `docs/spec/verify.md`, part 3.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping

from vaultcli.ground.errors import BadInput
from vaultcli.ground.git.tree import PLAIN
from vaultcli.record import message as messages
from vaultcli.record.history.line import Recorded
from vaultcli.record.notes import attachment, block
from vaultcli.record.notes.place import place
from vaultcli.record.rules import attachments, register_entry, signed_file, succession
from vaultcli.record.rules.judge import (
    ATTRIBUTES,
    REGISTER,
    SIG,
    Judge,
    freeze,
)
from vaultcli.record.rules.policy import GITATTRIBUTES, Policy
from vaultcli.record.rules.succession import Succession


def succeed(judge: Judge, policy: Policy | None) -> None:
    """3.17: a successor's root takes over files byte for byte, and lists each of them."""
    files = {c.path: c.after for c in judge.facts.changes if c.after is not None and c.mode == PLAIN}
    if len(files) != len(judge.facts.changes) or succession.PATH not in files:
        judge.report("succession", "its root holds what does not belong there, or no succession.toml")
        return
    try:
        said = succession.parse(judge.read(files[succession.PATH]).decode())
    except (BadInput, UnicodeDecodeError):
        judge.report("succession", "cannot be read", succession.PATH)
        return
    line = judge.line
    line.old_oids = tuple(messages.oid_of(commit) for commit in said.commits)
    line.left_out = {left.sha256 for left in said.left_out}
    attributes = files.get(ATTRIBUTES)
    if attributes is None or judge.read(attributes) != GITATTRIBUTES:
        judge.report("pinned-file", "is not the text that every line has here", ATTRIBUTES)
    _files(judge, files, said)
    _signed(judge, files, said, policy)


def _files(judge: Judge, files: Mapping[str, str], said: Succession) -> None:
    """Listed and present are the same; each file belongs on a line, and is the one that is listed."""
    line, kept = judge.line, {one.path: one for one in said.kept}
    named = {path for path in files if path not in (succession.PATH, ATTRIBUTES)}
    if named != set(kept) or REGISTER not in kept:
        judge.report("succession", "takes over other files than succession.toml lists")
    for path in sorted(named & set(kept)):
        one, text = kept[path], path.removesuffix(SIG)
        at = place(text)
        stored = attachment.id_of(path)
        if path != REGISTER and not stored and (at is None or text not in files):
            judge.report("path", "is no file that belongs on this line", path)
        if at is not None and line.ids.setdefault(at.id, text) != text:
            judge.report("id-used", "has the id of another file of this line", path)
        raw = b"" if stored else judge.read(files[path])
        weight = judge.weigh(files[path]) if stored else (len(raw), hashlib.sha256(raw).hexdigest())
        if weight is not None and weight[1] != one.sha256:
            judge.report("succession", "is not the file that succession.toml lists", path)
        if at is not None and path == text and path + SIG not in files and block.claimed(raw):
            judge.report("block", "carries a signed block but no signature", path)
        line.files[path] = files[path]
        if path == REGISTER:
            register_entry.take(judge, files[path])
        if at is not None and path == text:
            line.recorded[path] = Recorded(one.by, one.recorded, messages.oid_of(one.commit))
    attachments.together(judge, {path: files[path] for path in named})
    register_entry.group(judge, "succeed", sorted(named))


def _signed(judge: Judge, files: Mapping[str, str], said: Succession, policy: Policy | None) -> None:
    """3.18: signed files taken over keep their block, their signature and their place in the chain."""
    line = judge.line
    for path in sorted(p for p in line.recorded if p + SIG in files):
        at = place(path)
        if at is None or policy is None:
            continue
        raw, armour = judge.read(files[path]), judge.read(files[path + SIG])
        one = signed_file.judge_kept(
            at, raw, armour, line, judge.facts, judge.policies, policy, judge.verify, judge.on(path)
        )
        if one is not None:
            line.enter(one._replace(blob=files[path]))
    _order(judge, said)
    for one in list(line.signed.values()):
        freeze(judge, one)


def _order(judge: Judge, said: Succession) -> None:
    """Kept and left-out files are one chain from 1 on, without a gap."""
    line = judge.line
    ends = [(f.block.number, f.sha256) for f in line.signed.values()]
    ends += [(left.number, left.sha256) for left in said.left_out if left.number]
    chain = dict(ends)
    if len(chain) != len(ends) or set(chain) != set(range(1, len(chain) + 1)):
        judge.report("chain", "the kept and the left-out files are not one chain")
    for one in sorted(line.signed.values(), key=lambda f: f.block.number):
        before = chain.get(one.block.number - 1)
        if one.block.follows != ((before,) if before else ()):
            judge.report("chain", "does not follow the file before it, kept or left out", one.path)
    line.number, line.newest = max(ends, default=(0, ""))
