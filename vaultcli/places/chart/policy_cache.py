"""What quick commands need of a practice's policies, so that they need not read and judge its line.

One small file for each copy of a chart in the machine's state folder, beside the folded lines and under the same rules: it is
believed for exactly one head of the practice line, can only save time, and may be deleted at any moment. Nothing is
recorded or verified by it, and it holds no word about a client.
"""

from __future__ import annotations

import contextlib
import json
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from vaultcli.ground import files
from vaultcli.ground.errors import VaultError
from vaultcli.ground.git.objects import is_oid
from vaultcli.ground.version import __version__
from vaultcli.places.machine import pins

if TYPE_CHECKING:
    from vaultcli.record.rules.policy import Policies

RULES = f"{__version__}/1"
"""By which rules the line was read: the program's version, and a number for changes between versions."""


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


def path(clone: str) -> Path:
    """The file of one copy of a chart."""
    return pins.folder().with_name("practice") / f"{clone}.json"


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
    known = _load(clone, head)
    if known is not None:
        return known
    found = policies()
    made = of(found)
    # the line may have moved on since the head was read
    if found.line.oids[-1] == head:
        value = {"rules": RULES, "clone": clone, "head": head, **made._asdict()}
        with contextlib.suppress(VaultError, OSError):
            where = path(clone)
            files.make_dirs(where.parent)
            files.put(where, json.dumps(value).encode(), synced=False)
    return made


def _load(clone: str, head: str) -> Gist | None:
    try:
        value = json.loads(files.read(path(clone)))
        if (value["rules"], value["clone"], value["head"]) != (RULES, clone, head):
            return None
        known = Gist(value["genesis"], value["name"], value["cosigned"])
    except (VaultError, ValueError, KeyError, TypeError):
        return None
    sound = is_oid(known.genesis) and isinstance(known.name, str) and isinstance(known.cosigned, bool)
    return known if sound else None
