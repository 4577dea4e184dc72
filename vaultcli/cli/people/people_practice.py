"""`vaultcli people practice`: what exports print of the practice and of its people, and its deadline."""

from __future__ import annotations

from pathlib import Path

import click

from vaultcli.cli.door import Options, pass_options
from vaultcli.cli.ui import clock, terminal


@click.command("practice")
@click.option("--name", help="The practice's name, as it stands at the top of every exported page.")
@click.option("--address", help="Its address, on one line.")
@click.option("--sign-within-hours", "hours", type=click.IntRange(0, 8760), metavar="N", help="After a session.")
@click.option("--person", metavar="ID", help="Whose licence or NPI is given.")
@click.option("--licence", help="A person's licence, as it is printed: PSY 12345 (CA).")
@click.option("--npi", help="A person's National Provider Identifier.")
@click.option("--recovery-page", type=click.Path(path_type=Path), metavar="FILE", help="Sign with the recovery signer.")
@pass_options
def command(
    options: Options, name: str | None, address: str | None, hours: int | None, person: str | None, licence: str | None,
    npi: str | None, recovery_page: Path | None,
) -> None:  # fmt: skip
    """Show what exports print of the practice, or change it.

    Without options it is shown. All of it is policy: recorded on the practice's own line, in plain text, and signed by a key
    with the policy role. `sign-within-hours` makes nothing wrong; an export calls a text a late entry that history first has
    later than that.

    \b
    vaultcli people practice --address "12 Willow Street, Portland, OR 97201"
    vaultcli people practice --person lee-example \\
        --licence "PSY 12345 (CA)" --npi 1234567893
    """  # noqa: D301
    from vaultcli.cli.open_chart import open_chart
    from vaultcli.cli.people.policy_key import holder
    from vaultcli.work.people import details

    if (licence or npi) and not person:
        raise click.UsageError("--licence and --npi need --person ID")
    if person and not (licence or npi):
        raise click.UsageError("--person needs --licence or --npi")
    change = details.Change(name or "", address or "", hours, person or "", licence or "", npi or "")
    with open_chart(options) as chart:
        text = details.changed(chart, change)
        if text is not None:
            with holder(chart, recovery_page) as by:
                details.record(chart, text, by, clock.now())
        for row in details.shown(chart.policy.practice):
            terminal.say(terminal.escape(row))
