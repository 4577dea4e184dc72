"""`vaultcli import`: notes that were written elsewhere, as they are."""

from __future__ import annotations

import contextlib
import os
import stat
import sys
from typing import TYPE_CHECKING, Any

import click

from vaultcli.cli.door import Options, pass_options
from vaultcli.cli.ui import clock, terminal
from vaultcli.cli.ui.days import day
from vaultcli.ground.errors import FINDINGS, OK

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from pathlib import Path

    from vaultcli.places.chart.chart import Chart
    from vaultcli.work.imports.files import Asked, Found, Told
    from vaultcli.work.imports.plan import Done, Item, Plan, Rules

_EXAMPLES = """
\b
Examples:
  vaultcli import ada "old notes" --dry-run     what would be done
  vaultcli import ada "old notes"               a folder of texts, all Ada's
  vaultcli import ada intake.txt --date 2009-03-14 --type intake
  vaultcli import --make-map "old notes" > map.csv
  vaultcli import --map map.csv                 many clients, once filled in
"""


_SEVERAL = 3
"""Lines that begin with a day, from which a file is likely to hold several notes."""


@click.command("import", epilog=_EXAMPLES)
@click.argument("what", metavar="[CLIENT] [FOLDER|FILE]...", nargs=-1)
@click.option("--map", "map_", metavar="MAP.csv", help="A CSV file that says of each text whose it is; see docs/spec/import.md.")
@click.option("--make-map", is_flag=True, help="Print a map of the folders, to be filled in.")
@click.option("--date", metavar="DATE", help="The date of files that have none in their name or own front matter.")
@click.option("--type", "kind", help="What kind of notes, such as intake. Default: progress.")
@click.option("--format", "shape", help="The format of the notes, such as soap. Default: none.")
@click.option("--dates", "order", metavar="mdy|dmy", type=click.Choice(["mdy", "dmy"]),
              help="Read dates such as 03-01-2024, in names and maps, as month first or day first.")  # fmt: skip
@click.option("--encoding", help="Of files that are not UTF-8, such as windows-1252 or utf-16.")
@click.option("--take", metavar="FIELD", multiple=True, help="Take a field, such as time, from the texts' own front matter.")
@click.option("--split", metavar="date|TEXT",
              help="In files of several notes: one begins at each line that begins with a day, or TEXT.")  # fmt: skip
@click.option("--partial", is_flag=True, help="Import what can be, although something needs an answer.")
@click.option("--again", is_flag=True, help="Import once more what was imported before and withdrawn.")
@click.option("--dry-run", is_flag=True, help="Print what would be done, and do nothing.")
@click.option("--yes", is_flag=True, help="Import without asking; for scripts.")
@click.option("--json", "as_json", is_flag=True, help="Print what was done, or would be, as JSON.")
@pass_options
def command(
    options: Options, what: tuple[str, ...], map_: str | None, make_map: bool, date: str | None, kind: str | None,
    shape: str | None, order: str | None, encoding: str | None, take: tuple[str, ...], split: str | None, partial: bool,
    again: bool, dry_run: bool, yes: bool, as_json: bool,
) -> int:  # fmt: skip
    """Import notes that were written elsewhere: Markdown or text, from files, folders or a map.

    Each text becomes a draft: its bytes stand unchanged below our front matter, which names the file and its SHA-256. The
    files stay where they are. What would be done is shown first; a date that cannot be told is asked for and never guessed.
    What was imported before is skipped, so that an interrupted import can simply be run again.

    An imported note needs no time and no place to be signed: `vaultcli sign CLIENT --imported --yes` signs all of a client's.
    Sign what you wrote yourself.
    """
    from vaultcli.cli.open_chart import open_chart
    from vaultcli.record.notes import imported
    from vaultcli.work.imports import plan as import_plan

    _check_known("field that can be taken", take, imported.TAKEN)
    _check_known("encoding we know", [encoding.lower()] if encoding else [], imported.ENCODINGS)
    _check(what, map_, make_map, date, kind, shape)
    with open_chart(options) as chart:
        if make_map:
            return _make_map(chart, what, order or "")
        rules = import_plan.Rules((encoding or "").lower(), order or "", take, again, split=split or "")
        rules = import_plan.rules_for(chart, rules)
        values = {"type": kind or "", "format": shape or ""}
        found, problems = _found(chart, what, map_, values, day(date, "2024-03-01"), rules)
        plan = _plan(chart, found, rules, problems)
        if plan.dayless and not (yes or dry_run or as_json) and terminal.is_interactive():
            _ask_days(found, plan.dayless, rules.order)
            plan = _plan(chart, found, rules, problems)
        return _go(chart, plan, rules, partial=partial, dry_run=dry_run, yes=yes, as_json=as_json)


