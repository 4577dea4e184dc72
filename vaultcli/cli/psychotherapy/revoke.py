"""`vaultcli psychotherapy revoke`: what is written from now on opens with no key that was handed over."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from vaultcli.cli.door import Options, pass_options
from vaultcli.cli.psychotherapy import giving, open_store
from vaultcli.cli.ui import clock, prompt, terminal
from vaultcli.ground.errors import NotFound, Refused

if TYPE_CHECKING:
    from collections.abc import Sequence

    from vaultcli.psychotherapy.handover.share import Handed

_LIMITS = "What was handed over stays readable for whoever has it: the notes up to now, and every copy of them."


@click.command("revoke")
@click.argument("client")
@click.option("--with", "to", default="", metavar="RECIPIENT", help="To whom it was handed over.")
@click.option("--share", "share_id", default="", metavar="ID", help="Which hand-over; the beginning of its id will do.")
@click.option("--yes", is_flag=True, help="Ask nothing.")
@click.option("--json", "as_json", is_flag=True, help="Print it as JSON; docs/json.md describes the keys.")
@pass_options
def command(options: Options, client: str, to: str, share_id: str, yes: bool, as_json: bool) -> None:
    """End a hand-over for what is written from now on: the client's notes get a new key that nobody was given.

    It takes nothing back. One new key ends every hand-over of this client's notes; hand over anew to whom you want to keep.

    \b
    vaultcli psychotherapy revoke ada --with sam.pub
    """  # noqa: D301
    from vaultcli.psychotherapy.handover import share

    if bool(to) == bool(share_id):
        raise click.UsageError("--with RECIPIENT or --share ID says which hand-over; one of them")
    with open_store.open_store(options) as store:
        keys, _ = giving.unlock(store)
        person, known = giving.whose(options, keys, client)
        shares = share.handed(store, keys, known.token)
        meant = _meant(shares, to, share_id)
        if not yes:
            terminal.warn(terminal.escape(f"{person.name}: {', '.join(one.text for one in meant)}", keep=""))
            terminal.warn(_LIMITS)
            if not prompt.confirm("begin a new key?"):
                raise Refused("nothing was changed")
        with store.machine() as (_, signer):
            moved = share.revoke(store, keys, known, clock.now(), signer)
        # one key ends them all, so all of them are written down as ended
        for one in shares:
            if not one.revoked:
                giving.log(store, keys, "revoke", known.token, ids=(one.id,), why=f"generation {moved.generation}")
    if as_json:
        terminal.emit_json({"token": known.token, "generation": moved.generation, "shares": [one.id for one in shares]})
        return
    terminal.say(terminal.escape(f"{person.name}:", keep=""))
    terminal.say(f"from now on these notes are sealed to key {moved.generation}, which nobody was given")
    terminal.say(_LIMITS)


def _meant(shares: Sequence[Handed], to: str, share_id: str) -> list[Handed]:
    from vaultcli.psychotherapy.handover import share

    if share_id:
        found = [one for one in shares if one.id.startswith(share_id)]
    else:
        name = share.short(share.recipient(to))
        found = [one for one in shares if one.with_ == name]
    if not found:
        raise NotFound("the access log knows of no such hand-over", hint="`vaultcli psychotherapy log --access` lists them")
    return found
