"""`vaultcli psychotherapy hooks`: git's hooks in the psychotherapy repository, or in a bare one that is pushed to."""

from __future__ import annotations

from pathlib import Path

import click

from vaultcli.cli.door import Options, pass_options
from vaultcli.cli.psychotherapy import open_store


@click.command("hooks")
@click.option("--bare", type=click.Path(path_type=Path), metavar="DIR", help="A bare repository that others push to.")
@pass_options
def command(options: Options, bare: Path | None) -> int:
    """Put git's hooks in place: with them plain git lets no text in the clear into these notes.

    `init` does this, too. Hooks of your own are left alone, and named.
    """
    from vaultcli.cli.ui.hooks import tell
    from vaultcli.places.remote import hooks

    where = bare.absolute() if bare else open_store.settings_of(options).repository / ".git"
    done = (hooks.install_bare if bare else hooks.install)(where, hooks.SEALED)
    return tell(done, "psychotherapy verify")
