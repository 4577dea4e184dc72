"""`vaultcli keys test-recovery`: open a note with the paper and the repository alone."""

from __future__ import annotations

from pathlib import Path

import click

from vaultcli.cli.door import Options, pass_options
from vaultcli.cli.keys import open_epoch
from vaultcli.cli.psychotherapy import open_store
from vaultcli.cli.ui import clock, terminal
from vaultcli.ground.errors import FINDINGS, OK


@click.command("test-recovery")
@click.option("--page", type=click.Path(path_type=Path), required=True, metavar="FILE", help="The page: its scan, or typed.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@pass_options
def command(options: Options, page: Path, as_json: bool) -> int:
    """Open a note with nothing but the recovery page and this copy of the repository, and write down that it was tried.

    No passphrase is asked for: the paper stands for it. The note is not shown. Scan the code into a file in memory, and
    delete it.

    \b
    vaultcli keys test-recovery --page /dev/shm/page.txt
    """  # noqa: D301
    now = clock.now()
    with open_store.open_store(options) as store:
        from vaultcli.psychotherapy.keys import recovery_page
        from vaultcli.psychotherapy.unlock import epoch, keys

        sheet = recovery_page.read(page.expanduser())
        found = recovery_page.tried(store, sheet, now)
        open_epoch.log(store, keys.Keys(store, epoch.opened_by_paper(sheet)), "test-recovery", now)
    if as_json:
        terminal.emit_json(
            {"epoch": found.epoch, "drawers": found.drawers, "opened_note": found.note is not None, "key": found.kind or None}
        )
    else:
        what = "one note, and its signature holds" if found.note else "no note, for none is kept yet"
        terminal.say(f"the page opens epoch {found.epoch}, {terminal.counted(found.drawers, 'drawer')}, and {what}")
        terminal.say("delete the file; the paper is enough")
    if not found.kind:
        terminal.warn("the key on the page may let no machine in; `vaultcli keys page` makes one that may")
    return OK if found.kind else FINDINGS
