"""`vaultcli doctor`: what is well with this computer and this vault, what is not, and what to do about it."""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING

import click

from vaultcli.cli.door import Options, pass_options
from vaultcli.cli.ui import clock, terminal
from vaultcli.ground.errors import FINDINGS, OK

if TYPE_CHECKING:
    from collections.abc import Sequence

    from vaultcli.places.machine.vault import Vault
    from vaultcli.work.health.table import Row

_MARKS = {"ok": ("ok", "green"), "advice": ("advice", "yellow"), "problem": ("PROBLEM", "red")}
_WIDE = 7


@click.command("doctor")
@click.option("--json", "as_json", is_flag=True, help="Print JSON; docs/json.md describes the keys.")
@pass_options
def command(options: Options, as_json: bool) -> int:
    """Look at this computer and this vault: programs, disk, keys, backup, remotes, hooks, and the rest of what can be seen.

    Each thing that is not well says why it matters and what to do. Nothing is changed, and no network is asked. What cannot
    be known here is said to be so. Exit code 1 where there is a problem; advice is no problem.
    """
    from vaultcli.work.health import situation, table

    machine = situation.Machine(clock.now(), sys.platform, dict(os.environ))
    vault = _vault(options)
    rows = table.machine(machine) + (table.vault(machine, vault) if vault is not None else [])
    if as_json:
        terminal.emit_json(_as_json(rows, vault))
    else:
        _tell(rows, vault)
    return FINDINGS if any(row.health.level == situation.PROBLEM for row in rows) else OK


def _vault(options: Options) -> Vault | None:
    """The vault, or None where none was named and none is here."""
    from vaultcli.cli.open_chart import find_vault
    from vaultcli.ground.errors import NotFound

    try:
        return find_vault(options)
    except NotFound:
        if options.vault is not None:
            raise
        return None


def _tell(rows: Sequence[Row], vault: Vault | None) -> None:
    for row in rows:
        word, colour = _MARKS[row.health.level]
        mark = terminal.paint(word, colour, bold=row.health.level == "problem") + " " * (_WIDE - len(word))
        terminal.say(f"{mark}  {row.check.title}: {terminal.escape(row.health.what, keep='')}")
        for said in (row.health.why, row.health.do):
            if said:
                terminal.say(f"{' ' * _WIDE}    {terminal.escape(said, keep='')}")
    counts = {level: sum(row.health.level == level for row in rows) for level in _MARKS}
    terminal.say(f"{terminal.counted(counts['problem'], 'problem')}, {counts['advice']} to think about, {counts['ok']} well")
    if vault is None:
        terminal.warn("no vault here: only the computer was looked at")


def _as_json(rows: Sequence[Row], vault: Vault | None) -> dict[str, object]:
    return {
        "vault": str(vault.root) if vault is not None else None,
        "problems": sum(row.health.level == "problem" for row in rows),
        "checks": [
            {
                "check": row.check.name,
                "level": row.health.level,
                "what": row.health.what,
                "why": row.health.why,
                "do": row.health.do,
            }
            for row in rows
        ],
    }
