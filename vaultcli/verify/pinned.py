"""What this machine remembers against what is here: the one check that a complete, well-signed other history cannot pass."""

from __future__ import annotations

from collections.abc import Collection, Iterable

from vaultcli.ground.git.catfile import Reader
from vaultcli.places.machine.pins import Pins
from vaultcli.record.finding import Finding
from vaultcli.record.message import trailer
from vaultcli.verify.commits import walk


def genesis(known: Iterable[Pins], found: str) -> list[Finding]:
    """Whether the chart begins where this machine's pins for this copy say.

    Args:
        known: all pins for the copy.
        found: the bare id of the first commit of `practice`, or empty.
    """
    others = [pins.genesis for pins in known]
    if not others or found in others:
        return []
    text = f"begins with {trailer(found)[:19]}, not with {trailer(others[0])[:19]} that this machine has pinned"
    return [Finding("practice", "genesis", text if found else "the pinned first commit is not here", branch="practice")]


def vanished(pins: Pins, branches: Collection[str], only: str = "") -> list[Finding]:
    """Pinned lines that are not here any more: all of them, or one that is looked for."""
    return [
        Finding(branch, "vanished-line", "this machine has seen this line, and it is gone", branch=branch)
        for branch in sorted(pins.heads)
        if branch not in branches and only in ("", branch)
    ]


def line(reader: Reader, branch: str, pinned: str, history: Collection[str], replaced: Collection[str]) -> list[Finding]:
    """Whether a line still holds the head that this machine has seen.

    Args:
        reader: gives objects, to tell a line that was cut from one that was rewritten.
        branch: the line.
        pinned: bare id of the pinned head, or empty.
        history: every commit of the line, the newest last.
        replaced: the commits that a succession says it replaces.
    """
    if not pinned or pinned in history or pinned in replaced:
        return []
    newest = list(history)[-1] if history else ""
    with Reader(reader.git) as apart:
        older = walk(apart, {branch: pinned})[0].commits
    if newest and newest in {oid for oid, _ in older}:
        text = f"ends before {trailer(pinned)[:19]}, the newest commit that this machine has seen"
        return [Finding(branch, "rollback", text, branch=branch)]
    text = f"does not hold {trailer(pinned)[:19]}, the newest commit that this machine has seen"
    return [Finding(branch, "rewritten", text, branch=branch)]
