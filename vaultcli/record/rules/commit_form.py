"""What holds for a commit of every line: where it stands, by whom and when; and what its line keeps of it.

`docs/spec/verify.md`: 2.1 to 2.4 for `practice`, 3.1 to 3.4 for clients.
"""

from __future__ import annotations

from collections.abc import Callable

from vaultcli.ground.git.objects import Commit
from vaultcli.record.history.line import Line, Recorded
from vaultcli.record.times import CLOCKS, git_time, is_git_time

Report = Callable[[str, str], object]
"""Receives a rule and what is wrong."""


def follows(commit: Commit, line: Line, report: Report) -> None:
    """One parent, the line's newest commit, and no header that git keeps for others."""
    if len(commit.parents) > 1:
        report("merge", "a merge of two histories")
    if commit.parents[:1] != ((line.head,) if line.oids else ()):
        report("parent", "does not follow the commit before it on this line")
    if commit.extra:
        report("commit-headers", f"carries headers that no commit here has ({', '.join(name for name, _ in commit.extra)})")


def dated(commit: Commit, line: Line, now: int, report: Report) -> None:
    """One person, and a time that does not run backwards.

    Args:
        commit: the commit.
        line: the line before it.
        now: the judge's clock, seconds since 1970.
        report: receives what is wrong.
    """
    author = (commit.author, commit.author_time, commit.author_zone)
    if author != (commit.committer, commit.committer_time, commit.committer_zone):
        report("ident", "author and committer differ")
    if not is_git_time(commit.committer_time, commit.committer_zone):
        report("date-form", "has a time or an offset that no clock shows")
    if commit.committer_time < line.time:
        report("date-order", "is dated before its parent")
    if commit.committer_time > now + CLOCKS:
        report("date-future", "is dated in the future of this machine's clock")


def recording(commit: Commit) -> Recorded:
    """What a line keeps of the first recording of a file."""
    return Recorded(commit.author.email, git_time(commit.author_time, commit.author_zone), commit.oid)
