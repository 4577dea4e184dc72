"""`vaultcli demo DIR`: a small fictional practice that walks the whole path, with the real commands."""

from __future__ import annotations

import os
import shlex
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import click

from vaultcli.cli.ui import clock, terminal

_KEPT = ("VAULTCLI_TESTING", "VAULTCLI_CLOCK", "VAULTCLI_SETTINGS", "EDITOR", "VISUAL")


@click.command("demo")
@click.argument("folder", metavar="DIR", type=click.Path(path_type=Path))
def command(folder: Path) -> int:
    """Make a small fictional practice in DIR, and show what was done at each step.

    Everything is done by the commands that you would type, on a clock that is set back by some months; the notes say so.
    DIR must be new. Afterwards it is yours to explore, and to delete.
    """
    from vaultcli.cli.demo import story
    from vaultcli.cli.demo.stage import Stage
    from vaultcli.ground.errors import Conflict

    top = folder.expanduser().absolute()
    if top.exists() and (not top.is_dir() or any(top.iterdir())):
        raise Conflict(f"{top} is there already", hint="name a new folder")
    top.mkdir(parents=True, exist_ok=True, mode=0o700)
    began = time.monotonic()
    with _surroundings():
        stage = Stage(top, clock.now())
        story.tell(stage)
    terminal.say(f"\n{stage.count} commands in {time.monotonic() - began:.0f} s. All of it is in {top}.")
    _farewell(top)
    return 0


@contextmanager
def _surroundings() -> Iterator[None]:
    """An environment that is put back at the end: the demo has its own clock, editor and settings."""
    before = {name: os.environ.get(name) for name in _KEPT}
    here = Path.cwd()
    os.environ["VAULTCLI_TESTING"] = "1"
    try:
        yield
    finally:
        os.chdir(here)
        for name, value in before.items():
            if value is None:
                os.environ.pop(name, None)
            else:
                os.environ[name] = value
        clock.wind()


def _farewell(top: Path) -> None:
    rows: Mapping[str, str] = {
        "vaultcli client show ada": "the card before a session",
        "vaultcli show ada": "a note, its words struck and inserted",
        "vaultcli log ada": "every recorded version",
        "vaultcli search panic train": "words in all notes",
        "vaultcli template list": "what a note can begin with",
        "vaultcli verify --explain": "what the verdict says, and what it does not",
        "vaultcli new ada 14:00-14:53": "write one yourself",
        "vaultcli psychotherapy edit ada": "the sealed note, in your editor",
        "git -C chart log --oneline --graph practice": "the practice's policy, in plain git",
    }
    terminal.say("\nTo explore:\n")
    terminal.say(f"  cd {shlex.quote(str(top / 'practice'))}")
    for line, what in rows.items():
        terminal.say(f"  {line:<46}# {what}")
    terminal.say(f"\nNobody in it exists. Delete {shlex.quote(str(top))} when you have seen enough.")
