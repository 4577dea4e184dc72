"""The story of the frozen world: what happened in two practices in the autumn of 2026. Everybody in it is invented."""
# fmt: off

from __future__ import annotations

import json
import re
import shlex
import shutil
import subprocess
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

from stage import SECRETS, VAULTCLI, Machine, Stage, answer, killed, unlocked

_SAME = "Same time next week. Sleep diary."


def dap(data: str, assessment: str = "Mood lifts slowly. Denied thoughts of suicide or of harm.", plan: str = _SAME) -> str:
    """A note in the form of `dap`."""
    return f"## Data\n\n{data}\n\n## Assessment\n\n{assessment}\n\n## Plan\n\n{plan}\n"


def soap(subjective: str, objective: str = "Calm, slow speech.", assessment: str = "Avoids fewer trains.") -> str:
    """A note in the form of `soap`."""
    return (
        f"## Subjective\n\n{subjective}\n\n## Objective\n\n{objective}\n\n## Assessment\n\n{assessment}\n\n"
        "## Plan\n\nOne stop by train on Thursday. Next session in one week.\n"
    )


PLAN = """## Problems

Recurrent depression, moderate: low mood, early waking.

## Goals

### g1 · Sleep through the night

"I want to wake up rested."

- g1.1 · Sleeps six hours or more on 5 of 7 nights, from 2 of 7, by 2026-12-15

### g2 · Two evenings a week with others

- g2.1 · Two kept evenings a week for four weeks, from none, by 2026-11-30

## Treatment

Cognitive behavioral therapy for depression, 50 minutes weekly for twelve weeks.
"""
GROUP = """## Group session

Skills group, step 3 of 8: distress tolerance. Leader: Lee Example, PhD. Three members present. Taught the STOP skill.
"""
OLD = {
    "2019-03-08.txt": b"Second session. Slept badly, worries about the move. Sleep diary until next time.\n",
    "2019-03-15 third.txt": b"Third session.\r\nThe move is done.\r\nSleeps through.\r\n",
    "2019-03-22.txt": "Vierte Sitzung: müde, „es geht schon“. Naïve Frage nach dem Café.\n".encode("windows-1252"),
    "2019-03-29.md": b"---\ntitle: fifth\nsigned: by hand\n---\n\n# Fifth\n\nLast session. *Ended well.*\n",
    "call.txt": b"Rang on a Sunday. Will ring again.",
}
PNG = bytes.fromhex(
    "89504e470d0a1a0a0000000d49484452000000010000000108060000001f15c4890000000d"
    "49444154789c6360000002000001e221bc330000000049454e44ae426082"
)
PDF = b"%PDF-1.4\r\n%\x00\xff\xfe\r\n1 0 obj\n<<>>\r\nendobj\r\n%%EOF\r\n"
ODD = """---
# my own order, as I like it
type: contact
date: "2026-09-21"
time: 12:05-12:20 America/New_York
place: audio
participants:
  - partner
  - 'colleague'
telehealth: {platform: Doxy, client-location: "home, Elm St. 5"}
mood-0-10: 0012345
heard: "He said: \\"no: never\\" \\u00e9"
refers-to: []
id: ID
---

Rang his brother, with his consent (on file). Zażółć gęślą jaźń; 2 < 3 & so on.

- [ ] send the form
- a line with trailing blanks\x20\x20
"""




