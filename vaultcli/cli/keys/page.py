"""`vaultcli keys page`: the recovery page, printed anew."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from vaultcli.cli.door import Options, pass_options
from vaultcli.cli.keys import open_epoch
from vaultcli.cli.psychotherapy import open_store
from vaultcli.cli.psychotherapy.init_options import place
from vaultcli.cli.ui import clock, prompt, terminal
from vaultcli.ground.errors import Refused

if TYPE_CHECKING:
    from datetime import datetime

    from vaultcli.places.sealed.store import Store
    from vaultcli.psychotherapy.keys.recovery_page import Printed


@click.command("page")
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--old", type=click.Path(path_type=Path), metavar="FILE", help="The page until now: its scan, or typed.")
@click.option("--renew", is_flag=True, help="With --old: new secrets, because somebody may have seen the page.")
@click.option("--lost", is_flag=True, help="The old page is gone; the new one cannot take the recovery signer's place.")
@click.option("--yes", is_flag=True, help="Ask nothing.")
@pass_options
def command(options: Options, file: Path, old: Path | None, renew: bool, lost: bool, yes: bool) -> None:
    """Write the recovery page to FILE, to be printed and deleted.

    The recovery signer's key is on paper only, so a page is made from the page before it.

    \b
    vaultcli keys page new.html                          # the first page
    vaultcli keys page new.html --old scan.txt           # the same secrets
    vaultcli keys page new.html --old scan.txt --renew   # new secrets
    vaultcli keys page new.html --lost                   # see keys.md
    """  # noqa: D301
    if (renew and old is None) or (lost and old is not None):
        raise click.UsageError("--renew goes with --old; --lost is for a page that is not there")
    with open_store.open_store(options) as store:
        done = _printed(store, place(file), old, renew, lost, yes, clock.now())
    terminal.say(terminal.escape(f"recovery page {done.path}", keep=""))
    open_epoch.tell_sticks(done.updated, done.stale)
    burn = ", and burn the old page" if done.burn else ""
    terminal.say(f"print it, keep it apart from every copy of the repository, then delete the file{burn}")
    if done.kind != "recovery":
        terminal.warn(f"its key, {done.name}, lets machines in as a machine does; the recovery signer is gone with the old page")


def _printed(store: Store, file: Path, old: Path | None, renew: bool, lost: bool, yes: bool, now: datetime) -> Printed:
    from vaultcli.psychotherapy.keys import recovery_page

    if old is not None and not renew:
        return recovery_page.anew(store, recovery_page.read(old), file, now)
    if lost and not yes:
        terminal.warn("whoever finds the old page and a copy of the repository can open the notes that are in it, now as before")
        if not prompt.confirm("make a page without the recovery signer?"):
            raise Refused("nothing was changed")
    epoch, identities = open_epoch.unlocked(store)
    if old is not None:
        return recovery_page.renewed(store, recovery_page.read(old), epoch, identities, file, now)
    return (recovery_page.without if lost else recovery_page.first)(store, epoch, identities, file, now)
