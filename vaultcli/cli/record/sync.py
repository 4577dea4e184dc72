"""`vaultcli sync`: the commands around it, and `sync REMOTE` as the short form of `sync now REMOTE`."""

from __future__ import annotations

import click

from vaultcli.cli import Entry
from vaultcli.cli.lazygroup import LazyGroup


class SyncGroup(LazyGroup):
    """A group whose first word may also be a remote: what is none of its commands belongs to `now`."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Put `now` before anything that is no command of this group."""
        if not args or (args[0] not in self.entries and args[0] not in ctx.help_option_names):
            args = ["now", *args]
        return super().parse_args(ctx, args)


command = SyncGroup(
    "sync",
    {
        "now": Entry("vaultcli.cli.sync_now", "command", "Fetch, judge, follow and send; what `sync` alone does."),
        "add": Entry("vaultcli.cli.sync_remotes", "add", "Name a remote, and say by what right it may hold the record."),
        "list": Entry("vaultcli.cli.sync_remotes", "list_", "The remotes, and when each was last synced."),
        "init-bare": Entry("vaultcli.cli.sync_remotes", "init_bare", "Make an empty repository to sync through."),
    },
    help="Bring this machine and a remote to the same record. `sync REMOTE` is short for `sync now REMOTE`.",
)
