"""The story of the demo: a practice of two clinicians, five clients and a group, told over sixteen weeks.

Everybody in it is invented. The texts of the notes are in `templates/demo/`.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from vaultcli.cli.demo import desk, sealed
from vaultcli.cli.demo.stage import Stage, note_text


def tell(stage: Stage) -> None:
    """Play the whole story."""
    for scene in SCENES:
        scene(stage)


def found(stage: Stage) -> None:
    """A vault."""
    stage.at(112, "08:00")
    stage.narrate(
        "Lee Example, a psychologist, makes a vault. The recovery signer's key goes onto a page to be printed; the keys of this "
        "machine go into a key store, here beside the vault, as the demo leaves nothing elsewhere but its pins."
    )
    stage.vaultcli(
        "init", "practice", "--yes", "--name", "Lee Example", "--credentials", "PhD, licensed psychologist",
        "--practice", "Willow Street Counseling", "--recovery-page", "recovery-page.txt", "--keys", "keys/lee",
        folder=".",
    )  # fmt: skip
    stage.narrate("What exports print of the practice, and nothing else needs:")
    stage.vaultcli(
        "people", "practice", "--address", "12 Willow Street, Portland, OR 97201", "--person", "lee-example",
        "--licence", "PSY 12345 (OR)", "--npi", "1234567893",
    )  # fmt: skip


def clients(stage: Stage) -> None:
    """The register."""
    stage.narrate("Four clients; one of them is a couple. Names stand in the record and on this screen, nowhere else.")
    office = ("--place", "office")
    stage.vaultcli(
        "client", "add", "Ada Bright", "--handle", "ada", "--format", "dap", *office, "--cpt", "90834", "--diagnosis", "F33.1",
        "--slot", "Mon 09:00-09:50", "--born", "1988-05-30",
    )  # fmt: skip
    stage.vaultcli(
        "client", "add", "Bo Calder", "--handle", "bo", "--format", "soap", *office, "--cpt", "90834", "--diagnosis", "F41.0",
        "--born", "1979-02-11",
    )  # fmt: skip
    couple = ("--kind", "couple", "--cpt", "90847", "--diagnosis", "F43.21")
    stage.vaultcli("client", "add", "Dee and Eli Finch", "--handle", "dee-eli", "--format", "dap", *office, *couple)
    stage.vaultcli("client", "add", "Gil Hart", "--handle", "gil", *office, "--diagnosis", "F43.24", quiet=True)


def sessions(stage: Stage) -> None:
    """Weeks of notes."""
    stage.narrate(
        "A session ends, a note is written. Here the text comes from a file with --from; by itself `new` opens your editor. With "
        "--sign the note is finished in the same step."
    )
    day = stage.at(105, "09:55")
    stage.vaultcli("new", "ada", "09:00-09:50", "--from", note_text("01-ada"), "--sign")
    stage.narrate("What it left on disk is plain text, and the last line printed is a stock command. This runs it:")
    name = next((stage.top / "practice" / "chart" / "clients").glob(f"*/notes/{day}-progress-*.md"))
    folder = f"practice/{name.parent.relative_to(stage.top / 'practice')}"
    stage.shell(f"head -12 {name.name}", folder=folder)
    stage.shell(
        f"ssh-keygen -Y verify -f ../../../allowed_signers -I lee-example -n note@vaultcli.v1 -s {name.name}.sig < {name.name}",
        folder=folder,
    )
    desk.plan(stage)
    stage.narrate("Weeks go by. Some notes are signed at once, some stay drafts until the evening and are signed in one go.")
    rows = (
        (98, "bo", "10:00-10:50", "04-bo"),
        (98, "ada", "09:00-09:50", "02-ada"),
        (91, "bo", "10:00-10:52", "05-bo"),
        (84, "dee-eli", "12:00-12:55", "09-dee-eli"),
    )
    for days, who, times, text in rows:
        stage.at(days, "17:00" if who == "ada" else times[-5:])
        stage.vaultcli("new", who, times, "--from", note_text(text), "--draft", quiet=who != "ada")
    stage.at(84, "17:30")
    stage.vaultcli("status")
    stage.vaultcli("sign", "--yes")
    stage.at(80, "13:10")
    stage.narrate("Not every note is a session. A call, in one line:")
    text = "Ada rang to move Monday to ten. Sounded well. Moved."
    stage.vaultcli("new", "ada", "13:05-13:09", "--type", "contact", "-m", text, "--sign")
    stage.at(77, "09:55")
    stage.vaultcli("new", "ada", "10:00-10:50", "--from", note_text("03-ada"), "--sign", quiet=True)
    stage.at(70, "17:00")
    stage.vaultcli("new", "dee-eli", "12:00-12:50", "--from", note_text("10-dee-eli"), "--sign", quiet=True)
    stage.at(63, "11:00")
    stage.vaultcli("new", "bo", "10:00-10:45", "--from", note_text("06-bo"), "--sign", quiet=True)


def trainee(stage: Stage) -> None:
    """A trainee with a machine of his own, and a supervisor's signature."""
    stage.at(60, "09:00")
    stage.narrate(
        "Sam is a trainee and works on a machine of his own. The two meet in a bare repository, here a folder beside the vaults. "
        "His machine makes keys, and a request; Lee compares the fingerprints with him and admits them."
    )
    genesis = stage.genesis()
    stage.vaultcli("sync", "init-bare", "../hub", quiet=True)
    stage.vaultcli("sync", "add", "hub", "../hub", "--own-machine", quiet=True)
    stage.vaultcli("sync")
    stage.vaultcli(
        "init", "sam", "--adopt", "hub", "--genesis", genesis, "--yes", "--as", "sam-trainee", "--name", "Sam Trainee",
        "--credentials", "MA", "--keys", "keys/sam", folder=".",
    )  # fmt: skip
    stage.vaultcli(
        "people", "add", "--request", "../sam/enrolment-request.toml", "--role", "trainee", "--supervisor", "lee-example", "--yes"
    )
    stage.vaultcli("sync", quiet=True)
    stage.vaultcli("sync", "add", "hub", "../hub", "--own-machine", folder="sam", quiet=True)
    stage.vaultcli("sync", folder="sam", quiet=True)
    stage.narrate("Sam sees Cy. His notes are complete only with Lee's signature, and say so.")
    usual = ("--format", "dap", "--place", "video", "--cpt", "90832", "--diagnosis", "F42.2")
    stage.vaultcli("client", "add", "Cy Dorn", "--handle", "cy", *usual, folder="sam", quiet=True)
    stage.at(59, "14:35")
    stage.vaultcli("new", "cy", "14:00-14:30", "--from", note_text("07-cy"), "--sign", folder="sam")
    stage.at(52, "14:40")
    stage.vaultcli("new", "cy", "14:00-14:33", "--from", note_text("08-cy"), "--sign", folder="sam", quiet=True)
    stage.at(45, "14:20")
    text = "No call. Texted at 14:10, no answer; will ring at 17:00 and tell Lee."
    stage.vaultcli("new", "cy", "--type", "no-show", "-m", text, "--sign", folder="sam", quiet=True)
    stage.vaultcli("sync", folder="sam", quiet=True)
    stage.narrate("Lee syncs, reads each note, and co-signs exactly what was shown, by SHA-256.")
    stage.vaultcli("sync")
    stage.vaultcli("status")
    stage.vaultcli("cosign", "--yes")
    stage.vaultcli("list", "cy")
    stage.vaultcli("sync", quiet=True)
    stage.vaultcli("sync", folder="sam", quiet=True)


