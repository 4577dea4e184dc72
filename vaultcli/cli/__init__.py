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
    "new": Entry("vaultcli.cli.new", "command", "Write a note.", WRITE),
    "edit": Entry("vaultcli.cli.edit", "command", "Open a draft again.", WRITE),
    "save": Entry("vaultcli.cli.save", "command", "Record what any editor left in the vault.", WRITE),
    "import": Entry("vaultcli.cli.import_", "command", "Take over notes that were written elsewhere.", WRITE),
    "template": Entry("vaultcli.cli.template", "command", "What a note can begin with: list, show, check, add.", WRITE),
    "status": Entry("vaultcli.cli.status", "command", "What is open, and what looks wrong.", SEE),
    "list": Entry("vaultcli.cli.list", "command", "List notes, newest first.", SEE),
    "search": Entry("vaultcli.cli.search", "command", "Find words in the notes of all clients.", SEE),
    "show": Entry("vaultcli.cli.show", "command", "Show a note with all that was added to it.", SEE),
    "log": Entry("vaultcli.cli.log", "command", "List every recorded version of a client or a note.", SEE),
    "diff": Entry("vaultcli.cli.diff", "command", "Show what changed in a note, by words.", SEE),
    "sign": Entry("vaultcli.cli.sign", "command", "Sign your drafts, one or all of the day.", FINISH),
    "amend": Entry("vaultcli.cli.amend", "command", "Correct a signed note, or add to it.", FINISH),
    "withdraw": Entry("vaultcli.cli.withdraw", "command", "Take a note out of lists and exports.", FINISH),
    "attest": Entry("vaultcli.cli.attest", "command", "State that an unsigned note is yours and true.", FINISH),
    "attach": Entry("vaultcli.cli.attach", "command", "Keep a file in a client's record, signed.", FINISH),
    "cosign": Entry("vaultcli.cli.cosign", "command", "Co-sign what waits for you.", FINISH),
    "sync": Entry("vaultcli.cli.sync", "command", "Bring this machine and a remote to the same record.", RECORD),
    "hook": Entry("vaultcli.cli.hook", "command", "What git's hooks call, and putting them in place.", HIDDEN),
    "verify": Entry("vaultcli.cli.verify", "command", "Check that the record is whole, signed and unchanged.", RECORD),
    "exception": Entry("vaultcli.cli.exception", "command", "Findings that somebody has excused, for a reason.", RECORD),
    "succeed": Entry("vaultcli.cli.succeed", "command", "Begin a client's line anew without misfiled texts.", RECORD),
    "people": Entry("vaultcli.cli.people", "command", "Who works here: list, add, end.", PEOPLE),
    "client": Entry("vaultcli.cli.client", "command", "The register: add, list, show, edit, close.", PEOPLE),
    "init": Entry("vaultcli.cli.init", "command", "Make a vault, or adopt a copy of one.", PEOPLE),
    "export": Entry("vaultcli.cli.export", "command", "Give a client's chart to somebody, with what checks it.", RECORD),
    "backup": Entry("vaultcli.cli.backup", "command", "Copy every line to another disk, and try the copy.", RECORD),
    "restore": Entry("vaultcli.cli.restore", "command", "Make a vault of a backup, or try one.", RECORD),
    "doctor": Entry("vaultcli.cli.doctor", "command", "What is well with this computer and vault, and what is not.", RECORD),
    "psychotherapy": Entry("vaultcli.cli.psychotherapy", "command", "Sealed notes, kept apart from the chart.", PSYCHOTHERAPY),
    "unlock": Entry("vaultcli.cli.unlock", "command", "Ask once for the passphrase of those notes.", PSYCHOTHERAPY),
    "lock": Entry("vaultcli.cli.lock", "command", "End what unlock began.", PSYCHOTHERAPY),
    "keys": Entry("vaultcli.cli.keys", "command", "Copies, recovery page, rotation, machines of those notes.", PSYCHOTHERAPY),
    "demo": Entry("vaultcli.cli.demo", "command", "See the whole path in a small fictional practice.", OTHER),
    "completion": Entry("vaultcli.cli.completion", "command", "Print the completion script of a shell.", OTHER),
}
