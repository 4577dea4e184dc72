"""What is about to be committed with plain git, looked at before there is a commit: `pre-commit`.

The files are judged by the rules of admission; what the message and the signature bring is judged when they are there.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from vaultcli.ground.errors import BadInput, GitTrouble
from vaultcli.ground.git.hookview import Offered
from vaultcli.ground.git.tree import PLAIN, Change
from vaultcli.ground.ssh import sshsig
from vaultcli.places.chart import replay
from vaultcli.record.finding import Finding
from vaultcli.record.history.commit import Facts, unmade
from vaultcli.record.history.line import BRANCH
from vaultcli.record.notes import names
from vaultcli.record.notes.note import Note
from vaultcli.record.rules import admission, policy_commit
from vaultcli.work.sync.hook_checks import Objection, branch_of

_EARLY = {
    "path": "only notes, what is added to them, attachments, and the register are recorded here",
    "vanished": "nothing recorded is removed; `vaultcli withdraw` ends a note, `git restore --staged` takes the change back",
    "note-changed": "`vaultcli amend` adds a correction and keeps what was signed",
    "pinned-file": "",
    "id-used": "`vaultcli new` gives a note a fresh id",
    "block": "`vaultcli sign` writes block and signature",
    "target": "",
    "note-signature": "`vaultcli sign` writes block and signature",
    "attachment": "`vaultcli attach` records a file with the note that describes it",
    "attachment-bytes": "`vaultcli attach` records a file with the note that describes it",
    "policy-unreadable": "",
    "allowed-signers": "`vaultcli people` writes both files",
    "signers-changed": "`vaultcli people` writes this file",
    "policy-changed": "`vaultcli people` writes this file",
}
"""Rules that the files alone can break, with what to do instead."""


def staged(directory: Path, admin: Path, index: Path, now: int) -> list[Objection]:
    """What stands against the staged files of a worktree.

    Args:
        directory: the repository's git directory.
        admin: the git directory of the worktree.
        index: the index that git will commit.
        now: the clock, seconds since 1970.
    """
    branch = branch_of(admin)
    with Offered(directory, index=index) as source:
        try:
            after = source.staged()
        except GitTrouble:
            return [Objection(branch, "a merge is under way, and merges are not recorded", "`git merge --abort`")]
        head = source.head(branch)
        before = source.files(head) if head else {}
        changes = _changes(before, after)
        commit = unmade((head,) if head else (), ("", ""), now, "+0000", "")
        facts = Facts(commit, branch, None, "", tuple(changes))
        found = _practice(source, facts, after, now) if branch == BRANCH else _client(source, facts, now)
        objections = [
            Objection(one.path, one.message, _EARLY[one.rule]) for one in found if one.rule in _EARLY and one.path != branch
        ]
        return objections + _unreadable(source, changes)


def _changes(before: Mapping[str, tuple[str, str]], after: Mapping[str, tuple[str, str]]) -> list[Change]:
    differing = sorted(path for path in before.keys() | after.keys() if before.get(path) != after.get(path))
    return [
        Change(
            path,
            before[path][1] if path in before else None,
            after[path][1] if path in after else None,
            int(after[path][0], 8) if path in after else 0,
        )
        for path in differing
    ]


def _client(source: Offered, facts: Facts, now: int) -> list[Finding]:
    policies = replay.replay_practice(source)
    line = replay.replay_line(source, facts.branch, policies)
    return admission.admit(facts, line, policies, source.objects.blob, sshsig.verify, now, source.objects.weigh)


def _practice(source: Offered, facts: Facts, after: Mapping[str, tuple[str, str]], now: int) -> list[Finding]:
    texts = {path: source.objects.blob(oid) for path, (mode, oid) in after.items() if int(mode, 8) == PLAIN}
    return policy_commit.admit(replay.replay_practice(source), facts, texts, sshsig.verify, now)


def _unreadable(source: Offered, changes: list[Change]) -> list[Objection]:
    """Notes whose front matter nobody could read later."""
    found = []
    for change in changes:
        if change.after is None or change.mode != PLAIN or names.parse(change.path) is None:
            continue
        try:
            Note.parse(source.objects.blob(change.after), change.path)
        except BadInput as error:
            found.append(Objection(change.path, error.message.removeprefix(f"{change.path}: "), "`vaultcli edit` opens the note"))
    return found
