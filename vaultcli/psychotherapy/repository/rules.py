"""The rules of the psychotherapy repository by name: what a finding says, and what to do about it.

`what` is the row of the table in `docs/spec/psychotherapy/verify.md`; a test holds the two together.
"""

from __future__ import annotations

from typing import NamedTuple


class Rule(NamedTuple):
    """One rule: what the finding says, and what to do."""

    what: str
    advice: str


_TAMPER = (
    "somebody changed the repository behind vaultcli: find out who and when, compare with another copy, and write nothing "
    "until then"
)
_COPY = "keep the disk as it is, and take the notes from another copy: `vaultcli psychotherapy init --adopt`"
_GIT = "the verdict did not use it, but whoever checks with plain git would be misled: remove it"
_PLAIN = (
    "text lies on this disk in the clear: `vaultcli psychotherapy verify --purge` removes what no ref leads to; a ref goes "
    "first, with `git update-ref -d REF`. What was pushed is on the remote, too, and deleting does not wipe a disk"
)
_OPEN = "look at that file with `vaultcli psychotherapy log`, compare with another copy, and record what is right"

RULES: dict[str, Rule] = {
    "access-log": Rule("the access log of a machine has a gap, or a piece that does not belong", _OPEN),
    "alternates": Rule("objects are borrowed from another repository or only promised", _GIT),
    "bad-ref": Rule("a ref names no commit", _TAMPER),
    "commit-graph": Rule("git's ready-made index over the history says other than the commits", _GIT),
    "configuration": Rule("git's settings or attributes change what plain git shows or runs", _GIT),
    "damaged-object": Rule("an object is not what its name says", _COPY),
    "genesis": Rule("the notes begin with another commit than the pinned one", _TAMPER),
    "grafts": Rule("plain git is told of other parents", _GIT),
    "head": Rule("the folder shows another branch than `sealed`", "`git symbolic-ref HEAD refs/heads/sealed`"),
    "index": Rule("git is told to overlook a working file", _GIT),
    "missing-object": Rule("an object is named and not there", _COPY),
    "overwritten": Rule("a working file is not what was recorded", "`git checkout -- FILE` puts the recorded one back"),
    "rollback": Rule("the history ends before what this machine has seen", _TAMPER),
    "sealed-blob": Rule("a file under a token is not one whole sealed file", _PLAIN),
    "sealed-chain": Rule("a version does not name the one that it replaced", _OPEN),
    "sealed-clear": Rule("README or attributes are not the pinned texts", _TAMPER),
    "sealed-commit": Rule("a commit's author, message, time or form tells something", _TAMPER),
    "sealed-date": Rule("a commit is dated before its parent, or in the future", _TAMPER),
    "sealed-destroyed": Rule("a destroyed drawer was written to", _TAMPER),
    "sealed-epochs": Rule("`epochs.toml` was changed other than by beginning an epoch", _TAMPER),
    "sealed-folder": Rule("files lie in the folder that are not sealed", "move them elsewhere or delete them"),
    "sealed-id": Rule("two files share an id", _OPEN),
    "sealed-inside": Rule("a sealed file does not open, or is not what its place says", _OPEN),
    "sealed-leftover": Rule("plain git has left words in its own files", "delete that file; it is git's note to itself"),
    "sealed-list": Rule("`signers.toml`, `allowed_signers` or `epochs.toml` is not in its one form", _TAMPER),
    "sealed-merge": Rule("a merge is not the one that its two sides make", _TAMPER),
    "sealed-path": Rule("a file has a name, a place or a mode that does not belong here", _TAMPER),
    "sealed-plaintext": Rule("an object is neither sealed nor one of the five clear files", _PLAIN),
    "sealed-replayed": Rule("a commit brings bytes that the history before it holds already", _TAMPER),
    "sealed-revoked": Rule("a merge joins what a key signed with the other side's revocation of it", _TAMPER),
    "sealed-root": Rule("a first commit is not as it should be, or there is a second one", _TAMPER),
    "sealed-signature": Rule("a commit is not signed by a key that was admitted before it", _TAMPER),
    "sealed-signers": Rule("somebody was let in or out other than by the rules", _TAMPER),
    "sealed-vanished": Rule("what was recorded is gone", _COPY),
    "shallow": Rule("plain git sees the history cut off", _GIT),
    "unknown-ref": Rule("a ref other than `sealed` and what a remote was seen to have", _PLAIN),
}
