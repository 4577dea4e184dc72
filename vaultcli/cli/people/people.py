"""`vaultcli people`: who works here, and whose keys count."""

from __future__ import annotations

from vaultcli.cli import Entry
from vaultcli.cli.lazygroup import LazyGroup

command = LazyGroup(
    "people",
    {
        "list": Entry(".people.people_list", "command", "List people, their roles and their keys."),
        "add": Entry(".people.people_add", "command", "Let a person or a machine in."),
        "practice": Entry(".people.people_practice", "command", "What exports print of the practice, and its deadline."),
        "end": Entry(".people.people_end", "command", "End a person or a key, and settle what it signed."),
    },
    help="Who works here, with roles and keys. Changes are signed by a key with the policy role.",
)
