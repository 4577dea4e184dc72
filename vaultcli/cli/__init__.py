"""Floor 5: the command line; the only floor that prints, prompts or asks the time.

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
    """One command: the module of its click object, below `vaultcli.cli` when it begins with a dot, and its line of help."""

    module: str
    attribute: str
    help: str
    section: str = OTHER


COMMANDS: dict[str, Entry] = {
    "new": Entry(".write.new", "command", "Write a note.", WRITE),
    "edit": Entry(".write.edit", "command", "Open a draft again.", WRITE),
    "save": Entry(".write.save", "command", "Record what any editor left in the vault.", WRITE),
    "import": Entry(".write.import_", "command", "Take over notes that were written elsewhere.", WRITE),
    "template": Entry(".write.template", "command", "What a note can begin with: list, show, check, add.", WRITE),
    "status": Entry(".see.status", "command", "What is open, and what looks wrong.", SEE),
    "list": Entry(".see.list", "command", "List notes, newest first.", SEE),
    "search": Entry(".see.search", "command", "Find words in the notes of all clients.", SEE),
    "show": Entry(".see.show", "command", "Show a note with all that was added to it.", SEE),
    "log": Entry(".see.log", "command", "List every recorded version of a client or a note.", SEE),
    "diff": Entry(".see.diff", "command", "Show what changed in a note, by words.", SEE),
    "sign": Entry(".finish.sign", "command", "Sign your drafts, one or all of the day.", FINISH),
    "amend": Entry(".finish.amend", "command", "Correct a signed note, or add to it.", FINISH),
    "withdraw": Entry(".finish.withdraw", "command", "Take a note out of lists and exports.", FINISH),
    "attest": Entry(".finish.attest", "command", "State that an unsigned note is yours and true.", FINISH),
    "attach": Entry(".finish.attach", "command", "Keep a file in a client's record, signed.", FINISH),
    "cosign": Entry(".finish.cosign", "command", "Co-sign what waits for you.", FINISH),
    "sync": Entry(".record.sync", "command", "Bring this machine and a remote to the same record.", RECORD),
    "hook": Entry(".record.hook", "command", "What git's hooks call, and putting them in place.", HIDDEN),
    "verify": Entry(".record.verify", "command", "Check that the record is whole, signed and unchanged.", RECORD),
    "exception": Entry(".record.exception", "command", "Findings that somebody has excused, for a reason.", RECORD),
    "succeed": Entry(".record.succeed", "command", "Begin a client's line anew without misfiled texts.", RECORD),
    "people": Entry(".people.people", "command", "Who works here: list, add, end.", PEOPLE),
    "client": Entry(".people.client", "command", "The register: add, list, show, edit, close.", PEOPLE),
    "init": Entry(".people.init", "command", "Make a vault, or adopt a copy of one.", PEOPLE),
    "export": Entry(".release.export", "command", "Give a client's chart to somebody, with what checks it.", RECORD),
    "backup": Entry(".record.backup", "command", "Copy every line to another disk, and try the copy.", RECORD),
    "restore": Entry(".record.restore", "command", "Make a vault of a backup, or try one.", RECORD),
    "repair": Entry(".record.repair", "command", "Bring back what a disk has spoilt, from another copy.", RECORD),
    "doctor": Entry(".record.doctor", "command", "What is well with this computer and vault, and what is not.", RECORD),
    "psychotherapy": Entry(".psychotherapy.group", "command", "Sealed notes, kept apart from the chart.", PSYCHOTHERAPY),
    "unlock": Entry(".psychotherapy.unlock", "command", "Ask once for the passphrase of those notes.", PSYCHOTHERAPY),
    "lock": Entry(".psychotherapy.lock", "command", "End what unlock began.", PSYCHOTHERAPY),
    "keys": Entry(".keys.group", "command", "Copies, recovery page, rotation, machines of those notes.", PSYCHOTHERAPY),
    "demo": Entry(".demo.demo", "command", "See the whole path in a small fictional practice.", OTHER),
    "completion": Entry(".completion", "command", "Print the completion script of a shell.", OTHER),
}
