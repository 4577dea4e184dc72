"""`vaultcli psychotherapy`: the sealed notes, apart from the chart."""

from __future__ import annotations

from vaultcli.cli.group import LazyGroup

KEEP = "Begin and care for"
WRITE = "Write"
SEE = "See"
GIVE = "Give and destroy"

command = LazyGroup(
    "psychotherapy",
    {},
    sections=(WRITE, SEE, KEEP, GIVE),
    help="Psychotherapy notes (45 CFR 164.501): sealed, and kept apart from the chart. They are optional.",
)
