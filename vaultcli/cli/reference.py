"""`docs/commands.md` and `docs/errors.md`, written from the program itself: `python -m vaultcli.cli.reference DOCS`."""

from __future__ import annotations

import inspect
import sys
from collections.abc import Iterator
from pathlib import Path

import click

from vaultcli.cli import SECTIONS
from vaultcli.cli.door import root
from vaultcli.cli.lazygroup import LazyGroup
from vaultcli.ground import errors

_NOTE = "<!-- Written from the program by `python -m vaultcli.cli.reference docs`; do not edit. -->"
_OTHER_CODES = {
    errors.OK: "done, and nothing found",
    errors.FINDINGS: "findings: the record needs something",
    errors.USAGE: "used wrongly: an unknown command, option or value",
    errors.EXCEPTED: "verified, but only because a signed exception excuses a finding",
    errors.BUG: "a fault in vaultcli; the message names its place and nothing of a note",
    errors.INTERRUPTED: "interrupted",
    141: "the reader of the output went away, as `head` does after ten lines",
}


def commands() -> str:
    """The page of all commands: the help of each, in the order and sections of the program's own."""
    parts = ["# Commands", _NOTE, _fenced(root, _context(root, "vaultcli", None))]
    for section in SECTIONS:
        names = [name for name in root.entries if root.entries[name].section == section]
        if names:
            parts.append(f"## {section}")
        for name in names:
            parts += _pages(root, name, _context(root, "vaultcli", None))
    return "\n\n".join(parts) + "\n"


def _pages(group: LazyGroup, name: str, parent: click.Context) -> Iterator[str]:
    command = group.get_command(parent, name)
    assert command is not None
    ctx = _context(command, name, parent)
    yield f"### `{ctx.command_path}`"
    yield _fenced(command, ctx)
    if isinstance(command, LazyGroup):
        for inner in command.list_commands(ctx):
            yield from _pages(command, inner, ctx)


def _context(command: click.Command, name: str, parent: click.Context | None) -> click.Context:
    settings = root.context_settings if parent is None else {}
    return click.Context(command, info_name=name, parent=parent, terminal_width=100, **settings)


def _fenced(command: click.Command, ctx: click.Context) -> str:
    return f"```\n{command.get_help(ctx)}\n```"


def exit_codes() -> str:
    """The page of exit codes: one per class of `VaultError`, and the few that are not ours."""
    rows = dict(_OTHER_CODES)
    for kind in kinds():
        rows[kind.exit_code] = f"`{kind.__name__}`: {inspect.cleandoc(kind.__doc__ or '')}"
    lines = [f"| {code} | {' '.join(words.split())} |" for code, words in sorted(rows.items())]
    return "\n".join(["# Exit codes", "", _NOTE, "", "| code | means |", "| --- | --- |", *lines]) + "\n"


def kinds() -> list[type[errors.VaultError]]:
    """The classes of `VaultError` that stop a command, each with a code of its own."""
    return [kind for kind in vars(errors).values() if _is_kind(kind)]


def _is_kind(value: object) -> bool:
    return isinstance(value, type) and issubclass(value, errors.VaultError) and value is not errors.VaultError


PAGES = {"commands.md": commands, "errors.md": exit_codes}
"""File name in `docs/` -> the function that writes its text."""


def main(docs: Path) -> None:
    """Write the pages into a folder."""
    for name, page in PAGES.items():
        (docs / name).write_text(page(), encoding="utf-8")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
