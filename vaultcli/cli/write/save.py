"""`vaultcli save`: record what any editor left in the working folders."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from vaultcli.cli.door import Options, pass_options
from vaultcli.cli.ui import clock, terminal
from vaultcli.ground.errors import FINDINGS, OK, VaultError

if TYPE_CHECKING:
    from vaultcli.places.chart.chart import Chart, Recorder
    from vaultcli.work.notes.save import Overwritten, Plan

CORRECT, PUT_BACK, LATER = "c", "p", "l"
_LABELS = {CORRECT: "[c]orrection", PUT_BACK: "[p]ut back", LATER: "[l]ater"}


@click.command("save")
@click.argument("clients", metavar="[CLIENT]...", nargs=-1)
@click.option("--correct", "answer", flag_value=CORRECT, help="Where a signed note was written over: make it a correction.")
@click.option("--put-back", "answer", flag_value=PUT_BACK, help="Put back signed files that were written over, and missing ones.")
@pass_options
def command(options: Options, clients: tuple[str, ...], answer: str | None) -> int:
    """Record what was written in the vault's folders with any editor.

    Drafts and register entries are recorded, one commit for each client; what editors leave behind never is. A draft is
    recorded even if something is the matter with it, and that is said. Files that do not belong in a client's folder are
    named and left alone.

    A signed note does not change. Where an editor wrote over one, its text can become a correction (c) that
    `vaultcli amend` goes on with, or be put aside (p); the signed file is put back, and nothing typed is lost.
    """
    from vaultcli.cli.open_chart import open_chart
    from vaultcli.work.index import lines
    from vaultcli.work.notes import lookup, save

    with open_chart(options) as chart:
        ids = {lookup.client_of(chart, word).id for word in clients} if clients else set(chart.client_ids())
        with terminal.progress("looking", len(ids)) as bar:
            plans = [save.plan(chart, seen) for seen in lines.all_lines(chart, ids, lambda: bar.update(1))]
        needed = [plan for plan in plans if _has_work(plan)]
        if not needed:
            terminal.say("nothing to save")
            return OK
        with chart.recorder() as by:
            codes = [_save(chart, plan, answer, by) for plan in needed]
        return FINDINGS if any(codes) else OK


def _has_work(plan: Plan) -> bool:
    return any((plan.drafts, plan.register is not None, plan.overwritten, plan.missing, plan.strangers, plan.told))


def _save(chart: Chart, plan: Plan, answer: str | None, by: Recorder) -> bool:
    """Save one client's folder and tell; whether something is left to do."""
    from vaultcli.work.notes import save

    handle = _handle(chart, plan.client)
    saved = save.carry_out(chart, plan, clock.now, by)
    for path in saved.paths:
        terminal.say(f"saved {handle} {path}")
    for told in (*plan.told, *saved.told):
        colon = ":" if told.message[:1].isdigit() else ": "
        terminal.warn(f"{handle} {terminal.escape(told.path, keep='')}{colon}{terminal.escape(told.message, keep='')}")
    left = any(told.message.startswith("not saved") for told in (*plan.told, *saved.told))
    for path in plan.overwritten:
        left |= not _finished(chart, handle, save.overwritten(chart, plan.client, path), answer)
    for path in plan.missing:
        left |= not _missing(chart, handle, plan.client, path, answer)
    for path in plan.strangers:
        attached = path.startswith("attachments/")
        hint = f"`vaultcli attach {handle} FILE`" if attached else f"`vaultcli new {handle} --from FILE` takes a text over"
        terminal.warn(f"{handle} {terminal.escape(path, keep='')}: not saved: it is no file of this record; {hint}")
    return left or bool(plan.strangers)


def _finished(chart: Chart, handle: str, over: Overwritten, answer: str | None) -> bool:
    """Deal with a finished file that was written over; whether that is settled."""
    from vaultcli.cli.ui import prompt
    from vaultcli.work.notes import save

    if over.known:
        save.put_back(chart, over)
        terminal.say(f"put back {handle} {over.path}: what was there is in the record already")
        return True
    terminal.warn(f"{handle} {over.path}: is finished, and was written over")
    if answer is None and terminal.is_interactive():
        _show(over)
        keys = [*([CORRECT] if over.correctable else []), PUT_BACK, LATER]
        answer = prompt.ask("", [_LABELS[key] for key in keys])
    if answer == CORRECT and over.correctable:
        path = save.make_correction(chart, over)
        terminal.say(f"begun {handle} {path}")
        terminal.say(f"put back {handle} {over.path}; `vaultcli amend {over.path.rpartition('/')[2]}` signs the correction")
        return True
    if answer == PUT_BACK:
        aside = save.put_back(chart, over)
        terminal.say(f"put back {handle} {over.path}; what was typed is in {aside}")
        return True
    if answer == CORRECT:
        terminal.warn(f"{over.path}: cannot become a correction; --put-back keeps the text aside")
    elif answer is None:
        terminal.warn("--correct makes the text a correction, --put-back puts it aside; both put the signed file back")
    return False


def _show(over: Overwritten) -> None:
    from vaultcli.cli.ui import worddiff
    from vaultcli.record.notes import block

    old, new = (block.without(raw).decode("utf-8", "replace") for raw in (over.recorded, over.typed))
    terminal.say(worddiff.render(old, new, context=1))


def _missing(chart: Chart, handle: str, client_id: str, path: str, answer: str | None) -> bool:
    from vaultcli.cli.ui import prompt
    from vaultcli.work.notes import save

    terminal.warn(f"{handle} {path}: is recorded, and its file is gone")
    if answer is None and terminal.is_interactive():
        answer = prompt.ask("", [_LABELS[PUT_BACK], _LABELS[LATER]])
    if answer == PUT_BACK and save.put_back_missing(chart, client_id, path):
        terminal.say(f"put back {handle} {path}")
        return True
    return False


def _handle(chart: Chart, client_id: str) -> str:
    try:
        return chart.register(client_id).handle
    except VaultError:
        return client_id
