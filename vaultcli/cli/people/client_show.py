"""`vaultcli client show`: the card before the session."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Any

import click

from vaultcli.cli.door import Options, pass_options
from vaultcli.cli.ui import clock, picker, terminal

if TYPE_CHECKING:
    from vaultcli.record.notes.client import Client
    from vaultcli.record.notes.plan import Plan
    from vaultcli.record.view.entry import Entry
    from vaultcli.work.overview.card import Card

_FACTS = (
    ("phone", "phone"), ("email", "email"), ("address", "address"), ("emergency", "emergency"), ("guardians", "guardians"),
    ("slot", "slot"), ("place", "place"), ("platform", "platform"), ("telehealth-consent", "consent"),
    ("format", "format"), ("cpt", "cpt"), ("diagnoses", "diagnoses"),
)  # fmt: skip


@click.command("show")
@click.argument("client", required=False)
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@pass_options
def command(options: Options, client: str | None, as_json: bool) -> None:
    """One client on one screen, before the session.

    The register, the last session and what is not finished, the newest plan and homework, and what was last written about
    risk: sentences found by their words in the newest note that has any. Where nothing is found, nothing is shown.
    """
    from vaultcli.cli.open_chart import open_chart
    from vaultcli.work.overview import card

    with open_chart(options) as chart:
        now = clock.now()
        shown = card.card(chart, picker.client(chart, client), now)
        members = [chart.register(one) for one in shown.client.items("members")]
    if as_json:
        terminal.emit_json(_json(shown))
    else:
        _show(shown, members, now.date())


def _show(card: Card, members: list[Client], today: date) -> None:
    from vaultcli.work.overview.card import age_in_years

    one = card.client
    years = age_in_years(one.text("born"), today)
    tail = [one.kind, f"born {one.text('born')} ({years})" if years is not None else ""]
    tail += [f"closed {one.closed}"] if one.closed else []
    line = ", ".join(filter(None, [one.handle, *tail]))
    terminal.say(f"{terminal.paint(terminal.escape(one.name, keep=''), 'cyan', bold=True)}  {terminal.escape(line, keep='')}")
    if one.text("part2"):
        terminal.say("substance use disorder records: 42 CFR Part 2")
    facts = [(label, one.text(name)) for name, label in _FACTS if one.text(name)]
    if facts:
        terminal.say(terminal.table(facts))
    if members:
        terminal.say()
        who = [("member", each.handle, each.name, f"closed {each.closed}" if each.closed else "") for each in members]
        terminal.say(terminal.table(who))
    if one.about:
        terminal.say(terminal.escape(one.about))
    terminal.say()
    rows = [("last", _row(card.last, today) if card.last else "none finished yet")]
    rows += [("open", _row(entry, today)) for entry in card.drafts] + [("waits", _row(entry, today)) for entry in card.waiting]
    rows += _plan(card.plan) if card.plan else [("goals", ", ".join(card.goals))] if card.goals else []
    rows += [("next", card.next)] if card.next else []
    rows += [("notes", str(card.notes))]
    terminal.say(terminal.table(rows))
    for piece in card.sections:
        title = terminal.escape(f"{piece.title}, {piece.day}", keep="")
        terminal.say(f"\n{terminal.paint(title, 'cyan')}\n{terminal.escape(piece.text)}")


def _plan(plan: Plan) -> list[tuple[str, str]]:
    review = f", to be reviewed by {plan.review}" if plan.review else ""
    goals = [("goal", f"{goal.name} · {goal.title}") for goal in plan.goals if goal.open]
    return [("plan", f"{plan.date}{review}"), *((label, terminal.escape(text, keep="")) for label, text in goals)]


def _row(entry: Entry, today: date) -> str:
    from vaultcli.work.notes import lookup

    fields = lookup.fields_of(entry)
    return "  ".join(filter(None, (fields.date, fields.time, fields.type, entry.state, _ago(fields.date, today))))


def _ago(day: str, today: date) -> str:
    days = (today - date.fromisoformat(day)).days
    if days < 0:
        return "in the future"
    named = {0: "today", 1: "yesterday"}
    return named.get(days) or (f"{days} days ago" if days < 21 else f"{days // 7} weeks ago")


def _json(card: Card) -> dict[str, Any]:
    return {
        "client": {**card.client.fields, "about": card.client.about},
        "notes": card.notes,
        "goals": list(card.goals),
        "plan": _plan_json(card.plan) if card.plan else None,
        "last": _note(card.last) if card.last else None,
        "drafts": [_note(entry) for entry in card.drafts],
        "needs_cosignature": [_note(entry) for entry in card.waiting],
        "sections": [{"title": piece.title, "date": piece.day, "text": piece.text} for piece in card.sections],
        "next": card.next or None,
    }


def _plan_json(plan: Plan) -> dict[str, Any]:
    return {
        "id": plan.id,
        "date": plan.date,
        "review": plan.review or None,
        "diagnoses": list(plan.diagnoses),
        "goals": [
            {
                "name": goal.name,
                "title": goal.title,
                "open": goal.open,
                "objectives": [{"name": one.name, "text": one.text} for one in goal.objectives],
            }
            for goal in plan.goals
        ],
    }


def _note(entry: Entry) -> dict[str, str]:
    from vaultcli.work.notes import lookup

    fields = lookup.fields_of(entry)
    return {
        "id": entry.id,
        "path": entry.path,
        "date": fields.date,
        "time": fields.time,
        "type": fields.type,
        "state": entry.state,
    }
