"""The root of the command line: global options, completion, and one way out for everything that goes wrong."""

from __future__ import annotations

import io
import os
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import click

from vaultcli.cli import COMMANDS, SECTIONS
from vaultcli.cli.lazygroup import LazyGroup
from vaultcli.cli.ui import clock, errors
from vaultcli.ground.errors import OK, BadInput
from vaultcli.ground.version import __version__

COMPLETE_VARIABLE = "_VAULTCLI_COMPLETE"
"""The environment variable by which a completion script asks; click's name for a program called vaultcli."""


@dataclass(frozen=True)
class Options:
    """What was said before the command's name.

    Attributes:
        vault: the folder of the vault from `--vault` or `VAULTCLI_VAULT`; None means the nearest `vault.toml` upwards.
    """

    vault: Path | None = None


pass_options = click.make_pass_decorator(Options, ensure=True)
"""Decorator: the command's function gets the `Options` as its first argument."""


@click.pass_context
def _remember(ctx: click.Context, vault: Path | None) -> None:
    ctx.obj = Options(vault)


root = LazyGroup(
    "vaultcli",
    COMMANDS,
    sections=SECTIONS,
    callback=_remember,
    help="A plain-text notes vault for clinicians, with git-backed, signed history.",
    epilog="A command may be shortened to any unique beginning. `vaultcli COMMAND --help` says more.",
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
    params=[
        click.Option(
            ["--vault"],
            type=click.Path(path_type=Path),
            envvar="VAULTCLI_VAULT",
            metavar="DIR",
            help="The vault's folder. Default: VAULTCLI_VAULT, else the nearest one upwards.",
        ),
    ],
)
root = click.version_option(__version__, prog_name="vaultcli", message="%(prog)s %(version)s")(root)


def run(args: Sequence[str]) -> int:
    """Run one command line; all that can happen becomes an exit code and, where it must, words on standard error.

    Args:
        args: the arguments after the program's name.

    Returns:
        The exit code: what the command returned (None counts as 0), else what `errors.tell` says of the error.
    """
    try:
        _let_any_text_through()
        _check_text(args)
        clock.wind()
        code = _answer(list(args))
        sys.stdout.flush()
    except BaseException as error:  # noqa: BLE001  the door: nothing may pass it as a traceback
        return errors.tell(error)
    return code


def _answer(args: list[str]) -> int:
    instruction = os.environ.get(COMPLETE_VARIABLE)
    if instruction:
        from click.shell_completion import shell_complete

        return shell_complete(root, {}, "vaultcli", COMPLETE_VARIABLE, instruction)
    try:
        with root.make_context("vaultcli", args) as ctx:
            code = root.invoke(ctx)
    except click.exceptions.Exit as ended:
        return ended.exit_code
    return code if isinstance(code, int) else OK


def _check_text(args: Sequence[str]) -> None:
    """Stop before anything is done with bytes that are no text, such as a name that a program garbled.

    Raises:
        BadInput: an argument is not UTF-8.
    """
    for number, word in enumerate(args, start=1):
        try:
            word.encode("utf-8")
        except UnicodeEncodeError:
            said = word.encode("utf-8", "backslashreplace").decode()
            raise BadInput(f"argument {number} is not UTF-8: {said}", hint="is it a file's name? rename it first") from None


def _let_any_text_through() -> None:
    """Make output that the terminal's encoding lacks appear as an escape instead of failing half way."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")
