"""`vaultcli client`: the register of clients."""

from __future__ import annotations

from vaultcli.cli import Entry
from vaultcli.cli.lazygroup import LazyGroup

command = LazyGroup(
    "client",
    {
        "add": Entry(".people.client_add", "command", "Open a client's chart."),
        "list": Entry(".people.client_list", "command", "List the register."),
        "show": Entry(".people.client_show", "command", "One client on one screen, before the session."),
        "edit": Entry(".people.client_edit", "command", "Change a client's entry."),
        "close": Entry(".people.client_close", "command", "Close a client's chart, or open it again."),
    },
    help="The register: who the clients are, and the defaults of their notes.",
)
