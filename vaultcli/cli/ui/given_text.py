"""What is given on the command line instead of an editor: a text or a remark, typed, from standard input, or from a file."""

from __future__ import annotations

import sys
from typing import BinaryIO

import click

DASH = "-"
"""Stands for standard input, after `-m` as after `--from`."""


def read(message: str | None, source: BinaryIO | None) -> bytes | None:
    """The text; None where none was given and an editor is to open.

    Raises:
        click.UsageError: both are given, or the text is empty.
    """
    if message is not None and source is not None:
        raise click.UsageError("-m and --from each give the text; use one")
    if message is None and source is None:
        return None
    text = f"{message}\n".encode() if message not in (None, DASH) else (source or sys.stdin.buffer).read()
    if not text.strip():
        raise click.UsageError(f"{'--from' if message is None else '-m'} gives no text")
    return text


def remark(message: str | None) -> str | None:
    """What was typed after `-m`; a dash stands for what comes from standard input.

    Raises:
        click.UsageError: nothing comes.
        BadInput: what comes is no UTF-8 text.
    """
    if message != DASH:
        return message
    from vaultcli.work.notes.pasted import check_text

    raw = sys.stdin.buffer.read()
    check_text(raw)
    text = raw.decode("utf-8-sig").strip("\r\n")
    if not text.strip():
        raise click.UsageError("-m gives no text")
    return text


def called(message: str | None, source: BinaryIO | None) -> str:
    """How the text is called where a line of it is named."""
    if message is not None and message != DASH:
        return "text"
    name = getattr(source, "name", "<stdin>")
    return "standard input" if name in ("<stdin>", DASH) else str(name)
