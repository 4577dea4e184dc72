"""One commit as the rules see it, wherever it comes from: about to be made, offered to a hook, or found in history."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, NamedTuple

from vaultcli.ground.git.objects import Commit, Ident

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
    """A commit, and what was found out about it.

    Args:
        commit: as git has it.
        branch: the line of history (`practice`, `client/ID`).
        key: the key whose signature over the commit verified, or None.
        signature_problem: why `key` is None.
        changes: every path that differs from the first parent.
    """

    commit: Commit
    branch: str
    key: PublicKey | None
    signature_problem: str
    changes: tuple[Change, ...]


def unmade(parents: tuple[str, ...], who: tuple[str, str], seconds: int, zone: str, message: str) -> Commit:
    """A commit that is about to be made, without what only then is known: id, tree, bytes and signature.

    Args:
        parents: bare ids.
        who: (name, e-mail) of author and committer.
        seconds: the time of both, since 1970.
        zone: its offset as git writes it (`-0500`).
        message: the whole message.
    """
    own = (Ident(*who), seconds, zone)
    return Commit("", "", parents, *own, *own, message, b"")


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
    commit = unmade((parent,) if parent else (), who, int(when.timestamp()), when.strftime("%z")[:5], message)
    return Facts(commit, branch, key, "", tuple(change for change in changes if change.before != change.after))