def correct(stage: Stage) -> None:
    """A word in a signed note was wrong."""
    stage.at(62, "17:12")
    stage.narrate(
        "A signed note has a wrong word: Dee needed two tries, not three. `amend` opens the text in the editor; the difference "
        "is the correction, signed in its own file. The original stays."
    )
    stage.vaultcli(
        "amend", "dee-eli~1", "--reason", "counted again from memory and her notes",
        edit={"which took Dee three tries": "which took Dee two tries"},
    )  # fmt: skip
    stage.vaultcli("show", "dee-eli~1")


def withdraw(stage: Stage) -> None:
    """A note in the wrong chart."""
    stage.at(42, "12:05")
    stage.narrate(
        "A note lands in the wrong chart. It is withdrawn with a reason: lists and exports show a neutral line, and no text."
    )
    text = "Eli rang about the invoice for their sessions; will write."
    stage.vaultcli("new", "bo", "12:00-12:04", "--type", "contact", "-m", text, "--sign")
    stage.vaultcli("withdraw", "bo", "--reason", "wrong-client", "--yes")
    stage.vaultcli("list", "bo")


def rescue(stage: Stage) -> None:
    """A stale editor window writes over a signed note."""
    stage.at(35, "18:00")
    stage.narrate(
        "An editor window that was left open for weeks is saved: it writes an old text over a signed note. Nothing is lost; the "
        "signed file is put back, and what was typed is kept aside."
    )
    signed = _first_note(stage, "practice", "Bo Calder")
    old = signed.read_text(encoding="utf-8")
    signed.write_text(old[: old.index("signed:\n")] + "---\n\nan old draft, typed weeks ago\n", encoding="utf-8")
    stage.vaultcli("status")
    stage.vaultcli("save", "--put-back")


