"""`vaultcli exception`: excuse one finding at one commit, and list what is excused."""

from __future__ import annotations

from vaultcli.cli import Entry
from vaultcli.cli.lazygroup import LazyGroup

command = LazyGroup(
    "exception",
    {
        "add": Entry(".record.exception_add", "command", "Excuse one finding at one commit."),
        "list": Entry(".record.exception_list", "command", "List the exceptions of the vault."),
    },
    help="Findings that somebody with the policy role has excused, for a reason.",
)
