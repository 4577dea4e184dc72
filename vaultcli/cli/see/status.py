"""`vaultcli status`: what is open, in the vaults that the user works with."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from vaultcli.cli.door import Options, pass_options
from vaultcli.cli.see import backup_age
from vaultcli.cli.ui import clock, terminal
from vaultcli.ground.errors import FINDINGS, OK, NotFound, VaultError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from vaultcli.places.chart.chart import Chart
    from vaultcli.places.machine.vault import Vault
    from vaultcli.work.index.mtimes import Stamps
    from vaultcli.work.overview.status import File, Standing, Unfinished
    from vaultcli.work.sync.repair import Leftover

_SHOWN = 20


@click.command("status")
@click.option("--json", "as_json", is_flag=True, help="Print it as JSON; docs/json.md describes the keys.")
@click.option("--mend", is_flag=True, help="Put right what a refused plain git command left moved.")
@pass_options
def command(options: Options, as_json: bool, mend: bool) -> int:
    """What is open: drafts and their age, files not saved, co-signatures waited for, and what looks wrong.

    Without --vault the vaults of your settings are looked at together with the one you are in.
    """
    from vaultcli.work.index.mtimes import Stamps

    now = clock.now()
    vaults = _vaults(options)
    found, failed = [], []
    left: dict[str, list[Leftover]] = {}
    for vault in vaults:
        try:
            with Stamps(vault) as stamps:
                one, left[str(vault.root)] = _look(vault, now, stamps, mend=mend)
                found.append(one)
        except VaultError as error:
            if len(vaults) == 1:
                raise
            failed.append((vault, error))
    if as_json:
        terminal.emit_json({"vaults": [_as_json(one) | {"plain_git": _plain(left[str(one.root)])} for one in found]})
    else:
        for one in found:
            _show(one, now, several=len(vaults) > 1)
            _show_left(left[str(one.root)])
    for vault, trouble in failed:
        terminal.warn(f"{vault.root}: {terminal.escape(trouble.message)}")
    return FINDINGS if failed else OK


def _look(vault: Vault, now: datetime, stamps: Stamps, *, mend: bool) -> tuple[Standing, list[Leftover]]:
    """How a vault stands, and what plain git left in it; the times of its files are taken on the side meanwhile."""
    from vaultcli.cli.open_chart import open_chart_of
    from vaultcli.work.overview import status as overview
    from vaultcli.work.sync import repair as repairs

    with open_chart_of(vault) as chart:
        if mend:
            _mend(chart)
        heads = chart.repository.lines()
        with terminal.progress("looking", len(chart.client_ids(heads))) as bar:
            left = repairs.leftovers(chart, heads)
            holds = None if mend or chart.repository.mended else stamps
            return overview.stand(chart, now, lambda: bar.update(1), holds, heads), left


def _mend(chart: Chart) -> None:
    from vaultcli.work.sync import repair as repairs

    for repair in repairs.mend(chart, repairs.leftovers(chart)):
        terminal.warn(terminal.escape(f"mended {repair.line}: {repair.what}", keep=""))


def _show_left(left: Sequence[Leftover]) -> None:
    """What plain git left moved (`docs/spec/hooks.md`)."""
    for one in left[:_SHOWN]:
        terminal.warn(terminal.escape(" ".join(filter(None, (f"{one.branch}:", one.path, one.text))), keep=""))
    if left:
        terminal.warn("`vaultcli status --mend` puts this right; a text of your own is never touched")


def _plain(left: Sequence[Leftover]) -> list[dict[str, str]]:
    return [{"line": one.branch, "kind": one.kind, "path": one.path, "text": one.text} for one in left]


def _vaults(options: Options) -> list[Vault]:
    """The one that was named; else the one here and those of the user's settings."""
    from vaultcli.cli.open_chart import find_vault
    from vaultcli.places.machine import settings, vault

    if options.vault is not None:
        return [find_vault(options)]
    found = {}
    missing = None
    try:
        here = find_vault(options)
        found[here.root.resolve()] = here
    except NotFound as error:
        missing = error
    for root in settings.vaults():
        if Path(root).resolve() not in found and (Path(root) / vault.NAME).is_file():
            found[Path(root).resolve()] = vault.load(Path(root))
    if not found and missing is not None:
        raise missing
    return list(found.values())