class Story:
    """The whole of it, scene by scene; every scene is played in the order of `SCENES`."""

    def __init__(self, root: Path) -> None:
        stage = Stage(root)
        self.stage = stage
        self.office = Machine(stage, "office")
        self.laptop = Machine(stage, "laptop", fast=-7)
        self.netbook = Machine(stage, "netbook", fast=60)
        self.sam = Machine(stage, "sam")
        self.noa = Machine(stage, "noa", zone="Europe/Berlin")
        self.kim = Machine(stage, "kim")
        self.old = Machine(stage, "kims-old-one")
        self.spare = Machine(stage, "spare")
        self.machines = (
            self.office, self.laptop, self.netbook, self.sam, self.noa, self.spare, self.kim, self.old,
        )
        self.ids: dict[str, str] = {}
        self.genesis = ""
        self.page, self.hub = root / "paper" / "recovery-page.txt", root / "hub.git"
        folders = "paper papers secrets sealed-lines stick-blue stick-red backups/open backups/sealed exports"
        for folder in folders.split():
            (root / folder).mkdir(parents=True, mode=0o700)
        for name, words in SECRETS.items():
            file = root / "secrets" / f"{name}.txt"
            file.write_text(words + "\n", encoding="utf-8")

    def secret(self, name: str) -> Path:
        """The file with a passphrase."""
        return self.stage.root / "secrets" / f"{name}.txt"

    # the practice begins

    def found(self) -> None:
        """A vault, the practice's own templates, the register."""
        at, lee = self.stage.at, self.office
        at("08-31 08:00")
        lee.v(
            "init", "practice", "--yes", "--name", "Lee Example", "--credentials", "PhD, licensed psychologist",
            "--practice", "Willow Street Counseling", "--recovery-page", self.page, where=lee.top,
        )
        self.genesis = re.search(r"genesis (sha256:[0-9a-f]{64})", lee.said)[1]
        shown = lee.v("template", "show", "dap")
        own = self.stage.path("papers", "dap.md")
        own.write_text(shown.replace("## Plan\n", "## Between sessions\n\n<!-- What was agreed until then. -->\n\n## Plan\n"))
        lee.v("template", "add", own)
        ward = self.stage.path("papers", "ward-round.md")
        ward.write_text(
            "---\ntemplate: 1\nformat: ward-round\ndate:\ntime:\nplace: field\nid:\n---\n\n"
            "## Round\n\n<!-- Who was there. -->\n\n## Next\n",
        )
        lee.v("template", "add", ward)
        ada = ("--handle", "ada", "--format", "dap", "--place", "office", "--cpt", "90834", "--diagnosis", "F33.1")
        lee.v(
            "client", "add", "Ada Bright", *ada, "--born", "1990-05-30", "--phone", "555 0100", "--slot", "Mon 09:00-09:50",
            "--emergency", "Jo Bright, 555 0101",
        )
        lee.v(
            "client", "add", "Bo Calder", "--handle", "bo", "--format", "soap", "--place", "office", "--cpt", "90834",
            "--diagnosis", "F41.0",
        )
        lee.v(
            "client", "add", "Dee and Eli Finch", "--handle", "dee-eli", "--format", "couple", "--place", "office", "--kind",
            "couple", "--cpt", "90847",
        )
        lee.v(
            "client", "add", "Fay Großmann", "--handle", "fay", "--format", "birp", "--place", "video", "--platform", "Doxy",
            "--telehealth-consent", "written, 2026-08-31", "--part2",
        )
        lee.v(
            "client", "add", "Gil Hart", "--handle", "gil", "--place", "office", "--format", "narrative", "--diagnosis", "F43.2",
        )
        lee.v("client", "add", "Hal Iver", "--handle", "hal", "--place", "office", "--format", "dap", "--diagnosis", "F43.2")
        lee.v("client", "add", "Ivo Jung", "--handle", "ivo", "--place", "office", "--format", "dap")
        lee.v("client", "add", "Uma Klein", "--handle", "uma", "--place", "office", "--format", "dap")
        lee.v("client", "edit", "ada", "--phone", "555 0102")
        lee.v("client", "edit", "ada", edit=[("\nopened:", "\nreferred-by: 'Dr Mole'\nopened:"), ("", "\nPrefers texts.\n")])

    def old_notes(self) -> None:
        """Notes from before: signed for one client, left unsigned for another."""
        at, lee = self.stage.at, self.office
        at("08-31 09:00")
        for name, raw in OLD.items():
            self.stage.path("papers", "old", name).write_bytes(raw)
        rows = ["file,client,date,time,type,format"]
        rows += ["old/2019-03-08.txt,dee-eli,2019-03-08,14:00-14:50,intake,", "old/2019-03-15 third.txt,dee-eli,,,,"]
        rows += ["old/2019-03-22.txt,dee-eli,,,,", "old/2019-03-29.md,dee-eli,,,,", "old/call.txt,dee-eli,2019-03-31,,contact,"]
        table = self.stage.path("papers", "map.csv")
        table.write_text("\n".join(rows) + "\n")
        lee.v("import", "--map", table, "--encoding", "windows-1252", "--yes")
        lee.v("sign", "dee-eli", "--imported", "--yes")
        lee.v(
            "import", "gil", self.stage.root / "papers" / "old" / "2019-03-08.txt", "--date", "2018-05-04", "--type", "intake",
            "--yes",
        )

    def weeks(self) -> None:
        """Sessions, plans, contacts; drafts that are signed in one go; a prompt of the template; a comment that stays."""
        at, lee = self.stage.at, self.office
        at("09-07 09:55")
        self.ids["ada 1"] = lee.note("ada", "09:00-09:50", dap("Slept four hours on most nights. Missed three days of work."))
        lee.note("ada", "", PLAN, "--type", "treatment-plan")
        at("09-07 10:55")
        lee.v(
            "new", "bo", "10:00-10:50", "--draft",
            edit=[("## Subjective\n", "## Subjective\n\nTook the car again.\n\n<!-- ask about the tunnel -->\n"),
                  ("## Plan\n", "## Plan\n\nOne stop by train.\n")],
        )
        at("09-07 12:58")
        lee.note("dee-eli", "12:00-12:55", "## Session\n\nBoth came. One plan made together, a small one.\n", how="--draft")
        at("09-07 17:30")
        lee.v("sign", "bo", "dee-eli", "--yes")
        at("09-08 15:58")
        fay = (
            "## Behavior\n\nTired, tearful once.\n\n## Intervention\n\nActivity scheduling.\n\n"
            "## Response\n\nPlanned two walks.\n\n## Plan\n\nNext week.\n"
        )
        self.ids["fay 1"] = lee.note("fay", "15:00-15:50", fay)
        at("09-09 14:55")
        lee.note("hal", "14:00-14:50", "## Presenting problem\n\nPanic on bridges since May.\n", "--type", "intake")
        at("09-10 11:00")
        self.ids["ivo 1"] = lee.note("ivo", "10:00-10:50", dap("First visit. Sleeps well."))
        at("09-14 09:45")
        # signed before the session's end: it says so by its own times
        self.ids["early"] = lee.note("ada", "09:00-09:50", dap("Slept five hours. Went to one evening."), "--goals", "g1,g2")
        at("09-14 13:12")
        lee.v("new", "ada", "13:05-13:09", "--type", "contact", "-m", "Rang to move Monday to ten. Moved.", "--sign")
        at("09-16 14:20")
        lee.v("new", "hal", "--type", "no-show", "-m", "No call. Texted at 14:15.", "--sign")
        at("09-17 11:00")
        self.ids["ivo 2"] = lee.note("ivo", "10:00-10:50", dap("Second visit. Spoke of a third person's illness."))
        lee.v("amend", "ivo", "--reason", "said of the cousin", edit=[("third person's", "cousin's")])

    def signed_in_many_ways(self) -> None:
        """Front matter of every kind, dates that change, zones, midnight, attestations, withdrawals, attachments."""
        at, lee = self.stage.at, self.office
        at("09-21 12:25")
        odd = lee.note("bo", "12:05-12:20", "x\n", "--type", "contact", how="--draft")
        file = next(lee.folder("bo").glob(f"notes/*-{odd}.md"))
        file.write_text(ODD.replace("id: ID", f"id: {odd}"), encoding="utf-8")
        lee.v("save", "bo")
        lee.v("sign", odd, "--yes")
        # a text with the line ends of another system
        at("09-21 13:00")
        ends = lee.note("gil", "12:30-12:40", "Rang at noon.\nWill come on Monday.\n", "--type", "contact", how="--draft")
        file = next(lee.folder("gil").glob(f"notes/*-{ends}.md"))
        file.write_bytes(file.read_bytes().replace(b"\n", b"\r\n"))
        lee.v("save", "gil")
        lee.v("sign", ends, "--yes")
        # a draft whose date is changed before it is signed; its name keeps the first one
        at("09-21 17:00")
        moved = lee.note("gil", "16:00-16:45", "Came late; spoke of his father.\n", how="--draft")
        self.ids["moved"] = moved
        file = next(lee.folder("gil").glob(f"notes/*-{moved}.md"))
        lee.edited(file, ("date: 2026-09-21", "date: 2026-09-18"))
        at("09-22 08:30")
        lee.v("sign", moved, "--yes")
        # a signed note whose date was wrong
        at("09-23 15:00")
        wrong = lee.note("gil", "14:00-14:45", "Brought the letter and read it aloud.\n", "--date", "2026-09-24")
        self.ids["corrected date"] = wrong
        at("09-23 15:20")
        lee.v("amend", wrong, "--reason", "the session was on the 23rd", edit=[("date: 2026-09-24", "date: 2026-09-23")])
        lee.v("amend", wrong, "--reason", "and began later", edit=[("14:00-14:45", "14:05-14:45")])
        # a session over midnight, in another zone, entered the next day
        at("09-25 09:10")
        self.ids["zone"] = lee.note(
            "fay", "23:30-00:40 America/Los_Angeles",
            "## Crisis\n\nRang from the coast; came down in an hour. Safe with her sister.\n", "--type", "crisis", "--date",
            "2026-09-24", "--place", "audio",
        )
        lee.note("fay", "", "## Warning signs\n\nNot eating, not answering.\n", "--type", "safety-plan")
        # left unsigned, attested weeks later, and corrected; another one whose front matter says another type than its name
        at("09-28 11:00")
        self.ids["attested"] = lee.note("gil", "10:00-10:45", "Slept badly. Wrote to his sister.\n", how="--draft")
        self.ids["other type"] = lee.note(
            "gil", "10:50-10:58", "His employer rang; he had asked her to.\n", "--type", "contact",
            how="--draft",
        )
        lee.edited(next(lee.folder("gil").glob(f"notes/*-{self.ids['other type']}.md")), ("type: contact", "type: collateral"))
        lee.v("save", "gil")

    def attested(self) -> None:
        """The statement for a note that nobody signed."""
        lee = self.office
        self.stage.at("10-20 18:00")
        lee.v("attest", self.ids["attested"], "--yes")
        lee.v("attest", self.ids["other type"], "--yes")
        lee.v("amend", self.ids["attested"], "--reason", "his brother", edit=[("his sister", "his brother")])
        lee.v("amend", self.ids["attested"], "--kind", "late-entry", "-m", "He had brought the diary; I left that out.")
        # a correction that was begun, recorded as a draft, and not signed
        lee.v("amend", self.ids["moved"], edit=[("of his father", "of his late father")], ends=1, code=13)
        lee.v("save", "gil")

    # machines

    def laptop_comes(self) -> None:
        """A second machine of Lee's: adopts over a bare remote, with the personal key of the first; seven minutes slow."""
        at, lee, laptop = self.stage.at, self.office, self.laptop
        at("09-28 12:00")
        lee.v("sync", "init-bare", self.hub)
        lee.v("sync", "add", "hub", self.hub, "--own-machine")
        lee.v("sync")
        key = self.stage.path("laptop", "home", ".ssh", "vault")
        (vault_keys,) = (lee.home / ".local/share/vaultcli/keys").iterdir()
        shutil.copy(vault_keys / "personal", key)
        shutil.copy(vault_keys / "personal.pub", f"{key}.pub")
        laptop.v(
            "init", "practice", "--adopt", self.hub, "--genesis", self.genesis, "--yes", "--as", "lee-example", "--key", key,
            where=laptop.top,
        )
        laptop.v("sync", "add", "hub", self.hub, "--own-machine")
        laptop.v("sync")
        lee.v("sync")
        # within seven minutes of the office's newest commit, the slow clock takes the line's time over
        at("09-28 13:12")
        lee.v("new", "ada", "13:05-13:10", "--type", "contact", "-m", "Asked for the invoice of August.", "--sign")
        lee.v("sync")
        at("09-28 13:15")
        laptop.v("sync")
        laptop.v("amend", self.ids["ada 1"], "--kind", "late-entry", "-m", "She had also brought last week's sleep diary.")
        laptop.v("new", "ada", "13:12-13:14", "--type", "contact", "-m", "Sent the invoice by post.", "--sign")
        at("09-28 15:40")
        laptop.v("new", "uma", "14:30-15:20", "--from", "-", "--sign", stdin=dap("First visit. Grief after a move."))
        laptop.v("sync")
        lee.v("sync")

    def netbook_comes(self) -> None:
        """A third machine, let in by the recovery page; an hour fast, then put right."""
        at, lee, netbook = self.stage.at, self.office, self.netbook
        at("09-29 10:00")
        netbook.v(
            "init", "practice", "--adopt", self.hub, "--genesis", self.genesis, "--yes", "--recovery-page", self.page, "--as",
            "lee-example", where=netbook.top,
        )
        netbook.v("sync", "add", "hub", self.hub, "--own-machine")
        at("09-29 11:00")
        self.ids["fast 1"] = netbook.note("bo", "09:55-10:45", soap("Two stops by train."))
        netbook.note(
            "fay", "11:00-11:50",
            "## Behavior\n\nRested.\n\n## Intervention\n\nNone new.\n\n## Response\n\nGood.\n\n## Plan\n\nTwo weeks.\n",
        )
        # a change of policy by the fast clock
        safety = self.stage.path("papers", "crisis.md")
        safety.write_text(
            netbook.v("template", "show", "crisis").replace("## ", "## ", 1) + "\n## Who was told\n\n<!-- And when. -->\n",
        )
        netbook.v("template", "add", safety)
        # put right: what follows on that line takes the line's time, what goes on other lines names a later policy
        netbook.fast = 0
        at("09-29 11:20")
        self.ids["fast 2"] = netbook.note("bo", "11:05-11:15", "Rang: the third stop worked.\n", "--type", "contact")
        netbook.v("client", "add", "Vic Rowe", "--handle", "vic", "--format", "dap", "--place", "office")
        netbook.note(
            "gil", "", "Asked for a letter to his union; will write.\n", "--type", "contact", "--date", "2026-09-29",
            how="--draft",
        )
        # others take it once their clocks have reached it
        at("09-29 13:30")
        netbook.v("sync")
        lee.v("sync")
        at("09-29 13:41")
        self.laptop.v("sync")

    def trainee_comes(self) -> None:
        """Sam, a trainee, with a vault of her own on her own machine; and her supervisor's signatures."""
        at, lee, sam = self.stage.at, self.office, self.sam
        at("09-30 09:00")
        sam.fast = -5  # on the first day
        sam.v(
            "init", "practice", "--adopt", self.hub, "--genesis", self.genesis, "--yes", "--as", "sam-trainee", "--name",
            "Sam Rivière", "--credentials", "MA, trainee", where=sam.top,
        )
        request = sam.root / "enrolment-request.toml"
        shutil.copy(request, self.stage.path("papers", "enrolment-request-sam.toml"))
        lee.v("people", "add", "--request", request, "--role", "trainee", "--supervisor", "lee-example", "--yes")
        lee.v("people", "add", "--name", "Pat Biller", "--credentials", "", "--role", "biller", "--yes")
        lee.v("sync")
        sam.v("sync", "add", "hub", self.hub, "--own-machine")
        sam.v("sync")
        sam.v("client", "add", "Cy Dorn", "--handle", "cy", "--format", "dap", "--place", "video", "--cpt", "90832")
        sam.v("client", "add", "Mel Nunn", "--handle", "mel", "--format", "dap", "--place", "office", "--cpt", "90832")
        at("10-01 14:35")
        sam.fast = 0
        self.ids["cy 1"] = sam.note(
            "cy", "14:00-14:30", dap("Spoke of school. Rated worry 6 of 10.", plan="Worry time at 18:00."),
        )
        at("10-01 15:40")
        self.ids["mel 1"] = sam.note("mel", "15:00-15:30", dap("Drinks less: two evenings."))
        self.ids["cy wrong"] = sam.note("cy", "15:00-15:30", dap("Mel's sister rang about the bill."))
        sam.v("sync")
        at("10-02 09:00")
        lee.v("sync")
        lee.v("cosign", "--yes", "-m", "Discussed on 2 October.")
        lee.v("amend", self.ids["cy 1"], "-m", "Talked through in supervision: keep the worry time short.")
        lee.v("sync")
        at("10-02 10:00")
        sam.v("sync")
        # a correction sends it back to the co-signer
        sam.v("amend", self.ids["cy 1"], "--reason", "the scale was 0 to 10", edit=[("6 of 10", "6 on 0 to 10")])
        sam.v("withdraw", self.ids["cy wrong"], "--reason", "wrong-client", "--yes")
        sam.v("new", "mel", "--again", self.ids["cy wrong"], "--sign", edit=[("Mel's sister", "Her sister")])
        sam.v("sync")
        at("10-02 16:00")
        lee.v("sync")
        lee.v("cosign", "--yes")
        lee.v("sync")
        at("10-08 14:40")
        sam.v("sync")
        self.ids["cy 2"] = sam.note("cy", "14:00-14:30", dap("Worry time kept on four days."))
        self.ids["sam draft"] = sam.note(
            "mel", "16:00-16:30", dap("Came with her sister."), "--date", "2026-10-07", how="--draft",
        )
        sam.v("sync")

    def promoted(self) -> None:
        """Sam becomes a clinician; one note still waits for the supervisor."""
        at, lee, sam = self.stage.at, self.office, self.sam
        at("10-12 09:00")
        lee.v("sync")
        lee.v(
            "people", "add", "--as", "sam-trainee", "--name", "Sam Rivière", "--role", "clinician", "--credentials",
            "PsyD, licensed psychologist", "--yes",
        )
        lee.v("sync")
        # she has not synced yet, and still signs as a trainee
        at("10-12 11:40")
        self.ids["cy offline"] = sam.note("cy", "11:00-11:30", dap("Came before the exam. Worry 5 of 10."))
        sam.v("sync")
        at("10-12 14:40")
        self.ids["cy 3"] = sam.note("cy", "14:00-14:30", dap("First session after the exam. Worry 3 of 10."))
        sam.v("sign", self.ids["sam draft"], "--yes")
        sam.v("amend", self.ids["mel 1"], "--reason", "three evenings", edit=[("two evenings", "three evenings")])
        sam.v("sync")
        at("10-12 18:00")
        lee.v("sync")
        lee.v("cosign", "--yes", "-m", "Signed as trainee; read today.")
        lee.v("sync")

    def cover(self) -> None:
        """Noa covers for a week, from Berlin, with an ECDSA key of hers; later her work here ends."""
        at, lee, laptop, noa = self.stage.at, self.office, self.laptop, self.noa
        at("10-13 09:00")
        key = self.stage.path("noa", "home", ".ssh", "id_ecdsa")
        subprocess.run(["ssh-keygen", "-q", "-t", "ecdsa", "-b", "256", "-N", "", "-C", "noa", "-f", key], check=True)
        noa.v(
            "init", "practice", "--adopt", self.hub, "--genesis", self.genesis, "--yes", "--as", "noa-cover", "--name",
            "Noa Cover", "--credentials", "LCSW", "--key", key, where=noa.top,
        )
        # the slow laptop lets her in, minutes after the office changed the policy
        lee.v("people", "add", "--as", "pat-biller", "--credentials", "billing", "--yes")
        lee.v("sync")
        at("10-13 09:05")
        laptop.v("sync")
        laptop.v("people", "add", "--request", noa.root / "enrolment-request.toml", "--role", "clinician", "--yes")
        laptop.v("sync")
        lee.v("sync")
        noa.v("sync", "add", "hub", self.hub, "--agreement", "covering agreement of 2026-10-12")
        noa.v("sync")
        at("10-14 12:00")
        # her machine is in Berlin; the session was at the office's time
        self.ids["noa"] = noa.note(
            "ada", "11:00-11:50 America/New_York",
            dap("Covering session by video. Kept one evening.", plan="Lee is back on Monday."), "--place", "video",
        )
        noa.v("amend", self.ids["early"], "-m", "She asked about this note; I read it to her.")
        at("10-14 12:20")
        # her role is narrowed while she is offline; what she opens is under the policy that she knows
        lee.v("people", "add", "--as", "noa-cover", "--role", "covering", "--yes")
        lee.v("sync")
        noa.v("client", "add", "Ola Penn", "--handle", "ola", "--format", "dap", "--place", "video")
        self.ids["noa twice"] = noa.note(
            "ada", "11:00-11:50 America/New_York", dap("Covering session by video. Kept one evening."),
            "--place", "video",
        )
        noa.v("sync")
        at("10-19 08:30")
        lee.v("sync")
        # the custodian takes out what the colleague entered twice
        lee.v("withdraw", self.ids["noa twice"], "--reason", "duplicate", "-m", "Entered twice.", "--yes")
        lee.v("people", "end", "noa-cover", "--recovery-page", self.page)
        lee.v("sync")

    def attach_and_withdraw(self) -> None:
        """Files as they came; what was entered by mistake."""
        at, lee, laptop = self.stage.at, self.office, self.laptop
        at("10-19 11:00")
        consent = self.stage.path("papers", "consent.pdf")
        consent.write_bytes(PDF)
        scan = self.stage.path("papers", "page 1.png")
        scan.write_bytes(PNG)
        letter = self.stage.path("papers", "Brief (Übersetzung).txt")
        letter.write_bytes("Sehr geehrte Frau Example,\r\nanbei der Bericht für Sie.\r\n".encode())
        lee.v("attach", "ada", consent, letter, "--kind", "consent", "-m", "On paper, too.")
        lee.v("attach", "bo", scan, "--kind", "outside-record", "--date", "2026-10-05")
        described = lee.newest("ada", "notes/*-attachment-????????????????.md")
        lee.v("amend", described, "--reason", "the day it was signed", edit=[("date: 2026-10-19", "date: 2026-10-16")])
        at("10-19 12:30")
        twice = lee.note("fay", "12:00-12:20", "Rang about the prescription.\n", "--type", "contact")
        lee.v("withdraw", twice, "--reason", "entered-in-error", "-m", "That was another call.", "--yes")
        gone = lee.note("fay", "12:00-12:20", "Rang about the prescription.\n", "--type", "contact", how="--draft")
        lee.v("withdraw", gone, "--reason", "duplicate", "--yes")
        at("10-19 17:00")
        laptop.v("sync")
        # an editor window left open for weeks writes over a signed note; the text is put aside
        signed = next(laptop.folder("bo").glob(f"notes/*-{self.ids['fast 1']}.md"))
        old = signed.read_text(encoding="utf-8")
        signed.write_text(old[: old.index("signed:\n")] + "---\n\nan old draft, typed weeks ago\n", encoding="utf-8")
        laptop.v("save", "--put-back")
        laptop.v("sync")
        lee.v("sync")

    def netbook_lost(self) -> None:
        """The netbook is lost: both its keys end, every line that they signed is settled; one line was begun anew before."""
        at, lee, netbook = self.stage.at, self.office, self.netbook
        at("10-21 09:00")
        netbook.v("sync")
        # what the netbook recorded last, and nobody ever received
        netbook.note("uma", "08:30-08:50", "Rang before she went to work.\n", "--type", "contact")
        # a line that the netbook signed on is begun anew while its key still counts
        at("10-22 09:00")
        lee.v("sync")
        typed = lee.note(
            "fay", "", "The client's neighbour's name and number, typed into the wrong window.\n", "--type", "contact",
            "--date", "2026-10-22", how="--draft",
        )
        file = next(lee.folder("fay").glob(f"notes/*-{typed}.md"))
        lee.edited(file, ("The client's neighbour's name and number, typed into the wrong window.", "Rang to say she is well."))
        lee.v("save", "fay")
        lee.v("succeed", "fay", "--ground", "plaintext-incident", "--seal", self.stage.root / "sealed-lines", "--yes")
        lee.v("sync")
        at("10-23 09:00")
        keys = json.loads(lee.v("people", "list", "--json"))
        (me,) = (one for one in keys["people"] if one["id"] == "lee-example")
        ends = [key["fingerprint"] for key in me["keys"] if key["added"].startswith("2026-09-29")]
        assert len(ends) == 2, me
        self.ids["netbook keys"] = " ".join(ends)
        lee.v("people", "end", "lee-example", *(word for one in ends for word in ("--key", one)), "--reason", "lost")
        lee.v("sync")
        at("10-23 10:00")
        self.laptop.v("sync")
        self.sam.v("sync")

    def successions(self) -> None:
        """Lines begun anew: sealed, deleted, twice, with a trainee's notes and with notes of a key that has ended."""
        at, lee, sam = self.stage.at, self.office, self.sam
        at("10-26 12:05")
        wrong = lee.note("bo", "12:00-12:04", "Eli rang about the invoice for their sessions; will write.\n", "--type", "contact")
        lee.v("withdraw", wrong, "--reason", "wrong-client", "--yes")
        lee.v("new", "dee-eli", "--again", wrong, "--sign", edit=[("Eli rang", "He rang")])
        at("10-26 17:00")
        sealed = self.stage.root / "sealed-lines"
        lee.v("succeed", "bo", "--ground", "misfiled-text", "--seal", sealed, "--yes")
        lee.v("succeed", "cy", "--ground", "misfiled-text", "--seal", sealed, "--yes")
        lee.v(
            "succeed", "ivo", "--ground", "court-order", "--leave-out", self.ids["ivo 2"], "--delete", "--yes",
            "--recovery-page", self.page,
        )
        at("10-26 18:00")
        lee.v("new", "fay", "17:40-17:45", "--type", "contact", "-m", "Asked whose neighbour that was.", "--sign")
        self.ids["fay wrong"] = lee.newest("fay", "notes/*-contact-????????????????.md").stem.rpartition("-")[2]
        lee.v("withdraw", self.ids["fay wrong"], "--reason", "wrong-client", "--yes")
        lee.v("succeed", "fay", "--ground", "misfiled-text", "--seal", sealed, "--yes")
        lee.v("sync")
        at("10-27 09:00")
        self.laptop.v("sync")
        sam.v("sync")
        # life goes on, on the new lines
        at("10-29 14:40")
        sam.note("cy", "14:00-14:30", dap("Worry 2 of 10. Wants to end in December."))
        sam.v("amend", self.ids["cy 2"], "--kind", "late-entry", "-m", "The school had written; I left that out.")
        sam.v("sync")
        lee.v("sync")
        lee.note("bo", "13:00-13:50", soap("Rode the whole line."), "--date", "2026-10-29", how="--draft")
        lee.v("sign", "bo", "--yes")
        lee.v("sync")

    def autumn(self) -> None:
        """A group, plan review, a closed chart; the demo's way of setting the clock; the hour that comes twice."""
        at, lee, laptop = self.stage.at, self.office, self.laptop
        at("11-01 01:40")
        # the night in which clocks go back
        laptop.v("sync")
        laptop.v("new", "ada", "01:10-01:35", "--type", "contact", "-m", "Rang at night; panic, came down.", "--sign")
        laptop.v("sync")
        at("11-02 10:00")
        lee.v("sync")
        lee.note(
            "ada", "",
            "## Goals\n\n### g1 · Sleep through the night\n\nStatus: met 2026-11-02\n\n"
            "### g2 · Two evenings a week with others\n\n- g2.1 · Two kept evenings\n\n"
            "## Plan\n\nMonthly.\n",
            "--type", "plan-review",
        )
        at("11-03 18:35")
        lee.v(
            "client", "add", "Tuesday skills", "--handle", "tuesday", "--kind", "group", "--members", "ada,bo,gil", "--slot",
            "Tue 17:00", "--place", "office", "--cpt", "90853",
        )
        lee.v("new", "tuesday", "17:00-18:30", "--from", "-", stdin=GROUP)
        for who in ("ada", "bo"):
            edit = [
                (f"## {title}\n", f"## {title}\n\n{title} of this client, in own words.\n")
                for title in ("Participation", "Response", "Progress and risk", "Plan")
            ]
            lee.v("edit", who, "--sign", edit=edit)
        lee.v("client", "edit", "tuesday", "--members", "ada,gil")
        lee.v("edit", "gil", "--draft", edit=[("## Participation\n", "## Participation\n\nSaid little.\n")])
        at("11-04 15:00")
        lee.note("hal", "", "## Reason for ending\n\nCrosses bridges again.\n", "--type", "discharge")
        lee.v("client", "close", "hal")
        lee.v("client", "close", "ivo")
        lee.v("client", "close", "ivo", "--reopen")
        lee.v(
            "client", "edit", "ada",
            edit=[("\nopened:", "\nhold: litigation, from 2026-11-04\nretain-until: 2040-01-01\nopened:")],
        )
        lee.v("sync")
        # the laptop with a clock that was set, as in the demo
        at("11-05 09:55")
        laptop.clock = "set"
        laptop.v("sync")
        laptop.note("ada", "09:00-09:50", dap("Slept seven hours."), "--goals", "g2")
        laptop.note(
            "dee-eli", "", "## Session\n\nTold by letter that they are well.\n", "--type", "contact", "--date", "2026-11-05",
            "--place", "office",
        )
        laptop.v("sync")
        lee.v("sync")

    def travel(self) -> None:
        """Lee with the laptop in Auckland: another day there; one draft signed at home, whose zone nobody wrote down."""
        at, lee, laptop = self.stage.at, self.office, self.laptop
        at("11-05 15:40")
        laptop.zone, laptop.clock = "Pacific/Auckland", "system"
        laptop.v("sync")
        laptop.note(
            "ada", "14:30-15:20 America/New_York", dap("By video, from far away."), "--date", "2026-11-05", "--place", "video",
        )
        self.ids["far"] = laptop.note("dee-eli", "09:00-09:40", "## Session\n\nBy video; both at the table.\n", how="--draft")
        laptop.v("sync")
        at("11-05 17:00")
        lee.v("sync")
        lee.v("sign", self.ids["far"], "--yes")
        lee.v("sync")
        laptop.zone = "America/New_York"

    def colleague(self) -> None:
        """Kim, in a practice of her own: SHA-1, an RSA key with a passphrase, and a script that went past the hooks."""
        at, kim = self.stage.at, self.kim
        at("11-06 08:00")
        key = self.stage.path("kim", "home", ".ssh", "id_rsa")
        subprocess.run(
            ["ssh-keygen", "-q", "-t", "rsa", "-b", "3072", "-N", SECRETS["kims-key"], "-C", "kim", "-f", key], check=True,
        )
        page = self.stage.path("paper", "recovery-page-kim.txt")
        phrase = ((r"(?i)passphrase[^\n]*: ", SECRETS["kims-key"] + "\r"),)
        kim.v(
            "init", "practice", "--yes", "--name", "Kim Colleague", "--credentials", "LMFT", "--key", key, "--recovery-page",
            page, "--object-format", "sha1", typed=phrase, where=kim.top,
        )
        kim.v("client", "add", "Kit Lorn", "--handle", "kit", "--format", "dap", "--place", "office")
        kim.v("client", "add", "Una Moss", "--handle", "una", "--format", "soap", "--place", "office")
        at("11-06 11:00")
        kim.v("new", "kit", "10:00-10:50", "-m", "Came on time.", "--sign", typed=phrase)
        kim.v("new", "una", "09:00-09:50", "-m", "Came late.", "--draft")
        kim.v("amend", "kit", "-m", "Rang at noon.", typed=phrase)
        # a backup script commits with plain git, past the hooks, signed by the machine's key
        file = kim.newest("una")
        file.write_text(file.read_text(encoding="utf-8") + "\nAnd left early.\n", encoding="utf-8")
        (store,) = (kim.home / ".local/share/vaultcli/keys").iterdir()
        git = (
            f"git -c core.hooksPath=/dev/null -c gpg.format=ssh -c user.signingkey={store / 'machine'} "
            "-c user.name='Kim Colleague' -c user.email=kim-colleague commit -q -S -a -m"
        )
        policy = kim.sh("git rev-parse practice", where=kim.chart).strip()
        kim.sh(f"{git} 'draft {file.stem.rpartition('-')[2]}' -m 'Policy: sha1:{policy}'", where=kim.folder("una"))
        text = file.read_text(encoding="utf-8")
        file.write_text(text + "\nLater: rang.\n", encoding="utf-8")
        kim.sh(f"{git} 'backup of today'", where=kim.folder("una"))
        verdict = json.loads(kim.v("verify", "--json", code=1))
        for one in verdict["findings"]:
            kim.v(
                "exception", "add", "una", "--commit", one["commit"], "--finding", one["rule"],
                "--reason", "my backup script committed past the hooks", "--yes", typed=phrase,
            )
        at("11-06 17:00")
        kim.v("sign", "una", "--yes", typed=phrase)
        kim.v("verify", code=12)
        # an older computer of Kim's is let in, and stolen; the thief records, and it is synced before the theft is seen
        old = self.old
        at("11-06 18:00")
        hub = self.stage.root / "kims-hub.git"
        kim.v("sync", "init-bare", hub)
        kim.v("sync", "add", "hub", hub, "--own-machine")
        kim.v("sync")
        genesis = "sha1:" + kim.sh("git rev-list --max-parents=0 practice", where=kim.chart).strip()
        old.v("init", "practice", "--adopt", hub, "--genesis", genesis, "--yes", "--recovery-page", page, where=old.top)
        old.v("sync", "add", "hub", hub, "--own-machine")
        old.v("new", "una", "17:00-17:50", "-m", "Came on time for once.", "--sign")
        old.v("sync")
        good = old.sh("git rev-parse HEAD", where=old.folder("una")).strip()
        at("11-06 23:00")
        old.v("new", "una", "--type", "contact", "--place", "office", "-m", "Typed by a thief.", "--draft")
        old.v("sync")
        at("11-06 23:30")
        kim.v("sync")
        people = json.loads(kim.v("people", "list", "--json"))["people"]
        stolen = [key["fingerprint"] for key in people[0]["keys"] if key["added"] >= "2026-11-06T18"]
        keys = [word for one in stolen for word in ("--key", one)]
        kim.v("people", "end", "kim-colleague", *keys, "--reason", "compromised", "--line", f"una={good}", typed=phrase)
        verdict = json.loads(kim.v("verify", "--json", code=1))
        for one in verdict["findings"]:
            kim.v(
                "exception", "add", "una", "--commit", one["commit"], "--finding", one["rule"],
                "--reason", "recorded by whoever stole the computer", "--yes", typed=phrase,
            )
        kim.v("verify", code=12)
        kim.v("sync")

    # the sealed notes

    def sealed_begin(self) -> None:
        """Psychotherapy notes on the office's machine: page and stick, notes, an addition, an attachment, an edit."""
        at, lee = self.stage.at, self.office
        at("11-07 09:00")
        lee.v(
            "psychotherapy", "init", "--page", self.stage.path("paper", "psychotherapy-page-1.html"), "--copy",
            self.stage.root / "stick-blue", "--label", "blue", "--passphrase-file", self.secret("notes-first"),
        )
        lee.v("psychotherapy", "verify", "--separation", self.stage.path("papers", "separation-1.toml"))
        with unlocked(lee, "notes-first"):
            lee.v(
                "psychotherapy", "new", "ada", "--session", "14", "-m", "-",
                stdin="She lost the thread twice, and I let it be.\nWhat if the river is the mother tongue?\n",
            )
            lee.v(
                "psychotherapy", "new", "bo", "--date", "2026-11-05", "--context", "joint", "-m", "-",
                stdin="The train is his father's.\n",
            )
            lee.v("psychotherapy", "new", "gil", "-m", "-", stdin="This drawer will be destroyed.\n")
            lee.v("psychotherapy", "add", "ada", "-m", "-", stdin="In supervision: stay with the silence.\n")
            drawing = self.stage.path("papers", "drawing.bin")
            drawing.write_bytes(bytes(range(256)) * 20)
            lee.v("psychotherapy", "attach", "ada", drawing, "-m", "-", stdin="Her drawing of the river.\n")
            drawing.unlink()
            lee.v("psychotherapy", "new", "ada", "-m", "-", stdin="Second thought: the bridge.\n")
            lee.v("psychotherapy", "edit", "ada", "-m", "-", stdin="Second thought: the bridge, and who built it.\n")
            rows = json.loads(lee.v("psychotherapy", "list", "--json"))["clients"]
            ada = next(one for one in rows if one["handle"] == "ada")
            # two notes that stock age sealed, one of them confirmed
            for text in ("Sealed with age alone, then confirmed.", "Sealed with age alone, and left so."):
                lee.sh(
                    f"printf '%s\\n' '{text}' | age -r {ada['recipient']} -o psychotherapy/{ada['token']}/today.age",
                    env={"LD_PRELOAD": ""},
                )
                lee.v("psychotherapy", "save")
                if "confirmed" in text:
                    lee.v("psychotherapy", "confirm", "ada")
            lee.v("psychotherapy", "show", "ada~1")
            lee.v("psychotherapy", "search", "river")

    def sealed_machines(self) -> None:
        """A second machine by the page, a third by the stick; both write at once, and one of them is lost."""
        at, lee, laptop, netbook = self.stage.at, self.office, self.laptop, self.netbook
        at("11-08 09:00")
        hub = self.stage.root / "sealed-hub.git"
        lee.v("psychotherapy", "sync", "init-bare", hub)
        lee.v("psychotherapy", "sync", "add", "hub", hub, "--own-machine")
        lee.v("psychotherapy", "sync")
        laptop.v(
            "psychotherapy", "init", "--adopt", hub, "--page", self.stage.root / "paper" / "psychotherapy-page-1.html",
            "--passphrase-file", self.secret("notes-laptop"),
        )
        laptop.v("psychotherapy", "sync", "add", "hub", hub, "--own-machine")
        laptop.v("psychotherapy", "sync")
        lee.v("psychotherapy", "sync")
        with unlocked(laptop, "notes-laptop"), unlocked(lee, "notes-first"):
            bo = json.loads(lee.v("psychotherapy", "list", "bo", "--json"))["notes"][0]["id"]
            lee.v("psychotherapy", "edit", bo, "-m", "-", stdin="The train is his father's, and he knows it.\n")
            laptop.v("psychotherapy", "edit", bo, "-m", "-", stdin="The train is his father's watch.\n")
            laptop.v("psychotherapy", "new", "fay", "-m", "-", stdin="Who rang that night?\n")
            lee.v("psychotherapy", "sync")
            laptop.v("psychotherapy", "sync")
            lee.v("psychotherapy", "sync")
            # both texts stand beside each other until somebody unites them
            lee.v("psychotherapy", "show", bo)
            lee.v("psychotherapy", "edit", bo, "-m", "-", stdin="The train is his father's, and the watch too.\n")
            # and one that stays apart
            fay = json.loads(lee.v("psychotherapy", "list", "fay", "--json"))["notes"][0]["id"]
            lee.v("psychotherapy", "edit", fay, "-m", "-", stdin="Who rang that night? Not her sister.\n")
            laptop.v("psychotherapy", "edit", fay, "-m", "-", stdin="Who rang that night? Ask again.\n")
            # and both begin a drawer for the same client
            lee.v("psychotherapy", "new", "hal", "-m", "-", stdin="Bridges are not the point.\n")
            laptop.v("psychotherapy", "new", "hal", "-m", "-", stdin="Bridges are the point.\n")
            lee.v("psychotherapy", "sync")
            laptop.v("psychotherapy", "sync")
            lee.v("psychotherapy", "sync")
        at("11-09 09:00")
        genesis = "sha256:" + lee.sh("git rev-list --max-parents=0 sealed", where=lee.root / "psychotherapy").strip()
        stick = self.stage.root / "stick-blue" / "psychotherapy-keys" / "epoch.age"
        netbook.v(
            "psychotherapy", "init", "--adopt", hub, "--genesis", genesis, "--epoch", stick, "--passphrase-file",
            self.secret("notes-netbook"), typed=[(r"(?i)passphrase[^\n]*: ", SECRETS["notes-first"] + "\r")],
        )
        line = re.search(r"keys admit (ssh-\S+ \S+)", netbook.said)[1]
        lee.v("keys", "admit", *line.split(), "--yes")
        lee.v("psychotherapy", "sync")
        netbook.v("psychotherapy", "sync", "add", "hub", hub, "--own-machine")
        netbook.v("psychotherapy", "sync")

    def handed_over(self) -> None:
        """One client's notes to a colleague, who takes them in; the same for a trainee with stock age; an end to it."""
        at, lee, kim = self.stage.at, self.office, self.kim
        at("11-10 09:00")
        key = self.stage.path("kim", "home", ".ssh", "id_ed25519")
        subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-C", "kim", "-f", key], check=True)
        kim.v("psychotherapy", "init", "--identity", f"ssh:{key}", "--single-copy", "--object-format", "sha1")
        kim.v("psychotherapy", "new", "kit", "-m", "-", stdin="Kim's own thought of Kit.\n")
        sams = self.stage.path("sam", "home", ".ssh", "id_ed25519")
        subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-C", "sam", "-f", sams], check=True)
        first, second, third = (self.stage.path("papers", f"share-{word}.age") for word in ("1", "2", "sam"))
        lee.v(
            "psychotherapy", "share", "ada", "--with", f"{key}.pub", "--basis", "supervision", "-o", first, "--yes",
            typed=answer("notes-first"),
        )
        kim.v("keys", "accept", first, "--as", "Lee, Tuesdays", "--yes")
        with unlocked(lee, "notes-first"):
            lee.v("psychotherapy", "new", "ada", "--session", "15", "-m", "-", stdin="She brought the river again.\n")
        lee.v(
            "psychotherapy", "share", "ada", "--with", f"{key}.pub", "--basis", "supervision", "-o", second, "--yes",
            typed=answer("notes-first"),
        )
        kim.v("keys", "accept", second, "--yes")
        lee.v(
            "psychotherapy", "share", "bo", "--with", f"{sams}.pub", "--basis", "trainee", "--agreement", "2026-09-30", "-o",
            third, "--yes", typed=answer("notes-first"),
        )
        at("11-11 09:00")
        lee.v("psychotherapy", "revoke", "ada", "--with", f"{key}.pub", "--yes", typed=answer("notes-first"))
        with unlocked(lee, "notes-first"):
            lee.v(
                "psychotherapy", "new", "ada", "--session", "16", "-m", "-",
                stdin="What was handed over does not hold this one.\n",
            )
        kim.v("psychotherapy", "show", "--json", "Lee, Tuesdays")
        kim.v("psychotherapy", "verify", "--unlocked")

    def rotated_and_destroyed(self) -> None:
        """A new passphrase; a lost machine's key ended; one client's notes destroyed, a new epoch, certificates."""
        at, lee, laptop = self.stage.at, self.office, self.laptop
        at("11-12 09:00")
        lee.v("keys", "rotate", "--passphrase-file", self.secret("notes-rotated"), typed=answer("notes-first"))
        lee.v("keys", "copies", "add", self.stage.root / "stick-red", "--label", "red", typed=answer("notes-rotated"))
        rows = json.loads(lee.v("keys", "list", "--json"))
        machines = rows["keys"] if isinstance(rows, dict) and "keys" in rows else rows
        (lost,) = (one for one in machines if one["added"].startswith("2026-11-09"))
        lee.v("keys", "revoke", lost.get("name") or lost.get("machine") or lost["fingerprint"], "--reason", "lost", "--yes")
        lee.v("psychotherapy", "sync")
        laptop.v("psychotherapy", "sync")
        at("11-13 09:00")
        lee.v("keys", "test-recovery", "--page", self.stage.root / "paper" / "psychotherapy-page-1.html")
        lee.v(
            "psychotherapy", "emergency", "list", "--page", self.stage.root / "paper" / "psychotherapy-page-1.html", "--reason",
            "tried once",
        )
        # the red stick is not plugged in, and stays pending
        away = self.stage.root / "stick-red-away"
        (self.stage.root / "stick-red").rename(away)
        first, second = (self.stage.path("paper", f"psychotherapy-page-{number}.html") for number in (1, 2))
        lee.v(
            "psychotherapy", "destroy", "gil", "--certificate", self.stage.path("papers", "certificate.toml"),
            "--page", second, "--old-page", first, "--yes-destroy", "gil", typed=answer("notes-rotated"), code=1,
        )
        away.rename(self.stage.root / "stick-red")
        lee.v("psychotherapy", "destroy", "--confirm", "recovery page", typed=answer("notes-rotated"), code=1)
        laptop.v("psychotherapy", "sync")
        laptop.v(
            "keys", "receive", self.stage.root / "paper" / "psychotherapy-page-2.html", "--yes", typed=answer("notes-laptop"),
        )
        laptop.v("psychotherapy", "sync")
        lee.v("psychotherapy", "sync")
        lee.v("psychotherapy", "destroy", "--status", typed=answer("notes-rotated"), code=1)
        with unlocked(lee, "notes-rotated"):
            lee.v(
                "psychotherapy", "new", "dee-eli", "--context", "family", "-m", "-",
                stdin="The first note of the second epoch.\n",
            )
            lee.v("psychotherapy", "show", "ada")

    def page_renewed(self) -> None:
        """Somebody may have seen the new page: new secrets, the recovery signer's key ends."""
        lee = self.office
        self.stage.at("11-13 12:00")
        paper = self.stage.root / "paper"
        lee.v(
            "keys", "page", paper / "psychotherapy-page-3.html", "--old", paper / "psychotherapy-page-2.html", "--renew", "--yes",
            typed=answer("notes-rotated"),
        )
        lee.v("psychotherapy", "sync")
        self.laptop.v("psychotherapy", "sync")

    def crashed(self) -> None:
        """An editor is open on a sealed note when the power goes: a sealed recovery copy stays."""
        lee = self.office
        self.stage.at("11-13 17:00")
        with unlocked(lee, "notes-rotated"):
            code = (
                "import pathlib, sys, time\nfile = pathlib.Path(sys.argv[-1])\n"
                "file.write_text(file.read_text(encoding='utf-8') + '\\nHalf a sentence about the\\n', encoding='utf-8')\n"
                "print('saved', flush=True)\ntime.sleep(60)"
            )
            env = {**lee.env(), "EDITOR": shlex.join((sys.executable, "-IS", "-c", code))}
            killed([str(VAULTCLI), "psychotherapy", "new", "bo"], env, lee.root)
            self.stage.told.append("office $ vaultcli psychotherapy new bo      (killed while the editor was open)\n")
            lee.v("psychotherapy", "recover")
            lee.v("psychotherapy", "log", "--access")
            lee.v("psychotherapy", "verify", "--unlocked")
        # 0.1.0 counts its own access log and recovery copies, in the state folder, as the chart's: findings
        lee.v("psychotherapy", "verify", "--separation", self.stage.path("papers", "separation-2.toml"), code=1)
        lee.v("psychotherapy", "sync")
        self.laptop.v("psychotherapy", "sync")

    # the end of the story

    def left_open(self) -> None:
        """Drafts and unrecorded edits on each machine; a line that went on in two places."""
        at, lee, laptop, sam = self.stage.at, self.office, self.laptop, self.sam
        at("11-16 09:00")
        lee.v("sync")
        laptop.v("sync")
        sam.v("sync")
        # both write on one client's line before they sync
        lee.note("uma", "08:00-08:50", dap("Went to the grave."), "--date", "2026-11-16")
        laptop.note("uma", "08:00-08:50", dap("Went to the grave, and stayed."), "--date", "2026-11-16", how="--draft")
        laptop.v("new", "uma", "08:55-08:57", "--type", "contact", "-m", "Rang from the bus.", "--sign")
        lee.v("sync")
        laptop.v("sync", code=6)
        # a correction that was begun and recorded, and not signed
        lee.v(
            "new", "ada", "10:00-10:50", "--date", "2026-11-16", "--from", "-", "--draft", stdin=dap("A draft that stays open."),
        )
        kept = lee.newest("ada")
        lee.edited(kept, ("A draft that stays open.", "A draft that stays open, with words that nobody recorded."))
        file = lee.folder("bo") / "notes" / "2026-11-16-progress-4r0q2m8wkc4xe9r7.md"
        file.write_text(
            "---\nformat: soap\ndate: 2026-11-16\ntime:\nplace: office\nid: 4r0q2m8wkc4xe9r7\n---\n\n"
            "## Subjective\n\nNever saved.\n",
            encoding="utf-8",
        )
        laptop.note("dee-eli", "12:00-12:50", "## Session\n\nHalf a note.\n", "--date", "2026-11-16", how="--draft")
        sam.note("cy", "14:00-14:30", dap("Not finished yet."), "--date", "2026-11-12", how="--draft")
        laptop.v("sync", code=6)
        lee.v("sync")
        sam.v("sync")
        # the sheet of a group's session, left when the editor failed; a client whom no other machine knows yet
        lee.v(
            "new", "tuesday", "17:00-18:30", "--date", "2026-11-10",
            edit=[("## Group session\n", "## Group session\n\nStep 4.\n")], ends=1, code=13,
        )
        lee.v("client", "add", "Wes Quill", "--handle", "wes", "--format", "dap", "--place", "office")

    def given_away(self) -> None:
        """Exports of one client in every format, bundles, and backups of both kinds."""
        at, lee = self.stage.at, self.office
        at("11-17 09:00")
        out = self.stage.root / "exports"
        lee.v("export", "ada", "--markdown", "--html", "--pdf", "--jsonl", "--csv", "-o", out / "ada")
        lee.v("export", "ada", "--drafts", "--markdown", "-o", out / "ada-with-drafts")
        lee.v("export", "hal", "--pdf", "--paper", "a4", "-o", out / "hal")
        lee.v("export", self.ids["corrected date"], "--html", "-o", out / "one-note")
        lee.v("export", "--all", "--csv", "--jsonl", "-o", out / "practice")
        for handle in ("ada", "bo", "cy", "fay", "ivo"):
            lee.v("export", handle, "--bundle", out / f"{handle}.bundle")
        lee.v("backup", self.stage.root / "backups" / "open")
        identity = self.stage.path("paper", "backup-identity.txt")
        subprocess.run(["age-keygen", "-o", identity], check=True, capture_output=True)
        recipient = re.search(r"public key: (age1\S+)", identity.read_text())[1]
        lee.v("backup", self.stage.root / "backups" / "sealed", "--to", recipient, "--identity", identity)
        lee.v("restore", self.stage.root / "backups" / "open", "--recovery-page", self.page, "--try")
        # a fourth computer of Lee's, made from the backup and not in touch with the others yet
        self.spare.v(
            "restore", self.stage.root / "backups" / "open", "practice", "--recovery-page", self.page, "--yes", "--as",
            "lee-example", where=self.spare.top,
        )
        at("11-17 10:00")
        lee.v("verify")
        lee.v("status")
        lee.v("search", "worry time")

    SCENES: Sequence[Callable[[Story], None]] = (
        found, old_notes, weeks, signed_in_many_ways, laptop_comes, netbook_comes, trainee_comes, promoted,
        cover, attach_and_withdraw, attested, netbook_lost, successions, autumn, travel, colleague,
        sealed_begin, sealed_machines, handed_over, rotated_and_destroyed, page_renewed, crashed, left_open, given_away,
    )

    def play(self) -> None:
        """Everything, in order."""
        for scene in self.SCENES:
            self.stage.scene((scene.__doc__ or scene.__name__).splitlines()[0])
            scene(self)