def _check_known(what: str, given: Iterable[str], known: Iterable[str]) -> None:
    for one in given:
        if one not in known:
            raise click.UsageError(f"{one} is no {what}; one of {', '.join(known)}")


def _check(what: Sequence[str], map_: str | None, make_map: bool, date: str | None, kind: str | None, shape: str | None) -> None:
    if map_ is not None and (what or make_map):
        raise click.UsageError("a map names the files and the clients; leave the others out")
    if (map_ is not None or make_map) and any((date, kind, shape)):
        raise click.UsageError("--date, --type and --format are for the files of one client; a map has columns for them")
    if map_ is None and not what:
        raise click.UsageError("name a client and a folder, or a map: vaultcli import ada FOLDER")


def _make_map(chart: Chart, what: Sequence[str], order: str) -> int:
    from pathlib import Path

    from vaultcli.work.imports import files, maps

    found = files.find(chart, [Path(word) for word in what], None, {})
    click.echo(maps.skeleton(found.texts, order, _folder_of_output()), nl=False)
    _tell("left out", found.left_out, found.hidden)
    return OK


def _folder_of_output() -> Path:
    """The folder of the file that standard output goes to, where that is one and the system tells; else the one we are in."""
    from pathlib import Path

    with contextlib.suppress(OSError, ValueError):
        out = os.fstat(sys.stdout.fileno())
        named = Path(f"/dev/fd/{sys.stdout.fileno()}").readlink()
        if stat.S_ISREG(out.st_mode) and os.path.samestat(named.stat(), out):
            return named.parent
    return Path.cwd()


def _plan(chart: Chart, found: Found, rules: Rules, problems: Sequence[Told]) -> Plan:
    from vaultcli.work.imports import plan as import_plan

    with terminal.progress("reading", len(found.texts)) as bar:
        return import_plan.plan(chart, found, rules, problems, lambda: bar.update(1))


def _ask_days(found: Found, dayless: Sequence[Asked], order: str) -> None:
    """Ask for the days that cannot be told; a file without an answer is left out."""
    from dataclasses import replace

    from vaultcli.cli.ui import prompt
    from vaultcli.record.notes import imported
    from vaultcli.work.imports.files import Told

    for one in dayless:
        name = terminal.escape(one.called, keep="")
        while typed := prompt.ask_line(f"day of {name} (Enter leaves it out)"):
            if answer := imported.day(typed, order):
                break
            terminal.warn("write it as 2024-03-01" + ("" if order else "; --dates mdy or --dates dmy reads 3/1/2024"))
        at = found.texts.index(one)
        if typed:
            found.texts[at] = replace(one, values={**one.values, "date": answer})
        else:
            del found.texts[at]
            found.left_out.append(Told(one.called, "has no date, and none was given"))


def _found(
    chart: Chart, what: Sequence[str], map_: str | None, values: dict[str, str], usual: str, rules: Rules
) -> tuple[Found, list[Told]]:  # fmt: skip
    from pathlib import Path

    from vaultcli.cli.ui import picker
    from vaultcli.work.imports import files, maps

    if map_ is not None:
        asked, told = maps.read(Path(map_), chart.clients(), rules.order, rules.formats)
        found = files.Found()
        for one in asked:
            files.sort_in(one, found, named=True)
        # what a map names is wanted: that it cannot be had is a question, not a remark
        told += found.left_out
        found.left_out.clear()
        return found, told
    first, *rest = what
    client, places = (picker.client(chart, first), rest) if rest else (picker.pick(chart), [first])
    if client.closed:
        terminal.warn(f"{client.handle}'s chart was closed on {terminal.escape(client.closed, keep='')}")
    return files.find(chart, map(Path, places), client, values, usual), []


def _go(chart: Chart, plan: Plan, rules: Rules, *, partial: bool, dry_run: bool, yes: bool, as_json: bool) -> int:
    from vaultcli.cli.ui import prompt

    stuck = bool(plan.problems) and not partial
    if not as_json:
        _show(plan)
    done: list[Done] = []
    if stuck and not dry_run:
        terminal.warn(
            f"nothing is imported while {terminal.counted(len(plan.problems), 'question')} "
            f"{'is' if len(plan.problems) == 1 else 'are'} open; --partial imports the others"
        )
    elif plan.items and not dry_run:
        count = terminal.counted(len(plan.items), "note")
        if not yes and not prompt.confirm(f"import {count}?"):
            return OK
        done = _carry_out(chart, plan, rules, as_json=as_json)
    if as_json:
        terminal.emit_json(_as_json(plan, done, done_for_real=not dry_run and not stuck))
    left = plan.problems or plan.left_out or any(told.message.startswith("not ") for one in done for told in one.told)
    return FINDINGS if left else OK