def verify(stage: Stage) -> None:
    """The verdict, by us and by stock tools."""
    stage.at(14, "17:00")
    stage.narrate("Is the record whole? First vaultcli's own answer, then git's, which knows nothing of vaultcli.")
    stage.vaultcli("verify")
    stage.shell("git fsck --strict --full --no-dangling && echo whole", folder="practice/chart")
    stage.shell(
        "git rev-list --all | while read c; do "
        "git -c gpg.ssh.allowedSignersFile=$PWD/allowed_signers verify-commit $c 2>/dev/null || echo bad $c; done | wc -l",
        folder="practice/chart",
    )
    stage.narrate("(That last number counts the commits whose signature git does not accept.)")


def tamper(stage: Stage) -> None:
    """Somebody changes a copy."""
    import shutil

    stage.at(13, "22:00")
    stage.narrate(
        "Somebody with a copy of the vault makes a diagnosis sound milder, and commits it with plain git under Lee's name. The "
        "files look right, and git's log shows one more ordinary commit."
    )
    shutil.copytree(stage.top / "practice", stage.top / "tampered", symlinks=True)
    victim = _first_note(stage, "tampered", "Ada Bright")
    text = victim.read_text(encoding="utf-8")
    victim.write_text(text.replace("Moderate recurrent", "Mild recurrent"), encoding="utf-8")
    git = (
        "git -c core.hooksPath=/dev/null -c user.name='Lee Example' -c user.email=lee-example commit -q -a -m "
        "'draft 7n5tq2m8wkc4xe9r' && echo committed"
    )
    stage.vaultcli("list", "ada", folder="tampered", quiet=True)
    stage.shell(git, folder=f"tampered/chart/clients/{victim.parent.parent.name}")
    stage.vaultcli("verify", folder="tampered", codes=(1,))


def _first_note(stage: Stage, vault: str, name: str) -> Path:
    """The first session note in the chart of the client of that name."""
    for register in sorted((stage.top / vault / "chart" / "clients").glob("*/client.md")):
        if f"name: {name}\n" in register.read_text(encoding="utf-8"):
            notes = sorted((register.parent / "notes").glob("*-progress-????????????????.md"))
            return notes[0]
    raise LookupError(name)


SCENES: tuple[Callable[[Stage], None], ...] = (
    found,
    clients,
    desk.old_notes,
    sessions,
    correct,
    desk.group,
    trainee,
    withdraw,
    desk.letter,
    rescue,
    desk.search,
    verify,
    tamper,
    desk.export,
    desk.programs,
    desk.backup,
    sealed.notes,
)