def _show(one: Standing, now: datetime, *, several: bool) -> None:
    if several:
        terminal.say(terminal.paint(terminal.escape(one.practice, keep=""), "cyan", bold=True) + f"  {one.root}")
    mine = [draft for draft in one.unfinished if draft.by in ("", one.me)]
    others = [draft for draft in one.unfinished if draft.by not in ("", one.me)]
    parts = [_headline(mine, now), f"{terminal.counted(len(others), 'draft')} of others" if others else ""]
    if one.waiting:
        verb = "waits" if len(one.waiting) == 1 else "wait"
        parts.append(f"{terminal.counted(len(one.waiting), 'note')} {verb} for a co-signature")
    open_ = " · ".join(filter(None, parts)) or "nothing open"
    terminal.say(" · ".join(filter(None, (open_, backup_age.words(one.backup, now)))))
    drafts = [*mine, *others]
    rows = [[*_row(draft, now), f"{draft.by}'s" if draft in others else ""] for draft in drafts[:_SHOWN]]
    if rows:
        terminal.say("\n".join(f"  {line}" for line in terminal.table(rows, whole=(1, 4)).split("\n")))
    if len(drafts) > _SHOWN:
        terminal.say(f"... and {len(drafts) - _SHOWN} more")
    for note in one.waiting:
        terminal.say(f"waits for {note.cosigner}: {note.handle} {note.path}, {terminal.age(_time(note.since), now)}")
    _files("edited, not saved", one.edited, "`vaultcli save` records it")
    _files("a signed file was written over", one.overwritten, "`vaultcli save` keeps the text and puts the file back")
    _files("a recorded file is gone", one.missing, "`vaultcli save --put-back` writes it again")
    _files("no file of this record", one.strangers, "")
    _beside(one)
    for line in one.diverged:
        terminal.warn(f"{line.branch} went on here and at {line.remote}: {line.ours[:12]} here, {line.theirs[:12]} there")
    for doubt in one.doubts[:_SHOWN]:
        terminal.warn(f"not as this machine saw it last: {terminal.escape(doubt.text(), keep='')}")
    if one.doubts:
        terminal.warn("nothing is recorded there until that is settled; `vaultcli verify` says more")
    if not one.pinned[0]:
        terminal.warn("this machine has no pin for this vault: `vaultcli verify` says what that means")
    _single_copy(one)
    if late := backup_age.warning(one.backup, one.pinned[0], now):
        terminal.warn(late)


def _beside(one: Standing) -> None:
    """What other programs left in the folders, in one line; a copy of a note and a folder of nobody's by name."""
    if one.beside:
        names = list(dict.fromkeys(_shortest(file.path) for file in one.beside))
        shown = ", ".join(terminal.escape(name, keep="") for name in names[:4])
        many = terminal.counted(len(one.beside), "file")
        terminal.warn(f"beside the record, never part of it: {many} ({shown}{', ...' if len(names) > 4 else ''})")
    for file in one.copies[:_SHOWN]:
        taken = f"{one.synced} does" if one.synced else "a program that syncs the folder does"
        shown = terminal.escape(file.path, keep="")
        terminal.warn(f"a copy of a note: {file.handle} {shown}; `vaultcli sync` never takes it along, {taken}")
    for name in one.folders[:_SHOWN]:
        terminal.warn(f"clients/{terminal.escape(name, keep='')} is no client's: nothing in it is in the record")


def _shortest(path: str) -> str:
    """A file's name, or the hidden folder that it is in."""
    folder = next((part for part in path.split("/")[:-1] if part.startswith((".", "@", "$"))), "")
    return f"{folder}/" if folder else path.rpartition("/")[2]


def _single_copy(one: Standing) -> None:
    """What the user accepted at `psychotherapy init`, repeated; nothing else of those notes is ever told here."""
    place = Path(one.root)
    if (place / "psychotherapy.toml").is_file():
        from vaultcli.places.sealed import copies

        if copies.single(place):
            terminal.warn("single copy: the key of the psychotherapy notes is on this machine only (`vaultcli keys copies add`)")


def _headline(unfinished: Sequence[Unfinished], now: datetime) -> str:
    if not unfinished:
        return ""
    oldest = unfinished[0]
    words = f"{terminal.counted(len(unfinished), 'draft')}, {'oldest ' if len(unfinished) > 1 else ''}{oldest.handle}"
    return f"{words}, {_old(oldest, now)}"


def _row(one: Unfinished, now: datetime) -> list[str]:
    from vaultcli.record.notes import names
    from vaultcli.work.overview import status as overview

    name = names.parse(one.path)
    begun = f"`vaultcli amend {name.target.id}` goes on" if isinstance(name, names.AdditionName) else "not saved"
    state = "edited, not saved" if one.edited else "" if one.recorded else begun
    return [one.handle, overview.session_day(one.path), one.kind, _old(one, now), state]


def _old(one: Unfinished, now: datetime) -> str:
    age = terminal.age(_time(one.since), now)
    return "new" if age == "now" else age if age == "in the future" else f"{age} old"


def _files(what: str, rows: Sequence[File], hint: str) -> None:
    for file in rows[:_SHOWN]:
        terminal.warn(f"{what}: {file.handle} {terminal.escape(file.path, keep='')}")
    if len(rows) > _SHOWN:
        terminal.warn(f"... and {len(rows) - _SHOWN} more")
    if rows and hint:
        terminal.warn(hint)


def _time(moment: str) -> datetime:
    return datetime.fromisoformat(moment)


def _as_json(one: Standing) -> dict[str, Any]:
    from dataclasses import asdict

    lists = ("edited", "overwritten", "missing", "strangers", "beside", "copies", "waiting", "diverged", "doubts")
    return {
        "vault": one.root,
        "practice": one.practice,
        "me": one.me,
        "clients": one.clients,
        "drafts": [asdict(draft) for draft in one.unfinished],
        "folders": list(one.folders),
        **{name: [asdict(row) for row in getattr(one, name)] for name in lists},
        "pinned": {"since": one.pinned[0], "how": one.pinned[1]} if one.pinned[0] else None,
        "backup": asdict(one.backup) | {"time": one.backup.time.isoformat()} if one.backup is not None else None,
    }
