"""What a command says of git's hooks that it put in place."""

from __future__ import annotations

from typing import TYPE_CHECKING

from vaultcli.cli.ui import terminal
from vaultcli.ground import errors

if TYPE_CHECKING:
    from vaultcli.places.remote.hooks import Installed


def tell(done: Installed, verify: str) -> int:
    """Name each hook; the exit code, findings where one is somebody else's.

    Args:
        done: what was installed.
        verify: the command that finds what a stranger's hook lets through.
    """
    for name in done.written:
        terminal.say(f"hook written: {name}")
    for name in done.current:
        terminal.say(f"hook in place: {name}")
    for name in done.foreign:
        terminal.warn(f"{name} is not ours and was left alone; what it lets through, `{verify}` will find")
    return errors.FINDINGS if done.foreign else errors.OK
