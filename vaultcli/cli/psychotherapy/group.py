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
        "init": Entry(".psychotherapy.init", "command", "Begin these notes, or take them over from a copy.", KEEP),
        "new": Entry(".psychotherapy.new", "command", "Write a psychotherapy note.", WRITE),
        "add": Entry(".psychotherapy.add", "command", "Add to a note, as a file of its own.", WRITE),
        "attach": Entry(".psychotherapy.attach", "command", "Seal a scan or a dictation beside a note.", WRITE),
        "edit": Entry(".psychotherapy.edit", "command", "Open a note again; every version stays.", WRITE),
        "confirm": Entry(".psychotherapy.confirm", "command", "Sign a note that stock age sealed.", WRITE),
        "save": Entry(".psychotherapy.save", "command", "Take in what stock age sealed.", WRITE),
        "recover": Entry(".psychotherapy.recover", "command", "What a crash cut short, sealed.", WRITE),
        "list": Entry(".psychotherapy.list", "command", "Whose notes there are, or one client's.", SEE),
        "show": Entry(".psychotherapy.show", "command", "Show a note with all that was added to it.", SEE),
        "search": Entry(".psychotherapy.search", "command", "Find words in the notes, in memory.", SEE),
        "check": Entry(".psychotherapy.check", "command", "What does not belong in these notes, as advice.", SEE),
        "log": Entry(".psychotherapy.log", "command", "Recorded versions; with --access, what was opened.", SEE),
        "diff": Entry(".psychotherapy.diff", "command", "Show what changed in a note, by words.", SEE),
        "sync": Entry(".psychotherapy.sync", "command", "Bring several machines together.", KEEP),
        "verify": Entry(".psychotherapy.verify", "command", "Check that all is sealed and whole.", KEEP),
        "share": Entry(".psychotherapy.share", "command", "Hand one client's notes to one other person.", GIVE),
        "revoke": Entry(".psychotherapy.revoke", "command", "End a hand-over for what comes.", GIVE),
        "destroy": Entry(".psychotherapy.destroy", "command", "Let one client's notes open for nobody.", GIVE),
        "emergency": Entry(".psychotherapy.emergency", "command", "Open with the recovery page, written down.", GIVE),
        "hooks": Entry(".psychotherapy.hooks", "command", "Put git's hooks in place.", KEEP),
    },
    sections=(WRITE, SEE, KEEP, GIVE),
    help="Psychotherapy notes (45 CFR 164.501): sealed, and kept apart from the chart. They are optional.",
)
