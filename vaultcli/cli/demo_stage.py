"""Where the demo is played: it runs the real commands on a clock of its own, and shows them as they are typed."""

from __future__ import annotations

import os
import shlex
import sys
import textwrap
from contextlib import redirect_stderr, redirect_stdout
from datetime import datetime, timedelta
from pathlib import Path

from vaultcli.cli import terminal
from vaultcli.cli.door import run


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
