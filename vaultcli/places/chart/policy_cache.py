"""What quick commands need of a practice's policies, so that they need not read and judge its line.

One small file for each copy of a chart, believed for exactly one head of the practice line. Nothing is recorded or verified by
it, and it holds no word about a client.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, NamedTuple

from vaultcli.ground.git.objects import is_oid
from vaultcli.places.cachefile import CacheFile
from vaultcli.places.machine import state

if TYPE_CHECKING:
    from vaultcli.record.rules.policy import Policies

RULES = 2
"""By which rules the line was read."""


class Gist(NamedTuple):
    """The gist of every policy up to one head.

    Args:
        genesis: the bare id of the line's first commit.
        name: of the practice, by the policy in force.
        cosigned: whether any policy ever named somebody whose notes need a co-signature.
    """

    genesis: str
    name: str
    cosigned: bool


def file(clone: str, head: str) -> CacheFile:
    """The cache of one copy of a chart, as of one head."""
    return CacheFile(state.folder("practice") / f"{clone}.json", RULES, {"clone": clone, "head": head})


def of(policies: Policies) -> Gist:
    """The gist of policies that were read and judged."""
    cosigned = any(person.needs_cosignature for policy in policies.items for person in policy.practice.people)
    return Gist(policies.genesis, policies.head.practice.name, cosigned)


def at(clone: str, head: str, policies: Callable[[], Policies]) -> Gist:
    """The gist at a head of the practice line.

    Args:
        clone: the copy's id.
        head: the bare id of the newest commit.
        policies: gives every policy; asked only where nothing is remembered of that head.
    """
    kept = file(clone, head)
    known = kept.load(_gist)
    if known is not None:
        return known
    found = policies()
    made = of(found)
    # the line may have moved on since the head was read
    if found.line.oids[-1] == head:
        kept.save(made._asdict())
    return made


def _gist(value: dict[str, Any]) -> Gist | None:
    known = Gist(**value)
    sound = is_oid(known.genesis) and isinstance(known.name, str) and isinstance(known.cosigned, bool)
    return known if sound else None
