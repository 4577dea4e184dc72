"""Completion of clients: their handles, and never their names, which a screen would show to whoever looks over a shoulder.

Handles are read from the working files of the register, without git and without judging them: a shell waits for the
answer. Completion never fails and never prints; where nothing can be told there is nothing to choose from.
"""

from __future__ import annotations

import click
from click.shell_completion import CompletionItem

PARAMETERS = frozenset({"client", "clients", "note", "what", "where"})
"""The names of arguments and options that take a client, or a note, which a client's handle also means."""


class Handle(click.types.StringParamType):
    """A text for which a client's handle may stand."""

    def shell_complete(self, ctx: click.Context, param: click.Parameter, incomplete: str) -> list[CompletionItem]:
        """Handles that begin so; where none does, the shell may offer files, as a path is a note too."""
        if ctx.info_name == "import" and ctx.params.get(param.name or ""):
            return [CompletionItem(incomplete, type="file")]
        found = [CompletionItem(handle) for handle in known(ctx) if handle.startswith(incomplete)]
        return found or ([CompletionItem(incomplete, type="file")] if incomplete else [])


def offer(command: click.Command) -> None:
    """Let the parameters of a command that take a client complete handles."""
    for param in command.params:
        if param.name in PARAMETERS and param.type is click.STRING:
            param.type = Handle()


def known(ctx: click.Context) -> list[str]:
    """The handles of the vault that the command line names or the folder lies in, sorted."""
    try:
        return sorted(_read(ctx))
    except Exception:  # noqa: BLE001  a key press must never end in an error
        return []


def _read(ctx: click.Context) -> set[str]:
    from pathlib import Path

    from vaultcli.places.chart.handles import handles
    from vaultcli.places.machine import vault

    return {handle for _, handle in handles(vault.find(Path.cwd(), ctx.find_root().params.get("vault")).chart) if handle}
