"""The key with which a command exercises the policy role: the person's own, or the recovery signer's from its page."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from vaultcli.cli.ui import terminal

if TYPE_CHECKING:
    from vaultcli.places.chart.chart import Chart
    from vaultcli.work.people.authority import Authority


@contextmanager
def holder(chart: Chart, recovery_page: Path | None) -> Iterator[Authority]:
    """The key, ready to sign; a key from a page is forgotten when the command ends."""
    from vaultcli.cli.ui import passphrase
    from vaultcli.work.people import authority

    page, ask = authority.recovery_key(chart, recovery_page), passphrase.asker()
    with page as recovery, authority.authority(chart, ask, recovery) as found:
        if found.key.key.is_token:
            terminal.warn("your security key will blink: touch it for each signature")
        yield found
