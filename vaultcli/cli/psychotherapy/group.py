"""`vaultcli psychotherapy`: the sealed notes, apart from the chart."""

from __future__ import annotations

from vaultcli.cli import Entry
from vaultcli.cli.lazygroup import LazyGroup

KEEP = "Begin and care for"
WRITE = "Write"
SEE = "See"
GIVE = "Give and destroy"

command = LazyGroup(
    "psychotherapy",
    {
        "init": Entry("vaultcli.cli.psychotherapy_init", "command", "Begin these notes, or take them over from a copy.", KEEP),
        "new": Entry("vaultcli.cli.psychotherapy_new", "command", "Write a psychotherapy note.", WRITE),
        "add": Entry("vaultcli.cli.psychotherapy_add", "command", "Add to a note, as a file of its own.", WRITE),
        "attach": Entry("vaultcli.cli.psychotherapy_attach", "command", "Seal a scan or a dictation beside a note.", WRITE),
        "edit": Entry("vaultcli.cli.psychotherapy_edit", "command", "Open a note again; every version stays.", WRITE),
        "confirm": Entry("vaultcli.cli.psychotherapy_confirm", "command", "Sign a note that stock age sealed.", WRITE),
        "save": Entry("vaultcli.cli.psychotherapy_save", "command", "Take in what stock age sealed.", WRITE),
        "recover": Entry("vaultcli.cli.psychotherapy_recover", "command", "What a crash cut short, sealed.", WRITE),
        "list": Entry("vaultcli.cli.psychotherapy_list", "command", "Whose notes there are, or one client's.", SEE),
        "show": Entry("vaultcli.cli.psychotherapy_show", "command", "Show a note with all that was added to it.", SEE),
        "search": Entry("vaultcli.cli.psychotherapy_search", "command", "Find words in the notes, in memory.", SEE),
        "check": Entry("vaultcli.cli.psychotherapy_check", "command", "What does not belong in these notes, as advice.", SEE),
        "log": Entry("vaultcli.cli.psychotherapy_log", "command", "Recorded versions; with --access, what was opened.", SEE),
        "diff": Entry("vaultcli.cli.psychotherapy_diff", "command", "Show what changed in a note, by words.", SEE),
        "sync": Entry("vaultcli.cli.psychotherapy_sync", "command", "Bring several machines together.", KEEP),
        "verify": Entry("vaultcli.cli.psychotherapy_verify", "command", "Check that all is sealed and whole.", KEEP),
        "share": Entry("vaultcli.cli.psychotherapy_share", "command", "Hand one client's notes to one other person.", GIVE),
        "revoke": Entry("vaultcli.cli.psychotherapy_revoke", "command", "End a hand-over for what comes.", GIVE),
        "destroy": Entry("vaultcli.cli.psychotherapy_destroy", "command", "Let one client's notes open for nobody.", GIVE),
        "emergency": Entry("vaultcli.cli.psychotherapy_emergency", "command", "Open with the recovery page, written down.", GIVE),
        "hooks": Entry("vaultcli.cli.psychotherapy_hooks", "command", "Put git's hooks in place.", KEEP),
    },
    sections=(WRITE, SEE, KEEP, GIVE),
    help="Psychotherapy notes (45 CFR 164.501): sealed, and kept apart from the chart. They are optional.",
)
