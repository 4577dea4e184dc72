"""Opening what a command works on: the vault named or found, its chart, with repairs and waiting told on standard error."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from vaultcli.cli.door import Options
    from vaultcli.places.chart.chart import Chart
    from vaultcli.places.machine.vault import Vault


def find_vault(options: Options) -> Vault:
    """The vault that the command works on: the one named, else the nearest upwards, else the only one that this user has.

    Raises:
        NotFound: there is none here, and the user's settings name none, or several.
    """
    from vaultcli.ground.errors import NotFound
    from vaultcli.places.machine import settings, vault

    try:
        return vault.find(Path.cwd(), options.vault)
    except NotFound:
        known = [root for root in settings.vaults() if (root / vault.NAME).is_file()] if options.vault is None else []
        if len(known) != 1:
            raise
        return vault.load(known[0])


@contextmanager
def open_chart(options: Options) -> Iterator[Chart]:
    """The chart that the command works on."""
    with open_chart_of(find_vault(options)) as chart:
        yield chart


@contextmanager
def open_chart_of(vault: Vault) -> Iterator[Chart]:
    """The chart of a vault; what an interrupted command left is mended first, and told."""
    from vaultcli.api import open as open_
    from vaultcli.cli.ui import clock, terminal
    from vaultcli.ground.process import patience

    patience.tell_by(terminal.warn)
    with open_.chart(vault, terminal.warn) as chart:
        if (chart.repository.directory / "vaultcli" / "discarded").exists():
            from vaultcli.places.chart import discarded

            discarded.sweep(chart, clock.now())
        yield chart
