"""One commit as the rules see it, wherever it comes from: about to be made, offered to a hook, or found in history."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import lru_cache
from typing import TYPE_CHECKING, NamedTuple

from vaultcli.ground.patterns import pattern

if TYPE_CHECKING:
    from datetime import datetime, timezone

    from vaultcli.ground.sshsig import PublicKey, Signature

PLAIN = 0o100644

Read = Callable[[str], bytes]
"""A blob's bytes by its object id."""
Weigh = Callable[[str], "tuple[int, str] | None"]
"""A blob's size and SHA-256 by its object id, without its bytes; None where they were judged before."""
Verify = Callable[[str, bytes, str], "Signature"]
"""Armour, message and namespace to a checked signature; raises `BadSignature`. `sshsig.verify`, or its parsing half
where a whole history has been checked before."""


class Change(NamedTuple):
    """One path that differs from the parent.

    Args:
        path: slash-separated, from the top of the tree.
        before: blob id in the parent, or None where the path is new.
        after: blob id in this commit, or None where the path is gone.
        mode: the entry's mode in this commit (0 where the path is gone).
    """

    path: str
    before: str | None
    after: str | None
    mode: int = PLAIN


class Facts(NamedTuple):
    """A commit's facts.

    Args:
        oid: its bare object id, or empty before it is made.
        branch: the line of history (`practice`, `client/ID`).
        parents: bare ids.
        author: (name, e-mail) of the author; `committer` likewise.
        time: author time, seconds since 1970; `zone` its offset as git writes it (`-0500`).
        committer_time: committer time; `committer_zone` its offset.
        message: the whole message.
        key: the key whose signature over the commit verified, or None.
        signature_problem: why `key` is None.
        changes: every path that differs from the first parent.
        headers: names of headers that no commit of ours carries (`encoding`, `mergetag`, a second signature).
    """

    oid: str
    branch: str
    parents: tuple[str, ...]
    author: tuple[str, str]
    committer: tuple[str, str]
    time: int
    zone: str
    committer_time: int
    committer_zone: str
    message: str
    key: PublicKey | None
    signature_problem: str
    changes: tuple[Change, ...]
    headers: tuple[str, ...] = ()


_ZONE = pattern(r"\+(?:0[0-9]|1[0-4])[0-5][0-9]|-(?!0000)(?:0[0-9]|1[0-2])[0-5][0-9]")
_MOMENT = pattern(
    r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}[+-](?:[01][0-9]|2[0-3]):[0-5][0-9]"
)
_LAST = 253_402_214_400
"""The first second of 9999-12-31 (UTC): what comes later has no four-digit year everywhere on earth."""


def coming(
    branch: str,
    parent: str,
    who: tuple[str, str],
    when: datetime,
    message: str,
    key: PublicKey,
    changes: Iterable[Change],
) -> Facts:
    """A commit that is about to be made, as the rules will see it.

    Args:
        branch: the line of history.
        parent: its newest commit (bare id), or empty where this begins it.
        who: (name, e-mail) of author and committer.
        when: the time of both, with its zone.
        message: the whole message.
        key: the key that will sign.
        changes: what is to be recorded; what stays as it is, is left out.
    """
    seconds, zone = int(when.timestamp()), when.strftime("%z")[:5]
    return Facts(
        oid="",
        branch=branch,
        parents=(parent,) if parent else (),
        author=who,
        committer=who,
        time=seconds,
        zone=zone,
        committer_time=seconds,
        committer_zone=zone,
        message=message,
        key=key,
        signature_problem="",
        changes=tuple(change for change in changes if change.before != change.after),
    )


def onward(now: datetime, newest: int) -> datetime:
    """The clock, or the newest commit's time where the clock runs behind it: history never runs backwards."""
    return now if int(now.timestamp()) >= newest else now.fromtimestamp(newest, now.tzinfo)


def is_git_time(seconds: int, zone: str) -> bool:
    """Whether a commit's time is one that a clock somewhere can show: after 1970, before 10000, a real offset."""
    return 0 <= seconds < _LAST and _ZONE.fullmatch(zone) is not None


def git_time(seconds: int, zone: str) -> str:
    """A commit's time as our files write it: RFC 3339 with the offset that the commit names.

    What `is_git_time` refuses is brought into its range first, so that judging a hostile commit never fails.
    """
    from datetime import datetime

    if not is_git_time(seconds, zone):
        seconds, zone = min(max(seconds, 0), _LAST - 1), zone if _ZONE.fullmatch(zone) else "+0000"
    return datetime.fromtimestamp(seconds, _offset(zone)).isoformat()


@lru_cache(maxsize=256)
def _offset(zone: str) -> timezone:
    from datetime import timedelta, timezone

    offset = timedelta(hours=int(zone[1:3]), minutes=int(zone[3:5]))
    return timezone(-offset if zone[0] == "-" else offset)


def instant(moment: str) -> int:
    """Seconds since 1970 of an RFC 3339 time."""
    return int(_timestamp(moment))


@lru_cache(maxsize=1024)
def _timestamp(moment: str) -> float:
    """The same with its fraction; remembered, because a file's times are compared with those of the files around it."""
    from datetime import datetime

    return datetime.fromisoformat(moment).timestamp()


def is_moment(moment: str) -> bool:
    """Whether the text is a time as our files write it: a real second, with its offset, from 1970 on."""
    if _MOMENT.fullmatch(moment) is None:
        return False
    try:
        return 0 <= _timestamp(moment) < _LAST
    except (ValueError, OverflowError):
        return False
