"""`vaultcli psychotherapy check`: advice on what does not belong in a psychotherapy note."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

import click

from vaultcli.cli.door import Options, pass_options
from vaultcli.cli.ui import terminal
from vaultcli.ground.errors import FINDINGS, OK

if TYPE_CHECKING:
    from collections.abc import Sequence

    from vaultcli.cli.psychotherapy.desk import Desk
    from vaultcli.psychotherapy.advice.advise import Asked, Checked
    from vaultcli.psychotherapy.advice.rule import Advice, Rule
    from vaultcli.psychotherapy.notes.people import Person

NAMED = 200
"""Texts up to which the access log names each."""
SELF_TEST = (
    "Yours to answer, for each note: is it genuinely kept apart? genuinely your own view of the conversation?",
    "genuinely no part of the chart? And would you let a judge, or the client, read it as it stands?",
)
_ALL = "all"


@click.command("check")
@click.argument("note", required=False)
@click.option("--all", "everyone", is_flag=True, help="All notes of all clients.")
@click.option("--strict", is_flag=True, help="Also quotations, particulars and themes that a sparing note leaves out (P12).")
@click.option("--chart", is_flag=True, help="Compare risk with the chart's note of that day (P13); on a terminal only.")
@click.option("--rules", is_flag=False, flag_value=_ALL, metavar="[ID]", help="Show the rules, or one of them, and stop.")
@click.option("--json", "as_json", is_flag=True, help="Print it as JSON; docs/json.md describes the keys.")
@pass_options
def command(
    options: Options, note: str | None, everyone: bool, strict: bool, chart: bool, rules: str | None, as_json: bool
) -> int:
    """Advise on what does not belong in psychotherapy notes, by 45 CFR 164.501, and where it belongs instead.

    NOTE is a client (all their notes), CLIENT~1, CLIENT@2026-11-22, or the beginning of an id. It is advice: nothing is
    changed, nothing is held up by it, and none of it is recorded. That the notes were opened goes into the access log.
    Words of a note are shown on a terminal only; in a pipe and in JSON there are lines and columns.

    \b
    vaultcli psychotherapy check ada
    vaultcli psychotherapy check ada~1 --strict
    vaultcli psychotherapy check --rules P-C

    The exit code is 1 where there is advice.
    """  # noqa: D301
    if rules is not None:
        return _rules(rules, as_json=as_json)
    if everyone and note:
        raise click.UsageError("name a note or a client, or say --all")
    if chart and (everyone or as_json or not sys.stdout.isatty()):
        raise click.UsageError("--chart is for one note or client and is shown on a terminal only")
    from vaultcli.cli.psychotherapy import desk as desks
    from vaultcli.psychotherapy.advice import advise

    with desks.open_desk(options) as desk:
        asked = _asked(options, desk, note, everyone=everyone, strict=strict, chart=chart)
        with terminal.progress("opening", sum(len(desk.store.files(one.known.token)) for one in asked)) as bar:
            checked, broken = advise.check(desk.store, desk.opener, asked, bar.update)
        ids = [one.id for one in checked] if len(checked) <= NAMED else []
        desks.note(desk, "check", asked[0].known.token if len(asked) == 1 else "", ids)
        for path in broken:
            terminal.warn(f"{path} does not open; `vaultcli psychotherapy verify` says more")
        people = {one.known.token: one for one in desk.people if one.known is not None}
    found = [one for one in checked if one.advice]
    if as_json:
        rows = [_as_json(people[one.token], one, what) for one in found for what in one.advice]
        terminal.emit_json({"checked": len(checked), "advice": rows})
    else:
        for one in found:
            _show(people[one.token], one)
        _end(len(checked), sum(len(one.advice) for one in found), len(found))
    return FINDINGS if found else OK


# what is asked for


def _asked(options: Options, desk: Desk, word: str | None, *, everyone: bool, strict: bool, chart: bool) -> list[Asked]:
    """The drawers and files that are meant, each with what is known beside it."""
    from vaultcli.cli.psychotherapy import desk as desks
    from vaultcli.ground.errors import NotFound
    from vaultcli.psychotherapy.notes.people import ACCEPTED
    from vaultcli.record.notes.find_client import fitting

    holders = [one for one in desk.people if one.known is not None]
    only: frozenset[str] = frozenset()
    if everyone:
        chosen = holders
    elif not word or fitting(holders, word, ACCEPTED):
        chosen = [desks.whose(desk._replace(people=holders), word)]
    else:
        meant = desks.meant(desk, word)
        chosen = [meant.person]
        only = frozenset([meant.file.at.id])
        if meant.file is meant.entry.note:
            only |= {one.at.id for one in (*meant.entry.additions, *meant.entry.attachments)}
    if not chosen:
        raise NotFound("there are no psychotherapy notes")
    return _known(options, chosen, only, strict=strict, chart=chart)


def _known(options: Options, chosen: Sequence[Person], only: frozenset[str], *, strict: bool, chart: bool) -> list[Asked]:
    from vaultcli.cli.open_chart import find_vault
    from vaultcli.ground.errors import VaultError
    from vaultcli.psychotherapy.advice import Context, advise, chart_texts
    from vaultcli.psychotherapy.notes import people

    vault = find_vault(options)
    try:
        register = {one.id: one for one in people.register(vault)}
    except VaultError:
        # it was told when the desk was opened
        register = {}
    asked = []
    for one in chosen:
        assert one.known is not None
        context = Context(advise.names_of(one.name, register.get(one.id)), strict)
        by_day = chart_texts.notes_by_day(vault, one.id) if chart and one.id else {}
        asked.append(advise.Asked(one.known, context, by_day, only))
    return asked


# showing


def _show(person: Person, one: Checked) -> None:
    kind = "" if one.kind == "note" else one.kind
    head = " · ".join(filter(None, (person.name, one.day, kind, one.id)))
    terminal.say(terminal.paint(terminal.escape(head, keep=""), "cyan"))
    for what in one.advice:
        _line(what)


def _line(what: Advice) -> None:
    from vaultcli.psychotherapy.advice import table

    rule = table.rule(what.rule)
    assert rule is not None
    place = f"line {what.line}" if what.line else "whole note"
    place += f", column {what.column}" if what.column and not sys.stdout.isatty() else ""
    words = f': "{_shown(what.words)}"' if what.words and sys.stdout.isatty() else ""
    terminal.say(f"  {place}  {rule.id} {what.message}{words}")
    terminal.say(f"    belongs in {rule.belongs} ({rule.citation})")


def _shown(words: str) -> str:
    return terminal.shorten(terminal.escape(words, keep=""), 60)


def _end(texts: int, things: int, among: int) -> None:
    if things:
        where = f"in {among} of {terminal.counted(texts, 'text')}"
        terminal.warn(f"{terminal.counted(things, 'thing')} {where} may belong elsewhere; `--rules ID` says why. This is advice")
    else:
        terminal.warn(f"{terminal.counted(texts, 'text')}: nothing found, which is no proof that there is nothing")
    if sys.stdout.isatty():
        _self_test()


def _self_test() -> None:
    for line in SELF_TEST:
        terminal.say(line)


def _as_json(person: Person, one: Checked, what: Advice) -> dict[str, Any]:
    from vaultcli.psychotherapy.advice import table

    rule = table.rule(what.rule)
    assert rule is not None
    return {
        "client": person.id,
        "handle": person.handle,
        "token": one.token,
        "id": one.id,
        "kind": one.kind,
        "to": one.to or None,
        "date": one.day,
        "line": what.line,
        "column": what.column,
        "rule": rule.id,
        "name": rule.name,
        "message": what.message,
        "citation": rule.citation,
        "belongs": rule.belongs,
    }


# the rules


def _rules(wanted: str, *, as_json: bool) -> int:
    from vaultcli.ground.errors import NotFound
    from vaultcli.psychotherapy.advice import table

    one = None if wanted == _ALL else table.rule(wanted)
    if one is None and wanted != _ALL:
        raise NotFound(f"no rule is called {wanted}", hint="`vaultcli psychotherapy check --rules` shows them all")
    shown = [one] if one is not None else list(table.RULES)
    if as_json:
        terminal.emit_json({"rules": [_rule_as_json(rule) for rule in shown]})
        return OK
    for rule in shown:
        _rule(rule)
    _self_test()
    return OK


def _rule(rule: Rule) -> None:
    terminal.say(terminal.paint(f"{rule.id} {rule.name}", "cyan", bold=True))
    for label, words in (
        ("looks for", rule.seeks),
        ("why", rule.why),
        ("citation", rule.citation),
        ("belongs in", rule.belongs),
        ("how sure", rule.sure),
    ):
        said = click.wrap_text(words, width=100, initial_indent=f"  {label + ':':<12}", subsequent_indent=" " * 14)
        terminal.say(said)
    terminal.say()


def _rule_as_json(rule: Rule) -> dict[str, Any]:
    return {
        "id": rule.id,
        "name": rule.name,
        "looks_for": rule.seeks,
        "why": rule.why,
        "citation": rule.citation,
        "belongs": rule.belongs,
        "sure": rule.sure,
        "excluded": rule.excluded,
    }
