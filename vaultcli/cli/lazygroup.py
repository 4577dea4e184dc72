"""A click group that reads a table and imports a command's module only when that command runs.

Serves the whole command line and the nested groups (`client`, `people`, ...). Names may be shortened to any unique
prefix; a whole name always wins over a prefix.
"""

from __future__ import annotations

from collections.abc import Mapping
from importlib import import_module
from typing import Any

import click
from click.shell_completion import CompletionItem

from vaultcli.cli import HIDDEN, Entry


class LazyGroup(click.Group):
    """A group over a table of entries.

    Args:
        name: as the user types it.
        entries: command name -> where it is and what it does, in the order help lists them.
        sections: headings of the help in their order; empty for one plain list.
    """

    def __init__(
        self,
        name: str,
        entries: Mapping[str, Entry],
        *,
        sections: tuple[str, ...] = (),
        **attributes: Any,  # noqa: ANN401  what click.Group takes
    ) -> None:
        super().__init__(name, invoke_without_command=True, **attributes)
        self.entries = entries
        self.sections = sections

    def list_commands(self, ctx: click.Context) -> list[str]:
        """The names that help and completion show."""
        return [name for name, entry in self.entries.items() if entry.section != HIDDEN]

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """The command of exactly this name, imported now; None when there is none."""
        entry = self.entries.get(cmd_name)
        if entry is None:
            return None
        command: click.Command = getattr(import_module(entry.module, "vaultcli.cli"), entry.attribute)
        if ctx.resilient_parsing:
            from vaultcli.cli.ui import completion_values

            completion_values.offer(command)
        return command

    def invoke(self, ctx: click.Context) -> object:
        """Run the command named; without one, print the help and end well."""
        result: object = super().invoke(ctx)
        if ctx.invoked_subcommand is None:
            click.echo(ctx.get_help())
        return result

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """The command that the first argument names, whole or by a unique prefix."""
        names = self._matching(ctx, args[0])
        if len(names) == 1:
            return names[0], self.get_command(ctx, names[0]), args[1:]
        if ctx.resilient_parsing:
            return None, None, args
        raise self._unknown(ctx, args[0], names)

    def _matching(self, ctx: click.Context, typed: str) -> list[str]:
        if typed in self.entries:
            return [typed]
        return [name for name in self.list_commands(ctx) if typed and name.startswith(typed)]

    def _unknown(self, ctx: click.Context, typed: str, names: list[str]) -> click.UsageError:
        if names:
            return click.UsageError(f"“{typed}” could be {listed(names)}", ctx)
        from difflib import get_close_matches

        near = get_close_matches(typed, self.list_commands(ctx), n=3)
        guess = f"; did you mean {listed(near)}?" if near else ""
        return click.UsageError(f"no such command: {typed}{guess}", ctx)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the list of commands, under their sections when there are any."""
        shown = {name: self.entries[name] for name in self.list_commands(ctx)}
        width = max(map(len, shown), default=0)
        for section in self.sections or (None,):
            rows = [
                (name.ljust(width), entry.help)
                for name, entry in shown.items()
                if section is None or entry.section == section
            ]
            if rows:
                with formatter.section(section or "Commands"):
                    formatter.write_dl(rows)

    def shell_complete(self, ctx: click.Context, incomplete: str) -> list[CompletionItem]:
        """Command names that begin so; options when a dash was typed."""
        names = [
            CompletionItem(name, help=self.entries[name].help)
            for name in self.list_commands(ctx)
            if name.startswith(incomplete)
        ]
        if not incomplete.startswith("-"):
            return names
        return click.Command.shell_complete(self, ctx, incomplete)


class SyncGroup(LazyGroup):
    """A group whose first word may also be a remote: what is none of its commands belongs to `now`."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Put `now` before anything that is no command of this group."""
        if not args or (args[0] not in self.entries and args[0] not in ctx.help_option_names):
            args = ["now", *args]
        return super().parse_args(ctx, args)


def listed(names: list[str]) -> str:
    """Names as a sentence has them: `a`, `a or b`, `a, b or c`."""
    return " or ".join(filter(None, [", ".join(names[:-1]), names[-1]]))
