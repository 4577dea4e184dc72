"""When the vault was last synced, said where it matters: before signing what may have gone on elsewhere."""

from __future__ import annotations

from typing import TYPE_CHECKING

from vaultcli.cli.ui import clock, terminal

if TYPE_CHECKING:
    from vaultcli.places.chart.chart import Chart


def tell(chart: Chart) -> None:
    """One line on standard error, where this copy has been synced at all."""
    from vaultcli.work.sync import sync

    last = sync.last_sync(chart)
    if last is None:
        return
    when = terminal.ago(last.time, clock.now())
    terminal.warn(f"last synced with {last.remote}: {when}{'' if last.whole else ', and not in step'}")
