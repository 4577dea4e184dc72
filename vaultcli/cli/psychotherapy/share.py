"""`vaultcli psychotherapy share`: one client's notes for one other person, as one sealed file."""

from __future__ import annotations

from pathlib import Path

import click

from vaultcli.cli.door import Options, pass_options
from vaultcli.cli.psychotherapy import giving, open_store
from vaultcli.cli.ui import clock, days, prompt, terminal
from vaultcli.ground.errors import BadInput, Refused

_EXAMPLES = """\b
Examples:
  vaultcli psychotherapy share ada --with age1... --basis supervision \\
      -o /media/usb/for-sam.age
  vaultcli psychotherapy share ada --with sam.pub --basis trainee \\
      --agreement 2026-09-01 -o for-sam.age"""


@click.command("share", epilog=_EXAMPLES)
@click.argument("client")
@click.option("--with", "to", required=True, metavar="RECIPIENT", help="age1..., an SSH public key, or a file that holds one.")
@click.option("--basis", required=True, type=click.Choice(["supervision", "trainee", "authorization"]), help="By what right.")
@click.option("--agreement", default="", metavar="DAY", help="When the trainee signed the practice's confidentiality agreement.")
@click.option("-o", "--output", required=True, type=click.Path(path_type=Path), metavar="FILE", help="The new file.")
@click.option("--yes", is_flag=True, help="Ask nothing.")
@click.option("--json", "as_json", is_flag=True, help="Print it as JSON; docs/json.md describes the keys.")
@pass_options
def command(
    options: Options, client: str, to: str, basis: str, agreement: str, output: Path, yes: bool, as_json: bool
) -> None:
    """Hand a client's psychotherapy notes to a supervisor or a trainee, in the practice's own training: 45 CFR 164.508(a)(2).

    FILE holds that client's notes and key and nothing of another's, sealed to RECIPIENT. It cannot be taken back. Whatever else
    you want to give to whom is a release, and not this.
    """
    from vaultcli.ground import files
    from vaultcli.psychotherapy.handover import destination
    from vaultcli.psychotherapy.handover import share as shares
    from vaultcli.record import typed

    shares.refuse_basis(basis)
    recipient = shares.recipient(to)
    said = agreement or _agreement(basis)
    agreement = days.day(said, typed.DAYS) if said else ""
    with open_store.open_store(options) as store:
        place = output.expanduser()
        destination.check(store.settings, place, "the hand-over file")
        keys, _ = giving.unlock(store)
        person, known = giving.whose(options, keys, client)
        with store.machine() as (entry, signer):
            made = shares.made(store, keys, known, recipient, basis, agreement, clock.now(), entry, signer)
        if not yes:
            _ask(person.name, made, recipient)
        why = shares.why(basis, agreement, shares.short(recipient))
        giving.log(store, keys, "share", known.token, ids=(made.share.id,), why=why)
        files.create(place, made.sealed)
    if as_json:
        terminal.emit_json(
            {"id": made.share.id, "token": known.token, "with": recipient, "basis": basis, "agreement": agreement or None,
             "files": made.notes, "path": str(place)}
        )  # fmt: skip
        return
    count = terminal.counted(made.notes, "sealed file")
    terminal.say(terminal.escape(f"handed over {count} of {person.name}: {terminal.near(place)}", keep=""))
    terminal.say(f"share {made.share.id}; whoever receives it can keep and copy it, and nothing takes it back")


def _agreement(basis: str) -> str:
    """The day that a basis needs, asked for where somebody can be asked."""
    from vaultcli.record.sealed import share

    wanted = share.NEEDS_AGREEMENT.get(basis, "")
    if not wanted:
        return ""
    if not terminal.is_interactive():
        raise BadInput(f"{basis} needs {wanted}", hint="--agreement DAY")
    return prompt.ask_line(f"{wanted} (2026-11-22)")


def _ask(name: str, made: object, recipient: str) -> None:
    from vaultcli.psychotherapy.handover.share import Made, short
    from vaultcli.record.sealed import share

    assert isinstance(made, Made)
    terminal.warn(terminal.escape(f"{name}: {terminal.counted(made.notes, 'sealed file')}, all that there is", keep=""))
    terminal.warn(f"for   {short(recipient)}")
    terminal.warn(f"by    {share.BASES[made.share.basis]}")
    terminal.warn("It cannot be taken back.")
    if not prompt.confirm("hand it over?"):
        raise Refused("nothing was handed over")
