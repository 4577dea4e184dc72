"""Where the demo is played: it runs the real commands on a clock of its own, and shows them as they are typed."""

from __future__ import annotations

import os
import shlex
import sys
import textwrap
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, redirect_stderr, redirect_stdout
from datetime import datetime, timedelta
from pathlib import Path

from vaultcli.cli.door import run
from vaultcli.cli.ui import terminal


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
        self,
        *args: str,
        folder: str = "practice",
        codes: tuple[int, ...] = (0,),
        quiet: bool = False,
        edit: Mapping[str, str] | None = None,
        without: str = "",
        typed: str = "",
    ) -> str:
        """Run one command as a user would type it, and show it with what it prints.

        Args:
            args: its words.
            folder: where it is typed, below the demo's folder.
            codes: the exit codes that it may have.
            quiet: show neither.
            edit: texts that the editor replaces, each by its own.
            without: rows that begin so are counted and not shown.
            typed: what is typed into it, shown below the command.

        Raises:
            DemoFailedError: it ended otherwise.
        """
        self.count += 1
        os.chdir(self.top / folder)
        os.environ["VAULTCLI_CLOCK"] = self.when.isoformat()
        machine = "sam" if "sam" in (folder, *args[1:2]) else "lee"
        os.environ["VAULTCLI_SETTINGS"] = str(self.top / "settings" / f"{machine}.toml")
        if edit:
            os.environ["VISUAL"] = os.environ["EDITOR"] = _editor(edit)
        if not quiet:
            prompt = terminal.paint(f"{folder} $", "green")
            terminal.say(f"{prompt} {shlex.join(('vaultcli', *args))}")
            if typed:
                terminal.say(typed)
        with _standing_in(typed):
            said, ended = _captured(args)
        if not quiet:
            sys.stdout.write(_fewer(_without(said, self.top), without))
        self.when += timedelta(minutes=1)
        if ended not in codes:
            raise DemoFailedError(f"{args[0]} ended with {ended}")
        return said

    def shell(self, command: str, *, folder: str = "practice") -> None:
        """Run a stock command and show it.

        Raises:
            DemoFailedError: it failed.
        """
        from vaultcli.ground.process import stock

        self.count += 1
        terminal.say(f"{terminal.paint(f'{folder} $', 'green')} {command}")
        said, ended = stock.run(command, self.top / folder)
        sys.stdout.write(_without(said, self.top))
        if ended:
            raise DemoFailedError(f"{command.split()[0]} ended with {ended}")

    def genesis(self) -> str:
        """The id of the vault's first commit, as the recovery page has it."""
        from vaultcli.ground.process import stock

        said, _ = stock.run("git rev-list --max-parents=0 practice", self.top / "practice" / "chart")
        return f"sha256:{said.strip()}"


def shipped(name: str) -> Path:
    """A file of `templates/demo`."""
    from vaultcli.ground import resources

    return Path(resources.folder("templates")) / "demo" / name


def note_text(name: str) -> str:
    """The path of a note's text, as somebody would have it in their inbox."""
    return str(shipped(f"{name}.md"))


def _editor(edit: Mapping[str, str]) -> str:
    """A stand-in for the user's editor: replaces texts by others."""
    code = (
        "import pathlib, sys; *words, name = sys.argv[1:]; file = pathlib.Path(name); text = file.read_text(encoding='utf-8')\n"
        "for old, new in zip(words[::2], words[1::2]): text = text.replace(old, new, 1)\n"
        "file.write_text(text, encoding='utf-8')"
    )
    return shlex.join((sys.executable, "-c", code, *(word for pair in edit.items() for word in pair)))


@contextmanager
def _standing_in(typed: str) -> Iterator[None]:
    """Standard input that holds a text; where there is none, the input stays as it is."""
    import io

    before = sys.stdin
    if typed:
        sys.stdin = io.TextIOWrapper(io.BytesIO(f"{typed}\n".encode()), encoding="utf-8")
    try:
        yield
    finally:
        sys.stdin = before


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


def _fewer(said: str, without: str) -> str:
    """The text without the rows that begin so, and how many those were."""
    rows = said.splitlines(keepends=True)
    kept = [row for row in rows if not without or not row.startswith(without)]
    left = len(rows) - len(kept)
    return "".join(kept) + (f"({left} rows that begin with “{without.strip()}” are left out here)\n" if left else "")
