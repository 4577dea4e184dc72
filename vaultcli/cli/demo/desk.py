"""The demo's scenes at the desk: old notes, a plan, a group, a letter that came, finding words, exports, a backup."""

from __future__ import annotations

import shutil

from vaultcli.cli.demo.stage import Stage, note_text, shipped

_SECTIONS = ("Participation", "Response", "Progress and risk", "Plan")
_MEMBERS = {
    "ada": (
        "Ninety minutes. Came early, spoke three times; tired at first, brighter after the break, as observed.",
        "Used all four steps on the morning she rang in sick. Rated the urge to cancel 7 before and 4 after.",
        "One more evening kept, g2. Denied thoughts of suicide or of harming others. Risk low.",
        "STOP once a day, marked in the diary. Next group in one week.",
    ),
    "bo": (
        "Ninety minutes. Restless until the break; led the exercise in his pair and stayed in the room.",
        'Applied "stop" at the door of the train. Said, "It is the same door."',
        "Five mornings of five. Suicidal and violent thoughts asked about at the break and denied; no danger seen.",
        "STOP at the door on two mornings. Next group in one week.",
    ),
    "gil": (
        "Ninety minutes. Said little, took notes. Reported one argument at home this week, and that he left the room for it.",
        'Named the moment before shouting, and stopped for thirty seconds by the clock. Said, "Longer than I thought."',
        "First week without a slammed door. Asked after the group: no wish to die, no thought of striking anybody. Risk low.",
        "STOP in the kitchen, marked on the card. Next group in one week.",
    ),
}


def old_notes(stage: Stage) -> None:
    """Notes from before the vault."""
    stage.at(111, "09:00")
    stage.narrate(
        "Dee and Eli were here years ago, and Lee's notes of that time are text files in a folder. `import` takes them over byte "
        "for byte; a date that it cannot tell it asks for."
    )
    shutil.copytree(shipped("old"), stage.top / "old-notes")
    stage.vaultcli("import", "dee-eli", "../old-notes", "--yes")
    stage.vaultcli("sign", "dee-eli", "--imported", "--yes")


def plan(stage: Stage) -> None:
    """A treatment plan, and what the next note has of it."""
    stage.narrate(
        "Not only sessions have a template; `vaultcli template list` shows them all. Ada's treatment plan names two goals, and "
        "her notes begin with them from now on."
    )
    stage.vaultcli("new", "ada", "--type", "treatment-plan", "--from", note_text("11-ada-plan"), "--sign")


def group(stage: Stage) -> None:
    """A session of three."""
    stage.at(62, "18:35")
    stage.narrate(
        "A skills group of three. What all notes say alike is written once; then each member has a note of their own, in which "
        "no other is named and nothing leads to another's."
    )
    usual = ("--slot", "Tue 17:00", "--place", "office", "--cpt", "90853")
    stage.vaultcli("client", "add", "Tuesday skills", "--handle", "tuesday", "--kind", "group", "--members", "ada,bo,gil", *usual)
    stage.vaultcli("new", "tuesday", "17:00-18:30", "--from", note_text("12-group"))
    for who, texts in _MEMBERS.items():
        edit = {f"## {title}\n": f"## {title}\n\n{text}\n" for title, text in zip(_SECTIONS, texts, strict=True)}
        stage.vaultcli("edit", who, "--sign", edit=edit, quiet=who != "gil")
    stage.vaultcli("show", "gil")


def letter(stage: Stage) -> None:
    """A file that came from elsewhere."""
    stage.at(41, "09:30")
    stage.narrate("A letter from Ada's physician goes into her record as it came, with a signed note that says what it is.")
    shutil.copyfile(shipped("letter.pdf"), stage.top / "letter.pdf")
    stage.vaultcli("attach", "ada", "../letter.pdf", "--kind", "letter", "-m", "From the family doctor, asked for by Ada.")
    stage.vaultcli("list", "ada")


def search(stage: Stage) -> None:
    """Words in all notes."""
    stage.at(34, "09:00")
    stage.narrate("Where was it that something was said? Words and phrases are found in all notes, newest first.")
    stage.vaultcli("search", "sleep diary")


def export(stage: Stage) -> None:
    """Ada asks for her record."""
    stage.at(7, "10:00")
    stage.narrate(
        "Ada asks for her record. Only what verifies goes out: a page for a browser, a PDF for paper, plain Markdown; with the "
        "signed files, the letter, and how to check them."
    )
    stage.vaultcli("export", "ada", "--html", "--pdf", "--markdown", "-o", "../ada-export")
    stage.shell("ls -p ada-export; head -34 ada-export/chart.md", folder=".")


def programs(stage: Stage) -> None:
    """The practice's sessions, for a spreadsheet."""
    stage.narrate("For billing, a row a session and not a word of a note; for programs, each note as a line of JSON.")
    stage.vaultcli("export", "--all", "--csv", "--jsonl", "-o", "../for-programs")
    stage.shell("cut -d, -f3,5-7,9,10,13,17 for-programs/sessions.csv | head -6", folder=".")


def backup(stage: Stage) -> None:
    """A copy on another disk, tried, and a look at the computer."""
    stage.at(6, "18:00")
    stage.narrate(
        "A backup is tried before it counts; its disk is a folder here. With the genesis on the recovery page it can be tried "
        "again at any time, on any machine."
    )
    (stage.top / "backup-disk").mkdir(mode=0o700)
    stage.vaultcli("backup", "../backup-disk")
    stage.vaultcli("restore", "../backup-disk", "--genesis", stage.genesis(), "--try")
    stage.narrate("`doctor` looks at computer and vault, and says what to do. This is what it found on yours:")
    stage.vaultcli("doctor", codes=(0, 1), without="ok ")
