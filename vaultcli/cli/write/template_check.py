"""`vaultcli template check`: whether a file can be a template, and what `new` would make of it."""

from __future__ import annotations

from pathlib import Path

import click

from vaultcli.cli.door import Options, pass_options
from vaultcli.cli.ui import terminal


@click.command("check")
@click.argument("file", type=click.Path(path_type=Path))
@pass_options
def command(options: Options, file: Path) -> None:
    """Check a file that is to be a template.

    What makes it none is an error with its line; what is only unusual is told. No vault is needed.
    """
    from vaultcli.ground import files
    from vaultcli.record.notes import template

    raw = files.read(file)
    read = template.read(raw, str(file))
    for problem in template.remarks(raw, str(file)):
        terminal.warn(f"{file}:{problem.line}: {problem.message}")
    heads = ", ".join(read.headings) or "no headings"
    terminal.say(f"{file}: a template for notes of {_kind(read)}: {terminal.escape(heads, keep='')}")


def _kind(read: object) -> str:
    from vaultcli.record.notes.template import Template

    assert isinstance(read, Template)
    return f"type {read.type}" if read.type else f"format {read.format}"
