"""The demo's last scene: psychotherapy notes, apart from the chart and sealed."""

from __future__ import annotations

import json
import shutil

from vaultcli.cli.demo.stage import Stage

_THOUGHT = "She lost the thread twice, and I let it be. What if the river is the mother tongue?"
_KEYS = "../keys/lee-psychotherapy"


def notes(stage: Stage) -> None:
    """Begun, written, found, verified, and opened without us."""
    stage.at(5, "18:00")
    stage.narrate(
        "Last, something that is optional. Psychotherapy notes (45 CFR 164.501) are Lee's own analysis of a session. They keep "
        "their protection only while they are kept apart, so they get a repository and keys of their own, and every note is "
        "sealed before it touches a disk. Here an SSH key opens them; by itself `init` asks for a passphrase."
    )
    stage.shell("ssh-keygen -q -t ed25519 -N '' -C lee -f keys/lee-ssh", folder=".")
    stage.vaultcli(
        "psychotherapy", "init", "--identity", "ssh:../keys/lee-ssh", "--keys", _KEYS, "--page", "../psychotherapy-page.html"
    )
    stage.narrate("By itself `new` opens your editor in private memory. With `-m -` the text is typed or dictated:")
    stage.vaultcli("psychotherapy", "new", "ada", "-m", "-", typed=_THOUGHT)
    stage.vaultcli("psychotherapy", "search", "mother tongue")
    stage.vaultcli("psychotherapy", "verify")
    stage.narrate("This is what lies on the disk. The chart knows nothing of it: what is searched for there is not found.")
    stage.shell("git ls-files", folder="practice/psychotherapy")
    stage.vaultcli("search", "mother tongue", codes=(1,))
    _by_hand(stage)


def _by_hand(stage: Stage) -> None:
    """The note opened by age and tar, where age is installed."""
    if not shutil.which("age"):
        stage.narrate("With age and tar anybody who has the key opens a note; age is not installed here, so this is left out.")
        return
    stage.narrate("And it opens without vaultcli, by age and tar, each key out of the one before it:")
    (ada,) = json.loads(stage.vaultcli("psychotherapy", "list", "--json", quiet=True))["clients"]
    folder = stage.top / "practice" / "psychotherapy"
    (note,) = (path.name for path in (folder / ada["token"]).glob("*.age") if path.name != "identity.age")
    stage.shell(
        f"age -d -i ../../keys/lee-ssh ../{_KEYS}/epoch.age | age -d -i - {ada['token']}/identity.age | "
        f"age -d -i - {ada['token']}/{note} | tar -xOf - note.md",
        folder="practice/psychotherapy",
    )
