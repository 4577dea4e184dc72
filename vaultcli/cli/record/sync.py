"""`vaultcli sync`: the commands around it, and `sync REMOTE` as the short form of `sync now REMOTE`."""

from __future__ import annotations

from vaultcli.cli import Entry
from vaultcli.cli.lazygroup import SyncGroup

command = SyncGroup(
    "sync",
    {
        "now": Entry(".record.sync_now", "command", "Fetch, judge, follow and send; what `sync` alone does."),
        "add": Entry(".record.sync_remotes", "add", "Name a remote, and say by what right it may hold the record."),
        "list": Entry(".record.sync_remotes", "list_", "The remotes, and when each was last synced."),
        "remove": Entry(".record.sync_remotes", "remove", "Forget a remote that is gone, or is not to be asked any more."),
        "init-bare": Entry(".record.sync_remotes", "init_bare", "Make an empty repository to sync through."),
    },
    help="Bring this machine and a remote to the same record. `sync REMOTE` is short for `sync now REMOTE`.",
)
