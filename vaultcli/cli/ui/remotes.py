"""What the commands for remotes have in common, of the chart and of the psychotherapy notes: their options, and what they say."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from vaultcli.cli.ui import clock, terminal

if TYPE_CHECKING:
    from vaultcli.ground.errors import VaultError
    from vaultcli.places.remote.remotes import Remote


def add_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """NAME, URL, and by what right: `agreement` reads the two options."""
    for option in (
        click.option(
            "--agreement", metavar="TEXT", default="", help="The agreement with whoever keeps it: with whom, since when."
        ),
        click.option("--own-machine", is_flag=True, help="The machine or disk is the practice's own."),
        click.argument("url"),
        click.argument("name"),
    ):
        command = option(command)
    return command


def agreement(own_machine: bool, text: str) -> str:
    """By what right a remote may hold what is synced there, as `places.remote.remotes` records it.

    Raises:
        click.UsageError: both were given.
    """
    from vaultcli.places.remote.remotes import OWN

    if own_machine and text:
        raise click.UsageError("--own-machine or --agreement, not both")
    return OWN if own_machine else text.strip()


def tell_added(made: Remote) -> None:
    """Say what was recorded."""
    terminal.say(terminal.escape(f"{made.name} is {made.url} ({made.agreement})", keep=""))


def bare_folder(folder: Path) -> Path:
    """The folder of a bare repository that is to be made, absolute.

    Raises:
        BadInput: it is none that could be named as a remote.
    """
    from vaultcli.ground.repository import remote

    return Path(remote.address(str(folder), Path.cwd()))


def tell_bare(where: Path, command: str) -> None:
    """Say what was made, and by which command it becomes a remote."""
    terminal.say(terminal.escape(f"made {where}", keep=""))
    terminal.say(terminal.escape(f"next: {command} add NAME {where} --own-machine", keep=""))


def tell_all(rows: Iterable[tuple[Remote, datetime | None]]) -> None:
    """Say of each remote where it is, by what right, and when it was last synced."""
    now = clock.now()
    for one, time in rows:
        when = f"synced {terminal.ago(time, now)}" if time else "never synced"
        terminal.say(terminal.escape(f"{one.name}  {one.url}  {one.agreement or 'no agreement recorded'}  {when}", keep=""))


def tell_away(name: str | None, error: VaultError) -> None:
    """Say why one of several remotes was not synced; the others are gone on with."""
    terminal.warn(terminal.escape(f"{name}: not synced: {error.message}", keep=""))
    if error.hint:
        terminal.warn(terminal.escape(f"  hint: {error.hint}", keep=""))


def as_json(one: Remote, time: datetime | None) -> dict[str, Any]:
    """A remote as JSON has it (`docs/json.md`)."""
    return {"name": one.name, "url": one.url, "agreement": one.agreement, "last": time.isoformat() if time else None}


def progress(line: str) -> None:
    """Show the lines of git itself, while a person watches."""
    if sys.stderr.isatty():
        click.echo(f"\r\x1b[K{terminal.shorten(terminal.escape(line, keep=''), 78)}", err=True, nl=line.endswith("done."))
