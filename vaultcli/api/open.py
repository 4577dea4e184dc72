"""Opening a chart: what an interrupted command left is completed first, and told."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from vaultcli.places.chart.chart import Chart
    from vaultcli.places.machine.vault import Vault


def chart(vault: Vault, tell: Callable[[str], None]) -> Chart:
    """The chart of a vault, to be used in a `with` or closed by it.

    Args:
        vault: where it is.
        tell: told, a sentence each, what was mended, and that another command is being waited for.

    Raises:
        GitTrouble: the repository is damaged or not ours.
    """
    from vaultcli.places.chart.chart import Chart

    opened = Chart(
        vault,
        tell=lambda repair: tell(f"mended {repair.line or 'the vault'}: {repair.what}"),
        waiting=lambda: tell("another vaultcli is at work in this vault; waiting"),
        remark=tell,
    )
    try:
        opened.repository.recover()
    except BaseException:
        opened.__exit__(None, None, None)
        raise
    return opened
