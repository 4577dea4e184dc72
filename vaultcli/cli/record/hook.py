"""`vaultcli hook`: what git's hooks call, and `install`, which puts them in place. Hidden: people have no use for it."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import TYPE_CHECKING

import click

from vaultcli.cli import HIDDEN, Entry
from vaultcli.cli.door import Options, pass_options
from vaultcli.cli.lazygroup import LazyGroup
from vaultcli.cli.ui import clock, terminal
from vaultcli.ground import errors

if TYPE_CHECKING:
    from vaultcli.psychotherapy.repository.hook_checks import Objection as Sealed
    from vaultcli.work.sync.hook_checks import Objection

    Refusal = Objection | Sealed

command = LazyGroup(
    "hook",
    {
        "install": Entry(".record.hook", "install", "Put the hooks into the vault, or into a bare repository."),
        "reference-transaction": Entry(".record.hook", "reference_transaction", "Called by git.", HIDDEN),
        "pre-receive": Entry(".record.hook", "pre_receive", "Called by git.", HIDDEN),
        "pre-commit": Entry(".record.hook", "pre_commit", "Called by git.", HIDDEN),
        "commit-msg": Entry(".record.hook", "commit_msg", "Called by git.", HIDDEN),
        "pre-push": Entry(".record.hook", "pre_push", "Called by git.", HIDDEN),
        "sealed-reference-transaction": Entry(".record.hook_sealed", "reference_transaction", "Called by git.", HIDDEN),
        "sealed-pre-receive": Entry(".record.hook_sealed", "pre_receive", "Called by git.", HIDDEN),
        "sealed-pre-commit": Entry(".record.hook_sealed", "pre_commit", "Called by git.", HIDDEN),
    },
    help="What git's hooks call, and putting them in place.",
)


@click.command("install")
@click.option("--bare", type=click.Path(path_type=Path), metavar="DIR", help="A bare repository that others push to.")
@pass_options
def install(options: Options, bare: Path | None) -> int:
    """Put the hooks into the vault, or into a bare repository.

    They guard people who use plain git. Hooks of your own are left alone, and named.
    """
    from vaultcli.cli.open_chart import find_vault
    from vaultcli.cli.ui.hooks import tell
    from vaultcli.places.remote import hooks

    where = bare.absolute() if bare else find_vault(options).chart / ".git"
    done = (hooks.install_bare if bare else hooks.install)(where, hooks.CHART)
    return tell(done, "vaultcli verify")


def hook(name: str) -> Callable[[Callable[..., int]], click.Command]:
    """A command that git calls: its arguments are git's, before them where the hook lies."""

    def make(function: Callable[..., int]) -> click.Command:
        given = click.argument("words", nargs=-1, type=click.UNPROCESSED)(function)
        placed = click.option("--git-dir", "where", required=True, type=click.Path(path_type=Path))(given)
        return click.command(name, context_settings={"ignore_unknown_options": True})(placed)

    return make


@hook("reference-transaction")
def reference_transaction(where: Path, words: tuple[str, ...]) -> int:
    """Judge the refs that git is about to move."""
    if words[:1] != ("prepared",):
        return errors.OK
    from vaultcli.work.sync import hook_checks

    directory = where.resolve()
    return answer(hook_checks.transaction(directory, _admin(directory), sys.stdin.read(), _now(), os.environ))


@hook("pre-receive")
def pre_receive(where: Path, words: tuple[str, ...]) -> int:
    """Judge a push that has arrived."""
    from vaultcli.work.sync import hook_checks

    return answer(hook_checks.received(where.resolve(), sys.stdin.read(), _now(), os.environ))


@hook("pre-commit")
def pre_commit(where: Path, words: tuple[str, ...]) -> int:
    """Look at what is staged."""
    from vaultcli.work.sync import pre_commit as staged

    directory = where.resolve()
    admin = _admin(directory)
    index = os.environ.get("GIT_INDEX_FILE", "")
    return answer(staged.staged(directory, admin, Path(index).absolute() if index else admin / "index", _now()))


@hook("commit-msg")
def commit_msg(where: Path, words: tuple[str, ...]) -> int:
    """Look at a commit message."""
    from vaultcli.ground import files
    from vaultcli.work.sync import hook_checks

    directory = where.resolve()
    return answer(hook_checks.message(directory, _admin(directory), files.read(Path(words[0]).absolute())))


@hook("pre-push")
def pre_push(where: Path, words: tuple[str, ...]) -> int:
    """Look at what is about to be pushed."""
    from vaultcli.work.sync import hook_checks

    return answer(hook_checks.pushed(where.resolve(), sys.stdin.read()))


def _now() -> int:
    return int(clock.now().timestamp())


def _admin(directory: Path) -> Path:
    """The git directory of the worktree in which git runs."""
    named = os.environ.get("GIT_DIR")
    path = Path(named).resolve() if named else directory
    return path if path == directory or path.parent == directory / "worktrees" else directory


def answer(objections: Iterable[Refusal]) -> int:
    """Say why not; git shows it to whoever typed the command."""
    hints: list[str] = []
    code = errors.OK
    for one in objections:
        terminal.warn(terminal.escape(f"vaultcli: {one.where}: {one.text}", keep=""))
        hints += [one.hint] if one.hint and one.hint not in hints else []
        code = errors.Refused.exit_code
    for hint in hints:
        terminal.warn(terminal.escape(f"hint: {hint}", keep=""))
    return code
