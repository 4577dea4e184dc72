"""`vaultcli keys accept`: notes that somebody handed over, checked, believed by a fingerprint, and kept to read."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from vaultcli.cli.door import Options, pass_options
from vaultcli.cli.psychotherapy import giving, open_store
from vaultcli.cli.ui import clock, prompt, terminal
from vaultcli.ground.errors import BadInput, Refused

if TYPE_CHECKING:
    from vaultcli.ground.age.seal import Identity
    from vaultcli.places.sealed.settings import Settings
    from vaultcli.psychotherapy.handover.accept import Offer

_EXAMPLES = """\b
Examples:
  vaultcli keys accept /media/usb/for-sam.age --as "Lee's client, Tuesdays"
  vaultcli keys accept for-sam.age --identity ~/.ssh/id_ed25519"""


@click.command("accept", epilog=_EXAMPLES)
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--as", "name", default="", metavar="NAME", help="What the notes are called here; asked for when left out.")
@click.option("--identity", type=click.Path(path_type=Path), metavar="FILE", help="Opens it, where it was not sealed to yours.")
@click.option("--yes", is_flag=True, help="Ask nothing: the fingerprint was compared before.")
@click.option("--json", "as_json", is_flag=True, help="Print it as JSON; docs/json.md describes the keys.")
@pass_options
def command(options: Options, file: Path, name: str, identity: Path | None, yes: bool, as_json: bool) -> None:
    """Take in a hand-over FILE: check all of it, show whose it is, ask, and keep it among your psychotherapy notes.

    Compare the fingerprint with its owner by another way, on the telephone. What you received is listed, shown and searched like
    your own, marked with its originator, and never edited. A newer file of the same notes brings them up to date.
    """
    from vaultcli.ground import files
    from vaultcli.psychotherapy.handover import accept
    from vaultcli.psychotherapy.unlock import epoch
    from vaultcli.record.sealed import share

    with open_store.open_store(options) as store:
        keys, mine = giving.unlock(store)
        raw = files.read(file.expanduser(), share.LIMIT + (1 << 20))
        if identity is None:
            identities, own = mine, {epoch.clinician_recipient(store.settings, mine), *(one.recipient for one in mine)}
        else:
            identities, own = _identities(store.settings, identity.expanduser())
        offer = accept.read(store, keys, raw, identities, own - {""})
        _show(offer)
        if not yes and not prompt.confirm("is that fingerprint theirs?"):
            raise Refused("nothing was taken in")
        if offer.before is None and not name:
            if not terminal.is_interactive():
                raise BadInput("the notes need a name here", hint="--as NAME")
            name = prompt.ask_line("what shall they be called here")
        with store.machine() as (_, signer):
            known = accept.accept(store, keys, offer, name, clock.now(), signer)
        giving.log(store, keys, "accept", known.token, ids=(offer.share.id,), why=offer.share.basis)
    if as_json:
        terminal.emit_json(_as_json(offer, known.name))
        return
    what = f"{terminal.counted(len(offer.files), 'new file')} of {offer.notes}"
    terminal.say(terminal.escape(f"{known.name}: {what}, to read and not to write", keep=""))


def _identities(settings: Settings, path: Path) -> tuple[list[Identity], set[str]]:
    """What a file opens with, and for whom that is."""
    from dataclasses import replace

    from vaultcli.ground import files
    from vaultcli.ground.age import seal as age
    from vaultcli.ground.ssh import keyfiles
    from vaultcli.psychotherapy.unlock.clinician import SSH, clinician

    if files.read(path, 1 << 20).startswith(b"-----BEGIN OPENSSH PRIVATE KEY-----"):
        given = replace(settings, identity=f"{SSH}{path}")
        return clinician(given, open_store.ask, terminal.warn), {keyfiles.public_key_of(path).line}
    found = age.read_identity_file(path, open_store.ask)
    return found, {one.recipient for one in found}


def _show(offer: Offer) -> None:
    from vaultcli.record.sealed import share

    said = offer.share
    rows = [
        ["from", said.by],
        ["key", offer.key.fingerprint],
        ["by", share.BASES[said.basis] + (f", {said.agreement}" if said.agreement else "")],
        ["made", terminal.moment(said.made)],
        ["holds", f"{terminal.counted(offer.notes, 'sealed file')}, {len(offer.files)} of them new here"],
    ]
    terminal.warn(terminal.table(rows))
    if offer.unsigned:
        terminal.warn(f"{terminal.counted(len(offer.unsigned), 'note')} nobody signed")
    if offer.unproven:
        terminal.warn("it cannot be computed here that it was made for you: ask its originator")


def _as_json(offer: Offer, name: str) -> dict[str, object]:
    said = offer.share
    return {
        "id": said.id,
        "token": said.token,
        "origin": said.vault,
        "by": said.by,
        "fingerprint": offer.key.fingerprint,
        "basis": said.basis,
        "agreement": said.agreement or None,
        "made": said.made,
        "files": offer.notes,
        "new": len(offer.files),
        "name": name,
    }
