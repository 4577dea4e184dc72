"""One commit as the rules see it, wherever it comes from: about to be made, offered to a hook, or found in history."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from datetime import datetime

    from vaultcli.ground.git.tree import Change
    from vaultcli.ground.ssh.sshsig import PublicKey, Signature

Read = Callable[[str], bytes]
"""A blob's bytes by its object id."""
Weigh = Callable[[str], "tuple[int, str] | None"]
"""A blob's size and SHA-256 by its object id, without its bytes; None where they were judged before."""
Verify = Callable[[str, bytes, str], "Signature"]
"""Armour, message and namespace to a checked signature; raises `BadSignature`. `sshsig.verify`, or its parsing half
where a whole history has been checked before."""


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
