"""`vaultcli psychotherapy sync`: the sealed notes of several machines brought together, without opening one."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from vaultcli.cli import Entry
from vaultcli.cli.door import Options, pass_options
from vaultcli.cli.lazygroup import SyncGroup
from vaultcli.cli.psychotherapy import open_store
from vaultcli.cli.ui import clock, terminal
from vaultcli.cli.ui import remotes as shown
from vaultcli.ground.errors import OK, VaultError

if TYPE_CHECKING:
    from vaultcli.psychotherapy.repository.sync import Outcome

_HERE = ".psychotherapy.sync"

command = SyncGroup(
    "sync",
    {
        "now": Entry(_HERE, "now", "Fetch, judge, follow or merge, and send; what `sync` alone does."),
        "add": Entry(_HERE, "add", "Name a remote, and say by what right it may hold the notes."),
        "list": Entry(_HERE, "list_", "The remotes, and when each was last synced."),
        "remove": Entry(_HERE, "remove", "Forget a remote that is gone, or is not to be asked any more."),
        "init-bare": Entry(_HERE, "init_bare", "Make an empty repository to sync through."),
    },
    help="Bring the sealed notes of several machines together. No passphrase is asked for. docs/psychotherapy/sync.md",
)


@click.command("now")
@click.argument("remote", required=False)
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@pass_options
def now(options: Options, remote: str | None, as_json: bool) -> int:
    """Fetch from REMOTE (or from each remote), judge every new commit, follow or merge it, and send what is new here.

    Where two machines edited one note, both texts stay. Nothing is opened.

    \b
    vaultcli psychotherapy sync
    vaultcli psychotherapy sync office
    """  # noqa: D301
    from vaultcli.cli.open_chart import find_vault
    from vaultcli.psychotherapy.repository import remotes, sync
    from vaultcli.psychotherapy.unlock import agent

    chart = find_vault(options).chart
    codes = [OK]
    rows: list[dict[str, object]] = []
    with open_store.open_store(options) as store:
        chosen = remotes.chosen(store, chart, remote)
        for one in chosen:
            try:
                with store.signer() as signer:
                    outcome = sync.sync(store, one.url, clock.now(), signer, shown.progress)
            except VaultError as error:
                if len(chosen) < 2:
                    raise
                shown.tell_away(one.name, error)
                codes.append(error.exit_code)
                rows.append({"remote": one.name, "error": error.message})
                continue
            remotes.remember(store, one.name, clock.now())
            if outcome.epoch:
                # what was destroyed there is not kept in memory here
                agent.forget(store)
            rows.append({"remote": one.name, **_plain(outcome)})
            if not as_json:
                _tell(one.name, outcome)
    if as_json:
        terminal.emit_json(rows)
    return max(codes)


def _tell(name: str, outcome: Outcome) -> None:
    if outcome.received:
        terminal.say(f"received {terminal.counted(outcome.received, 'commit')}")
    if outcome.merged:
        terminal.say("merged with what was written here")
    for path in outcome.beside:
        terminal.warn(f"both machines edited one note; the other text is kept beside it: {path}")
    for token, principal in outcome.drawers:
        terminal.say(f"new drawer {token}, begun by {principal}")
    if outcome.sent:
        terminal.say(f"sent {terminal.counted(outcome.sent, 'commit')}")
    if outcome.epoch:
        terminal.warn(f"epoch {outcome.epoch} began on another machine; its epoch.age is not here, and until it is nothing opens")
        terminal.warn("  bring it: `vaultcli keys receive FILE`")
    moved = outcome.received or outcome.sent
    terminal.say(terminal.escape(f"in step with {name}" if moved else f"nothing new; in step with {name}", keep=""))


def _plain(outcome: Outcome) -> dict[str, object]:
    """The JSON of one sync, version 1 (`docs/json.md`)."""
    return {
        "received": outcome.received,
        "sent": outcome.sent,
        "merged": outcome.merged,
        "beside": outcome.beside,
        "drawers": [{"token": token, "machine": principal} for token, principal in outcome.drawers],
        "epoch_missing": outcome.epoch or None,
    }


@click.command("add")
@shown.add_options
@pass_options
def add(options: Options, name: str, url: str, own_machine: bool, agreement: str) -> None:
    """Call the remote at URL by NAME: a folder, ssh://HOST/PATH, HOST:PATH or https://HOST/PATH.

    It gets sealed files and no key. Whoever keeps them for you is a business associate even so, as they maintain health
    information that they cannot read; say which agreement there is, or that the machine is your own. The place cannot be
    one of the chart's. This is a note to yourself, not advice.
    """
    from vaultcli.cli.open_chart import find_vault
    from vaultcli.psychotherapy.repository import remotes

    right = shown.agreement(own_machine, agreement)
    chart = find_vault(options).chart
    with open_store.open_store(options) as store:
        made = remotes.add(store, chart, name, url, right, Path.cwd())
    shown.tell_added(made)


@click.command("list")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@pass_options
def list_(options: Options, as_json: bool) -> None:
    """The remotes, by what right each may hold the notes, and when it was last synced."""
    from vaultcli.psychotherapy.repository import remotes

    with open_store.open_store(options) as store:
        last = remotes.last(store)
        rows = [(one, last.get(one.name)) for one in remotes.listed(store)]
    if as_json:
        terminal.emit_json([shown.as_json(one, time) for one, time in rows])
    else:
        shown.tell_all(rows)


@click.command("remove")
@click.argument("name")
@pass_options
def remove(options: Options, name: str) -> None:
    """Forget the remote NAME: it is not synced with any more. What is there stays there.

    To move or rename a remote, remove it and add it again.
    """
    from vaultcli.psychotherapy.repository import remotes

    with open_store.open_store(options) as store:
        remotes.remove(store, name)
    terminal.say(terminal.escape(f"{name} is forgotten; what it holds is still there", keep=""))


@click.command("init-bare")
@click.argument("folder", type=click.Path(path_type=Path))
@pass_options
def init_bare(options: Options, folder: Path) -> None:
    """Make an empty repository in FOLDER, on a disk or a shared folder, to sync these notes through.

    It takes no other history and nothing that is not sealed, and never lets anything be deleted or rewritten.
    """
    from vaultcli.cli.open_chart import find_vault
    from vaultcli.psychotherapy.repository import remotes

    where = shown.bare_folder(folder)
    remotes.refuse_shared(find_vault(options).chart / ".git", str(where), "the chart")
    with open_store.open_store(options) as store:
        remotes.init_bare(store, where)
    shown.tell_bare(where, "vaultcli psychotherapy sync")
