"""`vaultcli psychotherapy diff`: what changed in a psychotherapy note, by words, in memory."""

from __future__ import annotations

import click

from vaultcli.cli.door import Options, pass_options
from vaultcli.cli.ui import terminal


@click.command("diff")
@click.argument("note", required=False)
@click.argument("old", metavar="[V1", type=click.IntRange(1), required=False)
@click.argument("new", metavar="V2]", type=click.IntRange(1), required=False)
@click.option("--json", "as_json", is_flag=True, help="Print it as JSON; docs/json.md describes the keys.")
@pass_options
def command(options: Options, note: str | None, old: int | None, new: int | None, as_json: bool) -> None:
    """What changed in a psychotherapy note, by words: [-struck-] and {+inserted+}.

    Without versions the newest is compared with the one before it; with one, the newest with that. `psychotherapy log NOTE`
    numbers them. Where two machines changed the note, both texts are versions. Nothing is written anywhere.
    """
    from vaultcli.cli.psychotherapy import desk as desks
    from vaultcli.cli.ui import worddiff
    from vaultcli.ground.errors import NotFound
    from vaultcli.psychotherapy.notes import lookup

    with desks.open_desk(options) as desk:
        meant = desks.meant(desk, note)
        found = {one.number: one for one in lookup.versions(desk.store, desk.opener, meant.known, meant.file.at.id)}
        newest = max(found)
        after = new or newest
        before = old or after - 1
        if missing := [number for number in (before, after) if number not in found]:
            hint = "`vaultcli psychotherapy log NOTE` shows them"
            raise NotFound(f"there is no version {missing[0]}: there {'is 1' if newest == 1 else f'are {newest}'}", hint=hint)
        desks.note(desk, "diff", meant.known.token, [meant.file.at.id])
        left, right = (found[number].opened.contents.text.decode("utf-8", "replace") for number in (before, after))
        if as_json:
            told = {"token": meant.known.token, "id": meant.file.at.id, "from": before, "to": after}
            terminal.emit_json(told | {"pieces": worddiff.as_json(left, right)})
        else:
            terminal.say(worddiff.render(left, right, context=2) or "no difference")
