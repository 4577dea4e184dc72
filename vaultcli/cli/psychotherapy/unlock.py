"""`vaultcli unlock`: one passphrase for a while of psychotherapy notes."""

from __future__ import annotations

import re

import click

from vaultcli.cli.door import Options, pass_options
from vaultcli.cli.ui import terminal

_TIME = re.compile(r"(\d{1,4}) ?(s|sec|m|min|h|)")
_UNITS = {"s": 1, "sec": 1, "m": 60, "min": 60, "": 60, "h": 3600}
LEAST, MOST = 1, 12 * 3600


@click.command("unlock")
@click.option("--for", "idle", metavar="TIME", default="15m", help="It reads until nothing was opened for so long: 90s, 15m, 2h.")
@pass_options
def command(options: Options, idle: str) -> None:
    """Ask for the passphrase of the psychotherapy notes once, for a while.

    A process of yours then opens what vaultcli asks it to, and gives no key away. When nothing was opened for the time that
    --for says (15 minutes) it reads no more; new notes can be written until `vaultcli lock`. It ends with the computer.
    """
    from vaultcli.cli.psychotherapy import open_store
    from vaultcli.psychotherapy.unlock import agent

    seconds = _seconds(idle)
    with open_store.open_store(options) as store:
        keys = open_store.keys(store)
        # every drawer's recipient is held against its pin now, and not first in the agent
        keys.drawers()
        agent.start(store, keys.epoch, seconds)
        state = agent.state(store.vault)
        terminal.say(f"unlocked; reads until nothing was opened for {spoken(seconds)}, writes until `vaultcli lock`")
        for missing in state.missing if state else ():
            terminal.warn(f"not as well kept as it could be: {missing}")


def _seconds(text: str) -> int:
    found = _TIME.fullmatch(text.strip())
    seconds = int(found[1]) * _UNITS[found[2]] if found else 0
    if not LEAST <= seconds <= MOST:
        raise click.UsageError(f"{text} is no time for --for; write it as 90s, 15m or 2h, at most 12h")
    return seconds


def spoken(seconds: int) -> str:
    """A length of time as people say it: `15 min`, `2 h`, `90 s`."""
    for size, unit in ((3600, "h"), (60, "min")):
        if seconds and seconds % size == 0:
            return f"{seconds // size} {unit}"
    return f"{seconds} s"
