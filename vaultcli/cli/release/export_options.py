"""What an export was asked for, in the words of the command line; what it takes is `vaultcli/api/export_selection.py`."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

import click

from vaultcli.cli.ui import clock, terminal
from vaultcli.cli.ui.days import day

if TYPE_CHECKING:
    from vaultcli.api.export_selection import Wanted
    from vaultcli.export.source import Source
    from vaultcli.places.chart.chart import Chart
    from vaultcli.record.notes.client import Client
    from vaultcli.record.view.entry import Entry
    from vaultcli.verify.verdict import Verdict


def chosen(names: Sequence[str], flags: dict[str, bool]) -> list[str]:
    """The formats that were asked for, in the order of the table; the default one where none was."""
    from vaultcli.export import formats

    return [name for name in formats.TABLE if name in names or flags.get(name)] or [formats.DEFAULT]


def wanted(since: str | None, until: str | None, drafts: bool) -> Wanted:
    """The days as asked for.

    Raises:
        click.UsageError: one is no day, or they are the wrong way round.
    """
    from vaultcli.api.export_selection import Wanted

    first, last = day(since), day(until, last=True)
    if first and last and first > last:
        raise click.UsageError("--since is after --until")
    return Wanted(first, last, drafts)


def verdict_of(chart: Chart, branch: str) -> Verdict:
    """A client's record, verified cold.

    Raises:
        Unpinned: this machine has no pin for the vault.
        NotVerified: there are findings.
    """
    from vaultcli.api import export_selection

    verdict = export_selection.verdict_of(chart, clock.now(), branch)
    if verdict.findings:
        raise export_selection.not_verified(verdict)
    return verdict


def of_client(chart: Chart, who: Client, wanted: Wanted, note: Entry | None) -> Source:
    """One client's record, or one note of it, verified."""
    from vaultcli.api import export_selection

    return export_selection.of_client(chart, who, wanted, note, clock.now)


def of_everyone(chart: Chart, wanted: Wanted) -> Iterator[Source]:
    """Every client's record, one after the other; all of it is verified before this returns."""
    from vaultcli.api import export_selection

    return _counted(export_selection.of_everyone(chart, wanted, clock.now), len(chart.client_ids()))


def _counted(sources: Iterator[Source], many: int) -> Iterator[Source]:
    with terminal.progress("exporting", many) as bar:
        for source in sources:
            yield source
            bar.update(1)
