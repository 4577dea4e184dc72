"""`vaultcli new`: a note, from the end of the session to its place in the record."""

from __future__ import annotations

from typing import TYPE_CHECKING, BinaryIO

import click

from vaultcli.cli.door import Options, pass_options
from vaultcli.cli.finish import after_editor
from vaultcli.cli.ui import clock, days, given_text, picker, terminal
from vaultcli.cli.ui.open_editor import open_editor
from vaultcli.cli.write import new_group
from vaultcli.ground.errors import OK, BadInput

if TYPE_CHECKING:
    from vaultcli.places.chart.chart import Chart
    from vaultcli.record.notes.client import Client
    from vaultcli.record.view.entry import Entry
    from vaultcli.work.notes.compose import Wanted
    from vaultcli.work.notes.draft import Draft


@click.command("new")
@click.argument("client", required=False)
@click.argument("time", metavar="[START-END]", required=False)
@click.option("--date", metavar="DATE", help="The day of the session: 2026-11-22, yesterday, mon, 11/22. Default: today.")
@click.option("--type", "kind", help="What kind of note, such as contact or no-show. Default: progress.")
@click.option("--format", "shape", help="The format of a progress note, such as soap. Default: the client's.")
@click.option("--place", help="Where: office, video, audio or field. Default: the client's.")
@click.option("--cpt", help="The procedure code. Default: the client's.")
@click.option("--goals", metavar="G1,G2", help="The goals that were worked on. Default: the plan's open ones.")
@click.option("--absent", multiple=True, metavar="CLIENT", help="Of a group's session: a member who was not there. Repeatable.")
@click.option("-m", "--message", metavar="TEXT", help="The text of the note, without an editor; - is standard input.")
@click.option("--from", "source", type=click.File("rb"), help="Take the text from a file; - is standard input.")
@click.option("--again", metavar="NOTE", help="Take text, day and time from a withdrawn note of yours.")
@click.option("--edit", "open_it", is_flag=True, help="Open the editor also after -m or --from.")
@click.option("--beside", is_flag=True, help="Show the client's newest finished note beside it, where the editor can.")
@click.option("--sign", is_flag=True, help="Sign it without asking.")
@click.option("--draft", is_flag=True, help="Record it as a draft without asking.")
@click.option("--anyway", is_flag=True, help="Of a group's session: a word that is a member's name is none here.")
@pass_options
def command(
    options: Options, client: str | None, time: str | None, date: str | None, kind: str | None, shape: str | None,
    place: str | None, cpt: str | None, goals: str | None, absent: tuple[str, ...], message: str | None,
    source: BinaryIO | None, again: str | None, open_it: bool, beside: bool, sign: bool, draft: bool, anyway: bool,
) -> int:  # fmt: skip
    """Write a note.

    Your editor opens on a draft with the client's own defaults. When you close it, s signs the note, d records it as a
    draft, e opens it again, x throws it away. An untouched draft leaves nothing behind. Whatever happens before you
    answer, the text stays in its file, and `vaultcli edit` finds it.

    The time of the session is the second argument, as in: vaultcli new ada 14:00-14:53, or 2pm-2:53pm, or 1400-1453. It is
    never guessed: 2-2:53 may be before or after noon, and is asked about.

    With -m or --from no editor opens; where nobody can be asked, the note is recorded as a draft. What you type here wins
    over front matter that the text brings; front matter that cannot be read is told, and then --sign refuses. A note that
    was withdrawn as another client's is written where it belongs with --again; look over it before you sign it.

    Goals and diagnoses come from the newest signed treatment plan, everything else from the register, nothing from
    yesterday's note. `vaultcli template list` shows what a note can begin with.

    Of a group, the editor opens once for what all notes say alike, then for each member who was there:

    \b
    vaultcli new tuesday 17:00-18:30 --absent cy
    """  # noqa: D301
    from dataclasses import replace

    from vaultcli.cli.open_chart import open_chart
    from vaultcli.record import typed
    from vaultcli.work.notes.compose import Wanted

    _check(message, source, again, sign, draft)
    if client and time is None and typed.is_range(client):
        client, time = None, client
    text = given_text.read(message, source)
    with open_chart(options) as chart:
        new_group.resume(chart)
        whose = picker.client(chart, client)
        if again is not None:
            before = _before(chart, again)
            wanted = replace(
                before,
                date=days.session_day(date, tell=True) if date else before.date,
                time=days.time(time) or before.time,
                type=kind or before.type,
                format=shape or before.format,
                place=place or before.place,
                cpt=cpt or before.cpt,
                goals=_names(goals),
            )
        else:
            wanted = Wanted(
                days.session_day(date, tell=True), days.time(time), kind or "", shape or "", place or "", cpt or "", text,
                _names(goals), dated=bool(date), called=given_text.called(message, source),
            )  # fmt: skip
        if whose.kind == "group":
            _check_group(kind, shape, again, goals, sign=sign)
            opens = open_it or text is None
            if opens:
                _check_editor()
            return new_group.write(options, chart, whose, wanted, absent, opens=opens, anyway=anyway, draft=draft)
        if absent or anyway:
            raise click.UsageError("--absent and --anyway are for the session of a group")
        answer = after_editor.decided(sign=sign, draft=draft)
        return _write(options, chart, whose, wanted, open_it or text is None, beside, answer)


