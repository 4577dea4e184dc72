"""`vaultcli psychotherapy hooks`: git's hooks in the psychotherapy repository, or in a bare one that is pushed to."""

from __future__ import annotations

from pathlib import Path

import click

from vaultcli.cli.door import Options, pass_options
from vaultcli.cli.psychotherapy import open_store as sealed_opening
from vaultcli.cli.ui import terminal
from vaultcli.ground import errors


@click.command("hooks")
@click.option("--bare", type=click.Path(path_type=Path), metavar="DIR", help="A bare repository that others push to.")
@pass_options
def command(options: Options, bare: Path | None) -> int:
    """Put git's hooks in place: with them plain git lets no text in the clear into these notes.

    `init` does this, too. Hooks of your own are left alone, and named.
    """
    from vaultcli.psychotherapy import hooking

    done = hooking.install_bare(bare.absolute()) if bare else hooking.install(sealed_opening.settings_of(options))
    for name in done.written:
        terminal.say(f"hook written: {name}")
    for name in done.current:
        terminal.say(f"hook in place: {name}")
    for name in done.foreign:
        terminal.warn(f"{name} is not ours and was left alone; what it lets through, `psychotherapy verify` will find")
    return errors.FINDINGS if done.foreign else errors.OK
