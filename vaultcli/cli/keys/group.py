"""`vaultcli keys`: the keys of the psychotherapy notes, their copies, and the machines that may record."""

from __future__ import annotations

from vaultcli.cli import Entry
from vaultcli.cli.lazygroup import LazyGroup

COPIES = "So that nothing is lost"
CHANGE = "When something changes"
MACHINES = "Machines"

command = LazyGroup(
    "keys",
    {
        "copies": Entry(".keys.copies", "command", "Where epoch.age is: list, check, add, forget.", COPIES),
        "page": Entry(".keys.page", "command", "Print the recovery page anew.", COPIES),
        "test-recovery": Entry(".keys.test_recovery", "command", "Open a note with the paper alone.", COPIES),
        "rotate": Entry(".keys.rotate", "command", "Take a new passphrase or key.", CHANGE),
        "receive": Entry(".keys.receive", "command", "Take over an epoch that began elsewhere.", CHANGE),
        "accept": Entry(".keys.accept", "command", "Take in notes that somebody handed over.", CHANGE),
        "list": Entry(".keys.list", "command", "Whose keys record here.", MACHINES),
        "admit": Entry(".keys.admit", "command", "Let a machine record.", MACHINES),
        "revoke": Entry(".keys.revoke", "command", "End a machine's key.", MACHINES),
    },
    sections=(COPIES, CHANGE, MACHINES),
    help="The keys of the psychotherapy notes: copies, recovery, rotation, machines. docs/psychotherapy/keys.md explains them.",
)
