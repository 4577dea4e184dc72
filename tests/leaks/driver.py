"""`python -m tests.leaks.driver FOLDER [HOW...]`: edits a text as `vaultcli` does, and keeps what it was given, veiled.

The folder holds `start`; there come `saved-N`, one for each state that was handed on, and `result`. All of them are
veiled (each byte XOR 0x5A), so that a search for the text finds only what others wrote.

HOW: `no-space` (no file system of one's own), `no-jail`, `no-flags`: a safeguard is off; `control`: all are, and the
text is in a plain file in the temporary folder, as an editor without us would have it; `unsealable`: sealing fails.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path

from vaultcli.ground.editor import command as editor
from vaultcli.ground.editor import jail, ram, ramfs
from vaultcli.ground.editor import profiles as editorprofiles
from vaultcli.ground.errors import DiskTrouble
from vaultcli.ground.process import linux
from vaultcli.psychotherapy.notes import edit


def veiled(raw: bytes) -> bytes:
    """The bytes as they lie on the disk, and back."""
    return bytes(byte ^ 0x5A for byte in raw)


def main(folder: Path, how: list[str]) -> None:
    """Edit, and write down what came of it."""
    start = veiled((folder / "start").read_bytes())
    (folder / "process").write_text(str(os.getpid()))
    if "control" in how:
        unguarded(start)
        return
    switch_off(how)
    saved = 0

    def autosave(text: bytes) -> None:
        nonlocal saved
        saved += 1
        part = folder / ".part"
        part.write_bytes(veiled(text))
        part.rename(folder / f"saved-{saved}")
        if "unsealable" in how:
            raise DiskTrouble("the disk is full")

    result = edit.edit(start, editor=editor.chosen(), autosave=autosave, prove=(folder / "proved").touch)
    told = {"changed": result.changed, "at_once": result.returned_at_once, "trouble": result.trouble, "told": result.told}
    (folder / "result").write_bytes(veiled(result.text) + b"\n" + json.dumps(told).encode())


def switch_off(how: list[str]) -> None:
    """Take safeguards away."""
    if "no-space" in how:
        ramfs.possible = lambda _: False  # type: ignore[assignment]
    if "no-jail" in how:
        linux.landlock_version = lambda: 0
        edit.confirmation = lambda _: None  # type: ignore[assignment]
    if "no-flags" in how:
        editorprofiles.command = lambda chosen, file: [*chosen.argv, str(file)]
    if "here-only" in how:
        ram.parents = lambda: [Path(os.environ["XDG_RUNTIME_DIR"])]


def unguarded(start: bytes) -> None:
    """What editors do when nobody keeps them: the positive control."""
    assert jail.no_core
    file = Path(tempfile.mkdtemp()) / "note.md"
    file.write_bytes(start)
    subprocess.run([*editor.chosen().argv, str(file)], check=False)
    file.unlink()


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2:])
