"""`vaultcli demo DIR`: a small fictional practice that walks the whole path, with the real commands."""

from __future__ import annotations

import os
import shlex
import sys
import textwrap
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, redirect_stderr
from datetime import datetime, timedelta
from pathlib import Path

import click

from vaultcli.cli import clock, terminal
from vaultcli.cli.door import run

_KEPT = ("VAULTCLI_TESTING", "VAULTCLI_CLOCK", "VAULTCLI_SETTINGS", "EDITOR", "VISUAL")


@click.command("demo")
@click.argument("folder", metavar="DIR", type=click.Path(path_type=Path))
def command(folder: Path) -> int:
    """Make a small fictional practice in DIR, and show what was done at each step.

    Everything is done by the commands that you would type, on a clock that is set back by some months; the notes say so.
    DIR must be new. Afterwards it is yours to explore, and to delete.
    """
    from vaultcli.cli import demo_story
    from vaultcli.ground.errors import Conflict

    top = folder.expanduser().absolute()
    if top.exists() and (not top.is_dir() or any(top.iterdir())):
        raise Conflict(f"{top} is there already", hint="name a new folder")
    top.mkdir(parents=True, exist_ok=True, mode=0o700)
    began = time.monotonic()
    with _surroundings():
        stage = Stage(top, clock.now())
        demo_story.tell(stage)
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


class DemoFailedError(RuntimeError):
    """A command of the demo did not end as it should: a fault of ours."""


class Stage:
    """Where the story is played: it runs commands and shows them.

    Args:
        top: the demo's folder.
        today: the real time; the story's days are counted back from the Monday of its week.
    """

    def __init__(self, top: Path, today: datetime) -> None:
        self.top = top
        monday = today - timedelta(days=today.weekday())
        self.today = monday.replace(hour=9, minute=0, second=0)
        self.count = 0
        self.when = self.today

    def at(self, days_ago: int, time_of_day: str) -> str:
        """Set the clock; gives the date."""
        hour, minute = map(int, time_of_day.split(":"))
        self.when = self.today - timedelta(days=days_ago) + timedelta(hours=hour - 9, minutes=minute)
        return f"{self.when:%Y-%m-%d}"

    def narrate(self, text: str) -> None:
        """A paragraph of the story."""
        terminal.say()
        wide = min(terminal.columns() or 100, 100)
        for row in textwrap.wrap(text, wide):
            terminal.say(terminal.paint(row, "cyan"))

    def vaultcli(
        self, *args: str, folder: str = "practice", code: int = 0, quiet: bool = False, edit: tuple[str, str] = ("", "")
    ) -> str:  # fmt: skip
        """Run one command as a user would type it, and show it with what it prints.

        Args:
            args: its words.
            folder: where it is typed, below the demo's folder.
            code: the exit code that it must have.
            quiet: show neither.
            edit: what the editor replaces, and by what.

        Raises:
            DemoFailedError: it ended otherwise.
        """
        self.count += 1
        os.chdir(self.top / folder)
        os.environ["VAULTCLI_CLOCK"] = self.when.isoformat()
        machine = "sam" if "sam" in (folder, *args[1:2]) else "lee"
        os.environ["VAULTCLI_SETTINGS"] = str(self.top / "settings" / f"{machine}.toml")
        if edit[0]:
            os.environ["VISUAL"] = os.environ["EDITOR"] = _editor(edit)
        if not quiet:
            prompt = terminal.paint(f"{folder} $", "green")
            terminal.say(f"{prompt} {shlex.join(('vaultcli', *args))}")
        said, ended = _captured(args)
        if not quiet:
            sys.stdout.write(_without(said, self.top))
        self.when += timedelta(minutes=1)
        if ended != code:
            raise DemoFailedError(f"{args[0]} ended with {ended}")
        return said

    def shell(self, command: str, *, folder: str = "practice") -> None:
        """Run a stock command and show it.

        Raises:
            DemoFailedError: it failed.
        """
        from vaultcli.ground import stock

        self.count += 1
        terminal.say(f"{terminal.paint(f'{folder} $', 'green')} {command}")
        said, ended = stock.run(command, self.top / folder)
        sys.stdout.write(_without(said, self.top))
        if ended:
            raise DemoFailedError(f"{command.split()[0]} ended with {ended}")


def _editor(edit: tuple[str, str]) -> str:
    """A stand-in for the user's editor: replaces one text by another."""
    code = (
        "import pathlib, sys; file = pathlib.Path(sys.argv[3]); old = file.read_text(encoding='utf-8'); "
        "file.write_text(old.replace(sys.argv[1], sys.argv[2], 1), encoding='utf-8')"
    )
    return shlex.join((sys.executable, "-c", code, *edit))


def _captured(args: tuple[str, ...]) -> tuple[str, int]:
    """What a command prints, on both streams in their order, and its exit code."""
    import io
    from contextlib import redirect_stdout

    stream = io.TextIOWrapper(io.BytesIO(), encoding="utf-8", write_through=True)
    with redirect_stdout(stream), redirect_stderr(stream):
        code = run(args)
    stream.flush()
    buffer = stream.buffer
    assert isinstance(buffer, io.BytesIO)
    return buffer.getvalue().decode("utf-8"), code


def _without(said: str, top: Path) -> str:
    """The text with the demo's own folder left out of paths, so that lines stay short."""
    return said.replace(f"{top}/", "../").replace(str(top), "..")


def _farewell(top: Path) -> None:
    rows: Mapping[str, str] = {
        "vaultcli client show ada": "the card before a session",
        "vaultcli show ada": "a note, its words struck and inserted",
        "vaultcli log ada": "every recorded version",
        "vaultcli verify --explain": "what the verdict says, and what it does not",
        "vaultcli new ada 14:00-14:53": "write one yourself",
        "git -C chart log --oneline --graph practice": "the practice's policy, in plain git",
    }
    terminal.say("\nTo explore:\n")
    terminal.say(f"  cd {shlex.quote(str(top / 'practice'))}")
    for line, what in rows.items():
        terminal.say(f"  {line:<46}# {what}")
    terminal.say(f"\nNobody in it exists. Delete {shlex.quote(str(top))} when you have seen enough.")
