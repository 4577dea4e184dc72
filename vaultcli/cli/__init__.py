"""Floor 4: the command line; the only floor that prints, prompts or asks the time.

`COMMANDS` is the table of all commands, written by hand, which is also how one reads them. Help, prefixes and
completion are answered from it, so that no command's module is imported before that command runs.
"""

from __future__ import annotations

from typing import NamedTuple

WRITE = "Write"
SEE = "See"
FINISH = "Finish"
PEOPLE = "People and clients"
RECORD = "Record"
OTHER = "Other"
HIDDEN = ""
"""The section of what only programs call: it runs by its full name and is not listed, completed or abbreviated."""

PSYCHOTHERAPY = "Psychotherapy notes"
SECTIONS = (WRITE, SEE, FINISH, PEOPLE, RECORD, PSYCHOTHERAPY, OTHER)


class Entry(NamedTuple):
    """One command: where its click object is, and what help says of it without importing it."""

    module: str
    attribute: str
    help: str
    section: str = OTHER


COMMANDS: dict[str, Entry] = {
    "new": Entry(".new", "command", "Write a note.", WRITE),
    "edit": Entry(".edit", "command", "Open a draft again.", WRITE),
    "save": Entry(".save", "command", "Record what any editor left in the vault.", WRITE),
    "import": Entry(".import_", "command", "Take over notes that were written elsewhere.", WRITE),
    "template": Entry(".template", "command", "What a note can begin with: list, show, check, add.", WRITE),
    "status": Entry(".status", "command", "What is open, and what looks wrong.", SEE),
    "list": Entry(".list", "command", "List notes, newest first.", SEE),
    "search": Entry(".search", "command", "Find words in the notes of all clients.", SEE),
    "show": Entry(".show", "command", "Show a note with all that was added to it.", SEE),
    "log": Entry(".log", "command", "List every recorded version of a client or a note.", SEE),
    "diff": Entry(".diff", "command", "Show what changed in a note, by words.", SEE),
    "sign": Entry(".sign", "command", "Sign your drafts, one or all of the day.", FINISH),
    "amend": Entry(".amend", "command", "Correct a signed note, or add to it.", FINISH),
    "withdraw": Entry(".withdraw", "command", "Take a note out of lists and exports.", FINISH),
    "attest": Entry(".attest", "command", "State that an unsigned note is yours and true.", FINISH),
    "attach": Entry(".attach", "command", "Keep a file in a client's record, signed.", FINISH),
    "cosign": Entry(".cosign", "command", "Co-sign what waits for you.", FINISH),
    "sync": Entry(".record.sync", "command", "Bring this machine and a remote to the same record.", RECORD),
    "hook": Entry(".hook", "command", "What git's hooks call, and putting them in place.", HIDDEN),
    "verify": Entry(".verify", "command", "Check that the record is whole, signed and unchanged.", RECORD),
    "exception": Entry(".exception", "command", "Findings that somebody has excused, for a reason.", RECORD),
    "succeed": Entry(".succeed", "command", "Begin a client's line anew without misfiled texts.", RECORD),
    "people": Entry(".people.people", "command", "Who works here: list, add, end.", PEOPLE),
    "client": Entry(".people.client", "command", "The register: add, list, show, edit, close.", PEOPLE),
    "init": Entry(".init", "command", "Make a vault, or adopt a copy of one.", PEOPLE),
    "export": Entry(".export", "command", "Give a client's chart to somebody, with what checks it.", RECORD),
    "backup": Entry(".backup", "command", "Copy every line to another disk, and try the copy.", RECORD),
    "restore": Entry(".restore", "command", "Make a vault of a backup, or try one.", RECORD),
    "doctor": Entry(".doctor", "command", "What is well with this computer and vault, and what is not.", RECORD),
    "psychotherapy": Entry(".psychotherapy.group", "command", "Sealed notes, kept apart from the chart.", PSYCHOTHERAPY),
    "unlock": Entry(".unlock", "command", "Ask once for the passphrase of those notes.", PSYCHOTHERAPY),
    "lock": Entry(".lock", "command", "End what unlock began.", PSYCHOTHERAPY),
    "keys": Entry(".keys.group", "command", "Copies, recovery page, rotation, machines of those notes.", PSYCHOTHERAPY),
    "demo": Entry(".demo", "command", "See the whole path in a small fictional practice.", OTHER),
    "completion": Entry(".completion", "command", "Print the completion script of a shell.", OTHER),
}