def _names(goals: str | None) -> tuple[str, ...]:
    return tuple(filter(None, (name.strip() for name in (goals or "").split(","))))


def _check_group(kind: str | None, shape: str | None, again: str | None, goals: str | None, *, sign: bool) -> None:
    if kind not in (None, "group") or shape or again or goals:
        raise click.UsageError("of a group only sessions are written; all else is a note in a member's chart")
    if sign:
        raise click.UsageError("--sign: each member's note has to be written first")


def _before(chart: Chart, word: str) -> Wanted:
    """What is taken over from a withdrawn note."""
    from vaultcli.work.notes import lookup, rewrite

    return rewrite.again(lookup.resolve(chart, word, clock.now()), chart.me.id)


def _check(message: str | None, source: BinaryIO | None, again: str | None, sign: bool, draft: bool) -> None:
    if sum(one is not None for one in (message, source, again)) > 1:
        raise click.UsageError("-m, --from and --again each give the text; use one")
    if sign and draft:
        raise click.UsageError("--sign and --draft exclude each other")


def _write(
    options: Options, chart: Chart, client: Client, wanted: Wanted, opens: bool, beside: bool, answer: str
) -> int:  # fmt: skip
    from vaultcli.work.notes import draft as drafts

    if opens:
        _check_editor()
    if client.closed:
        terminal.warn(f"{client.handle}'s chart was closed on {terminal.escape(client.closed, keep='')}")
    if wanted.text is not None and not opens:
        from vaultcli.work.notes import unsaid

        if path := unsaid.again(chart, client.id, wanted.text.decode("utf-8", "replace"), wanted.time):
            terminal.say(f"recorded already {client.handle} {path}: the command before could not say so")
            return OK
    made = drafts.begin(chart, client, wanted)
    for sentence in made.told:
        terminal.warn(sentence)
    with after_editor.kept(made, fresh=wanted.text is None):
        if opens:
            open_editor(chart, made, _other(chart, made) if beside else None)
        elif made.doubt and answer == after_editor.SIGN:
            hint = "look at the draft and sign it then, or mend the text and write it anew; a rule as its first line may be ***"
            raise BadInput(f"not signed: {made.doubt}", hint=hint)
    if not opens and not answer and not terminal.is_interactive():
        answer = after_editor.DRAFT
    return after_editor.finish(options, chart, made, fresh=wanted.text is None, answer=answer)


def _check_editor() -> None:
    """Before a draft is begun: one that cannot be opened would only be in the way.

    Raises:
        EditorTrouble: there is none.
    """
    from vaultcli.ground.editor import command as editor

    editor.chosen()


def _other(chart: Chart, made: Draft) -> Entry:
    from vaultcli.work.notes import draft as drafts
    from vaultcli.work.notes import lookup

    return drafts.newest_before(lookup.entries_of(chart, made.client), made)
