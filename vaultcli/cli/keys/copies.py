"""`vaultcli keys copies`: where `epoch.age` is beside this machine, and whether it is there."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from vaultcli.cli.door import Options, pass_options
from vaultcli.cli.keys import open_epoch
from vaultcli.cli.psychotherapy import open_store
from vaultcli.cli.psychotherapy.init_options import place as placed
from vaultcli.cli.ui import clock, terminal
from vaultcli.ground.errors import FINDINGS, OK

if TYPE_CHECKING:
    from datetime import datetime

    from vaultcli.places.sealed.store import Store
    from vaultcli.psychotherapy.keys.usb_copies import Fresh, State


@click.command("copies")
@click.argument("action", type=click.Choice(["list", "check", "add", "forget"]), default="list")
@click.argument("place", required=False, metavar="[DIR|LABEL]")
@click.option("--label", metavar="TEXT", help="With add: what you call it. Default: the name of the folder.")
@click.option("--update", is_flag=True, help="With check: write today's file where another one lies.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@pass_options
def command(options: Options, /, action: str, place: str | None, label: str | None, update: bool, as_json: bool) -> int:
    """Where else epoch.age is: it and your passphrase open every psychotherapy note, and without any copy nothing does.

    \b
    vaultcli keys copies                      # the list, compared by bytes
    vaultcli keys copies check                # opens each that can be reached
    vaultcli keys copies check --update       # writes today's file there
    vaultcli keys copies add /media/lee/blue  # writes one to a stick
    vaultcli keys copies forget blue          # off the list; the file stays

    The exit code of `check` is 1 where one is not good.
    """  # noqa: D301
    if (place is not None) != (action in ("add", "forget")):
        raise click.UsageError("add wants a folder, forget a label, list and check nothing")
    if (label and action != "add") or (update and action != "check"):
        raise click.UsageError("--label goes with add, --update with check")
    with open_store.open_store(options) as store:
        now = clock.now()
        if action == "forget":
            return _forget(store, str(place))
        if action == "add":
            return _add(store, placed(Path(str(place))), label, now)
        return _show(store, now, action == "check", update, as_json)


def _forget(store: Store, label: str) -> int:
    from vaultcli.psychotherapy.keys import usb_copies

    gone = usb_copies.forget(store.settings, label)
    terminal.say(terminal.escape(f"{gone.label} is off the list", keep=""))
    if gone.path:
        terminal.say(terminal.escape(f"the file stays where it is: {gone.path}", keep=""))
    return OK


def _add(store: Store, folder: Path, label: str | None, now: datetime) -> int:
    from dataclasses import replace

    from vaultcli.places.sealed import settings
    from vaultcli.psychotherapy.keys import usb_copies
    from vaultcli.psychotherapy.unlock import keys

    usb_copies.check_place(store.settings, folder)
    epoch, identities = open_epoch.unlocked(store)
    keys.check_epoch(store, epoch)
    fresh = usb_copies.working(store, epoch, identities)
    made = usb_copies.add(store.settings, folder, label or usb_copies.label_of(folder), fresh, now)
    if store.settings.single_copy:
        settings.put(replace(store.settings, single_copy=False))
    open_epoch.log(store, keys.Keys(store, epoch), "copy", now)
    terminal.say(terminal.escape(f"copy {made.label}: {made.path}", keep=""))
    terminal.say("keep it apart from this machine and from every copy of the repository")
    return OK


def _show(store: Store, now: datetime, opening: bool, update: bool, as_json: bool) -> int:
    from vaultcli.psychotherapy.keys import usb_copies

    number = store.state.epochs.number
    epoch, identities = open_epoch.unlocked(store) if opening else (None, [])
    found = usb_copies.states(store.settings, epoch, number, identities)
    if epoch is not None:
        fresh = usb_copies.working(store, epoch, identities)
        found = _updated(store, fresh, found, now) if update else found
        if fresh.proven:
            usb_copies.sweep(store.settings)
    if opening:
        usb_copies.confirm(store.settings, found, now)
    if as_json:
        terminal.emit_json({"single_copy": store.settings.single_copy, "epoch": number, "copies": list(map(_as_json, found))})
    else:
        _print(found, single=store.settings.single_copy)
    return FINDINGS if opening and any(one.state in (usb_copies.STALE, usb_copies.WRONG) for one in found) else OK


def _updated(store: Store, fresh: Fresh, found: Sequence[State], now: datetime) -> list[State]:
    from vaultcli.ground.errors import Conflict
    from vaultcli.psychotherapy.keys import usb_copies

    done = []
    for one in found:
        if one.state not in (usb_copies.STALE, usb_copies.WRONG) or one.copy.kind != "usb":
            done.append(one)
            continue
        try:
            written = usb_copies.update(store.settings, one.copy, fresh, now)
        except Conflict as error:
            terminal.warn(terminal.escape(error.message, keep=""))
            done.append(one)
            continue
        for left in usb_copies.aside(Path(written.path).parent):
            terminal.warn(terminal.escape(f"kept beside the new file, as nobody can say what it opens: {left}", keep=""))
        done.append(usb_copies.State(written, usb_copies.GOOD))
    return done


def _as_json(one: State) -> dict[str, object]:
    copy = one.copy
    return {
        "kind": copy.kind,
        "label": copy.label,
        "path": copy.path or None,
        "epoch": copy.epoch,
        "checked": copy.checked,
        "state": one.state,
        "why": one.why or None,
    }


def _print(found: Sequence[State], *, single: bool) -> None:
    if not found:
        terminal.warn("no copy of epoch.age is registered" + (", as you accepted" if single else ""))
        terminal.warn("`vaultcli keys copies add DIR` writes one to a stick; `vaultcli keys page FILE` makes a recovery page")
        return
    rows = []
    for one in found:
        state = f"{one.state}: {one.why}" if one.why else one.state
        rows.append((one.copy.label, one.copy.kind, one.copy.checked, state, one.copy.path))
    terminal.say(terminal.table(rows, heads=("copy", "kind", "checked", "", ""), whole=(2,)))