def _carry_out(chart: Chart, plan: Plan, rules: Rules, *, as_json: bool) -> list[Done]:
    from vaultcli.work.imports import plan as import_plan

    done: list[Done] = []
    with chart.recorder() as by, terminal.progress("importing", len(plan.items)) as bar:
        for one in import_plan.carry_out(chart, plan, rules, clock.now, by):
            done.append(one)
            for path, item in one.notes if not as_json else ():
                terminal.say(f"imported {one.client.handle} {path} from {terminal.escape(item.asked.name, keep='')}")
            _tell("", one.told)
            bar.update(len(one.notes) + len(one.told))
    for handle in dict.fromkeys(one.client.handle for one in done if one.notes) if not as_json else ():
        terminal.say(f"sign what you wrote yourself: vaultcli sign {handle} --imported")
    return done


# what would be done


def _show(plan: Plan) -> None:
    _tell("needs an answer", plan.problems)
    _tell("left out", plan.left_out, plan.hidden)
    _tell("skipped", plan.already)
    if not plan.items:
        if not plan.problems:
            terminal.say("nothing to import")
        return
    several = len({item.client.id for item in plan.items}) > 1
    decoded = any(item.encoding for item in plan.items)
    heads = ["date", "date from", "type", "words", *(["encoding"] if decoded else []), "file"]
    rows = []
    for item in plan.items:
        row = [item.date, item.date_from, item.type, str(item.words), *([item.encoding] if decoded else []), _called(item)]
        rows.append([item.client.handle, *row] if several else row)
    if not several:
        terminal.say(terminal.paint(f"for {plan.items[0].client.handle}:", "cyan", bold=True))
    terminal.say(terminal.table(rows, heads=["client", *heads] if several else heads, whole=(0, 1, 2)))
    for sentence in _remarks(plan):
        terminal.warn(sentence)


def _called(item: Item) -> str:
    return f"{item.asked.name}, lines {item.lines}" if item.lines else item.asked.name


def _remarks(plan: Plan) -> list[str]:
    today = clock.now().date().isoformat()
    future = sum(item.date > today for item in plan.items)
    fields: dict[str, int] = {}
    for item in plan.items:
        for key in item.untaken:
            fields[key] = fields.get(key, 0) + 1
    said = [f"{terminal.counted(future, 'date')} in the future"] if future else []
    if fields:
        listed = ", ".join(f"{key} ({terminal.counted(count, 'file')})" for key, count in fields.items())
        said.append(f"front matter of their own stays as text; --take takes over: {listed}")
    for item in plan.items:
        if item.several >= _SEVERAL:
            name = terminal.escape(item.asked.name, keep="")
            said.append(f"{name}: {item.several} lines begin with a day; --split date makes a note of each")
        if item.left:
            name, left = terminal.escape(item.asked.name, keep=""), ", ".join(item.left)
            said.append(f"{name}: not taken over: {left}; `vaultcli attach` keeps the document itself")
    return said


def _tell(head: str, told: Sequence[Told], hidden: int = 0) -> None:
    for one in told:
        hint = f"; {one.hint}" if one.hint else ""
        colon = " " if one.message.startswith(("is ", "has ", "was ", "holds ", "would ")) else ": "
        terminal.warn(f"{head}{': ' if head else ''}{terminal.escape(one.name, keep='')}{colon}{one.message}{hint}")
    if hidden:
        terminal.warn(f"not looked at: {hidden} hidden")


def _as_json(plan: Plan, done: Sequence[Done], *, done_for_real: bool) -> dict[str, Any]:
    def rows(told: Sequence[Told]) -> list[dict[str, str]]:
        return [{"name": one.name, "message": one.message, "hint": one.hint} for one in told]

    made = {id(item): (path, one.commit) for one in done for path, item in one.notes}
    items = [item for item in plan.items if id(item) in made] if done_for_real else plan.items
    return {
        "imported" if done_for_real else "planned": [
            {
                "client": item.client.id,
                "handle": item.client.handle,
                "from": item.asked.name,
                "sha256": item.sha256,
                "encoding": item.encoding or "utf-8",
                "date": item.date,
                "date_from": item.date_from,
                "type": item.type,
                "words": item.words,
                "path": made[id(item)][0] if id(item) in made else None,
                "commit": made[id(item)][1] if id(item) in made else None,
            }
            for item in items
        ],
        "problems": rows(plan.problems),
        "left_out": rows(plan.left_out),
        "skipped": rows([*plan.already, *(told for one in done for told in one.told)]),
        "hidden": plan.hidden,
    }
