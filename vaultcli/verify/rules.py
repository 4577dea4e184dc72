"""The rules of verification by name: what a finding says, and what to do about it.

`what` is the row of the table in `docs/spec/verify.md`, part 8; a test holds the two together.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Rule:
    """One rule.

    Args:
        what: what the finding says.
        advice: what to do about it.
    """

    what: str
    advice: str


_REPAIR = (
    "the record itself is damaged: keep the disk as it is, and adopt another copy of the chart beside it"
)
_TAMPER = (
    "somebody changed the repository behind vaultcli: find out who and when, and compare with a backup or another copy"
)
_GIT = (
    "the verdict did not use it, but whoever checks with plain git would be misled: remove it"
)
_PIN = (
    "do not write on: compare with a backup and with the other copies; "
    "if you moved or restored the chart yourself, adopt it again"
)
_WORK = "the record has the right text: `vaultcli save` keeps your own words and puts the file back"
_POLICY = (
    "somebody with the policy role mends it by a new policy (`vaultcli people`), and excuses the commit if it was a slip"
)
_KEYS = "settle or revoke as `vaultcli people end` does; ask whoever signed whether they did"
_COMMIT = (
    "it was not made by vaultcli: look at it with `git show`, ask who made it; a slip can be excused by a signed exception"
)
_NOTE = (
    "look at the file and its history with `vaultcli log`; say what is right in an addition, "
    "or excuse a slip by a signed exception"
)

RULES: dict[str, Rule] = {
    "allowed-signers": Rule("`allowed_signers` says something else than `signers.toml`", _POLICY),
    "alternates": Rule("objects are borrowed from another repository or only promised", _GIT),
    "attachment": Rule("an attachment's descriptor and its bytes do not belong together, or one of them is missing", _NOTE),
    "attachment-bytes": Rule("an attachment is not the file that was signed", _NOTE),
    "author": Rule("somebody other than the note's author signed as its author", _NOTE),
    "bad-commit": Rule("a commit is not in the form that git writes", _REPAIR),
    "bad-ref": Rule("a ref names no commit", _TAMPER),
    "bad-tree": Rule("a folder of a commit is not in the form that git writes, or is something else", _REPAIR),
    "before-end": Rule("a note was signed before its session's end and does not say so, or says so and was not", _NOTE),
    "block": Rule("the signed block is missing, doubled, malformed, or stands in a draft", _NOTE),
    "chain": Rule("a signed file does not follow the one before it", _NOTE),
    "commit-graph": Rule("git's ready-made index over the history says other than the commits", _GIT),
    "commit-headers": Rule("a commit carries headers that no commit here has", _COMMIT),
    "commit-key": Rule("a commit is signed by a key that may not sign it", _COMMIT),
    "commit-signature": Rule("a commit is not signed, or its signature is not good", _COMMIT),
    "configuration": Rule("git's settings or attributes change what plain git shows or runs", _GIT),
    "cosigner": Rule("a text does not name the co-signer whom the policy asks for", _POLICY),
    "covers": Rule("a co-signature covers more, less or other than what was there", _NOTE),
    "damaged-object": Rule("an object is not what its name says", _REPAIR),
    "date-form": Rule("a commit's time or offset is none that a clock shows", _COMMIT),
    "date-future": Rule("a commit is dated in the future", _COMMIT),
    "date-order": Rule("a commit is dated before its parent", _COMMIT),
    "date-policy": Rule("a commit is dated before the policy that it names", _COMMIT),
    "disowned-key": Rule("a key was let in by a key that did not count any more, and is not revoked", _KEYS),
    "ended-key": Rule("a person has ended, but a key of theirs is not revoked", _KEYS),
    "endorsement": Rule("nobody who may has vouched for a new key", _POLICY),
    "event": Rule("a commit touches other files than its event word says", _COMMIT),
    "exception": Rule(
        "an exception on `practice` is signed by a key "
        "without the policy role before the excused commit",
        _POLICY,
    ),
    "front-matter": Rule("front matter that cannot be read in one way", _NOTE),
    "genesis": Rule("the record begins with another commit than the pinned one", _PIN),
    "group": Rule("a group's line holds something else than its entry", _COMMIT),
    "grafts": Rule("plain git is told of other parents", _GIT),
    "head": Rule("a folder shows another line than its own", _GIT),
    "id-used": Rule("two files of a line share an id", _NOTE),
    "ident": Rule("author, committer and the key's person are not one", _COMMIT),
    "index": Rule("git is told to overlook a working file", _GIT),
    "key-date": Rule("an entry of `signers.toml` is dated otherwise than the commit that brings it", _POLICY),
    "last-good": Rule("a revocation names a commit that is not there", _POLICY),
    "lateness": Rule("a block says another lateness than its times", _NOTE),
    "look": Rule("a folder of the user's own shows a commit", "nothing: it is a remark; `git worktree remove` takes it away"),
    "meaning": Rule("a signature's meaning is not one that the signer has here", _NOTE),
    "merge": Rule("a commit has more than one parent", _COMMIT),
    "message": Rule("a commit message does not follow the grammar", _COMMIT),
    "message-ids": Rule("a message names other ids than the commit touches", _COMMIT),
    "missing-object": Rule("an object is named and not there", _REPAIR),
    "no-policy": Rule("there is no policy to judge by", _REPAIR),
    "note-changed": Rule("what was signed or fixed was changed", _NOTE),
    "note-name": Rule("a note's `id` or `type` is not that of its name", _NOTE),
    "note-signature": Rule("a file's signature is not good", _NOTE),
    "overwritten": Rule("a working file is not what was recorded", _WORK),
    "parent": Rule("a commit does not follow the one before it", _COMMIT),
    "path": Rule("a file has a name, a place or a mode that does not belong here", _COMMIT),
    "people-alike": Rule("two people look alike", "rename one of them by `vaultcli people`, or leave it: it may be so"),
    "pinned-file": Rule("`.gitattributes` or `.gitignore` is not the pinned text", _POLICY),
    "pins": Rule("what this machine remembers is there and cannot be read", _PIN),
    "place": Rule("a block says another kind, id, target, line or vault than its place", _NOTE),
    "policy-changed": Rule("the vault's id was changed, or a person removed", _POLICY),
    "policy-order": Rule("a commit names an older policy than its parent", _COMMIT),
    "policy-role": Rule("the policy role is missing where it is needed, or held by who may not", _COMMIT),
    "policy-unknown": Rule("a commit names a policy that is not there", _COMMIT),
    "policy-version": Rule("a form that is newer than the policy says", _COMMIT),
    "policy-unreadable": Rule("`practice.toml` or `signers.toml` cannot be read", _POLICY),
    "recorded": Rule("a block names another first recording than the history shows", _NOTE),
    "register": Rule(
        "a register entry that cannot be read, is another line's, or turns a client into a group",
        "`vaultcli client edit` writes a good entry; the commit can be excused by a signed exception",
    ),
    "revoked-key": Rule("a key was used after it was revoked, or after its last good commit", _KEYS),
    "rewritten": Rule("a line does not hold the commit that this machine has seen", _PIN),
    "role": Rule("no role of the person may record this event", _COMMIT),
    "rollback": Rule("a line ends before the commit that this machine has seen", _PIN),
    "settle": Rule("a settlement names no revoked key or no commit of this line", _KEYS),
    "shallow": Rule("plain git sees the history cut off", _GIT),
    "signed": Rule("a draft has a field of its own that is called `signed`", _NOTE),
    "signer": Rule("a file is signed by a key that is not its signer's, or not admitted", _NOTE),
    "signer-name": Rule("name or credentials are not the signer's", _NOTE),
    "signers-changed": Rule("an entry of `signers.toml` was changed, removed or put in between", _POLICY),
    "succession": Rule("a successor's root and its list differ", _NOTE),
    "supervisor": Rule("a trainee has no supervisor", _POLICY),
    "target": Rule("an addition names bytes, a note or a commit that it cannot be about", _NOTE),
    "time": Rule("a signature is dated otherwise than its commit, or before what it must have known", _NOTE),
    "unknown-ref": Rule("a ref is no line of this record", _TAMPER),
    "unreadable": Rule("a value that cannot be", _REPAIR),
    "unsettled": Rule("a key that was revoked since has no settlement on this line", _KEYS),
    "vanished": Rule("what was recorded is gone", _NOTE),
    "vanished-line": Rule("a line that this machine has seen is gone", _PIN),
}
"""Every rule, in the order of its name."""
