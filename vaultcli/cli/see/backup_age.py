"""How old the newest backup is, where one line is enough."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from vaultcli.cli.ui import terminal

if TYPE_CHECKING:
    from vaultcli.work.backup.last import LastBackup

_SOON = timedelta(days=7)


def words(last: LastBackup | None, now: datetime) -> str:
    """`backup today`, `backup 3 days old, 12 commits since`; empty where this machine knows of none."""
    if last is None:
        return ""
    days = max(0, (now - last.time).days)
    old = "today" if not days else f"{terminal.counted(days, 'day')} old"
    return f"backup {old}, {terminal.counted(last.since, 'commit')} since" if last.since else f"backup {old}"


def warning(last: LastBackup | None, since: str, now: datetime) -> str:
    """What is to be said aloud: none for a week after the vault came here, or what was recorded is not in one for that long.

    Args:
        last: the newest clean one.
        since: when this machine was given the vault (RFC 3339); empty where it does not know.
        now: the clock.
    """
    if last is None:
        begun = datetime.fromisoformat(since) if since else now
        return "no backup yet: `vaultcli backup DIR`, DIR on another disk" if now - begun > _SOON else ""
    if now - last.time > _SOON and last.since:
        return f"the newest backup is {(now - last.time).days} days old: `vaultcli backup`"
    return ""
