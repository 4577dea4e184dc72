"""`vaultcli sync add`, `list`, `remove` and `init-bare`: places to sync with."""

from __future__ import annotations

from pathlib import Path

import click

from vaultcli.cli.door import Options, pass_options
from vaultcli.cli.ui import remotes as shown
from vaultcli.cli.ui import terminal


def refuse_psychotherapy(root: Path, url: str) -> None:
    """Stop before the chart is synced to where the psychotherapy notes are.

    Raises:
        Refused: it would be.
    """
    from vaultcli.places.sealed import settings

    if settings.present(root):
        from vaultcli.psychotherapy.repository import remotes

        remotes.refuse_shared(settings.load(root).repository / ".git", url, "something else of this vault")


@click.command("add")
@shown.add_options
@pass_options
def add(options: Options, name: str, url: str, own_machine: bool, agreement: str) -> None:
    """Call the remote at URL by NAME: a folder, ssh://HOST/PATH, HOST:PATH or https://HOST/PATH.

    A remote gets clinical records. Under HIPAA whoever keeps them for you needs a business associate agreement with you
    (45 CFR 164.308(b), 164.504(e)); say which one, or that the machine is your own. This is a note to yourself, not
    advice.
    """
    from vaultcli.cli.open_chart import open_chart
    from vaultcli.ground.repository import remote as gitremote
    from vaultcli.work.sync import remotes

    right = shown.agreement(own_machine, agreement)
    with open_chart(options) as chart:
        refuse_psychotherapy(chart.vault.root, gitremote.address(url, Path.cwd()))
        made = remotes.add(chart, name, url, right, Path.cwd())
    shown.tell_added(made)


@click.command("list")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@pass_options
def list_(options: Options, as_json: bool) -> None:
    """The remotes, by what right each may hold the record, and when it was last synced."""
    from vaultcli.cli.open_chart import open_chart
    from vaultcli.work.sync import remotes
    from vaultcli.work.sync import sync as syncs

    with open_chart(options) as chart:
        last = syncs.syncs(chart)
        rows = [(one, last.get(one.name)) for one in remotes.listed(chart)]
    if as_json:
        told = [(one, sync.time if sync else None, bool(sync and sync.whole)) for one, sync in rows]
        terminal.emit_json([shown.as_json(one, time) | {"in_step": whole} for one, time, whole in told])
    else:
        shown.tell_all((one, sync.time if sync else None) for one, sync in rows)


@click.command("remove")
@click.argument("name")
@pass_options
def remove(options: Options, name: str) -> None:
    """Forget the remote NAME: it is not synced with or asked any more. What is there stays there.

    To move or rename a remote, remove it and add it again: the next sync finds out what it has.
    """
    from vaultcli.cli.open_chart import open_chart
    from vaultcli.work.sync import remotes

    with open_chart(options) as chart:
        left = remotes.remove(chart, name)
    terminal.say(terminal.escape(f"{name} is forgotten; what it holds is still there", keep=""))
    for branch in left:
        terminal.warn(terminal.escape(f"{branch} was not in step with {name}: its last known head there is kept", keep=""))


@click.command("init-bare")
@click.argument("folder", type=click.Path(path_type=Path))
@pass_options
def init_bare(options: Options, folder: Path) -> None:
    """Make an empty repository in FOLDER, on a disk or a shared folder, to sync this vault through.

    It takes no other vault's record, checks what it is sent, and never lets a line be deleted or rewritten.
    """
    from vaultcli.cli.open_chart import open_chart
    from vaultcli.work.sync import remotes

    where = shown.bare_folder(folder)
    with open_chart(options) as chart:
        remotes.init_bare(where, object_format=chart.repository.object_format, genesis=chart.genesis)
    shown.tell_bare(where, "vaultcli sync")
