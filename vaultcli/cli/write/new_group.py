"""A session of a group: one sheet for what all notes say alike, then the note of each member who was there."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from vaultcli.cli.finish import after_editor
from vaultcli.cli.ui import clock, terminal
from vaultcli.cli.ui.open_editor import open_editor
from vaultcli.ground.errors import OK, NotFound, Refused

if TYPE_CHECKING:
    from vaultcli.cli.door import Options
    from vaultcli.places.chart.chart import Chart
    from vaultcli.record.notes.client import Client
    from vaultcli.work.notes.compose import Wanted
    from vaultcli.work.notes.draft import Draft, Look

MAKE, EDIT, DISCARD = "m", "e", "x"


def resume(chart: Chart) -> set[str]:
    """Finish the notes of a session that was interrupted while they were made; the ids of the groups."""
    from vaultcli.work.notes import draft as note_drafts

    if not note_drafts.sheets(chart):
        return set()
    from vaultcli.work.notes import group_session

    done = group_session.resume(chart)
    for group, drafts in done:
        handles = ", ".join(one.client.handle for one in drafts)
        terminal.warn(f"{group.handle}: the notes of an interrupted session were made: {handles}")
    return {group.id for group, _ in done}


def was_meant(chart: Chart, word: str, groups: set[str]) -> bool:
    """Whether a word means one of these groups, and no other sheet of it waits."""
    from vaultcli.work.notes import lookup

    try:
        client = lookup.client_of(chart, word)
    except NotFound:
        return False
    return client.id in groups and not lookup.entries_of(chart, client)


def write(
    options: Options, chart: Chart, group: Client, wanted: Wanted, absent: Sequence[str], *, opens: bool, anyway: bool,
    draft: bool,
) -> int:  # fmt: skip
    """Begin a sheet and go on to the members' notes.

    Args:
        options: of the command.
        chart: the chart.
        group: whose session.
        wanted: of it.
        absent: members who were not there.
        opens: whether the editor opens on the sheet.
        anyway: whether a word that is a member's name is none here.
        draft: whether the members' notes are recorded as drafts without opening each.
    """
    from vaultcli.work.notes import group_session

    group_session.check_templates(chart)
    made = group_session.begin(chart, group, wanted, absent)
    for sentence in made.told:
        terminal.warn(sentence)
    with after_editor.kept(made, fresh=wanted.text is None):
        if opens:
            open_editor(chart, made)
    return go_on(options, chart, made, fresh=wanted.text is None, each=opens and not draft, anyway=anyway)


def go_on(options: Options, chart: Chart, made: Draft, *, fresh: bool, each: bool, anyway: bool) -> int:
    """From a sheet that has just been closed to the notes of those who were there."""
    from vaultcli.work.notes import draft as note_drafts
    from vaultcli.work.notes import group_session

    with after_editor.kept(made):
        while True:
            try:
                look = note_drafts.look(chart, made)
            except NotFound:
                terminal.say("the file is gone; nothing was recorded")
                return OK
            if fresh and note_drafts.is_untouched(made, look.raw):
                note_drafts.discard(chart, made, look.raw)
                terminal.say("nothing was written; nothing was recorded")
                return OK
            answer = _answer(chart, made, look, anyway=anyway)
            if answer == DISCARD:
                if after_editor.throw_away(chart, made, look.raw, look.words):
                    return OK
                continue
            if answer == EDIT:
                open_editor(chart, made)
                continue
            drafts = group_session.spread(chart, made, look.raw)
            break
    _tell_absent(chart, made, drafts)
    return _each(options, chart, drafts, opens=each and terminal.is_interactive())


def _answer(chart: Chart, made: Draft, look: Look, *, anyway: bool) -> str:
    """What to do with the sheet; where nobody can be asked, the notes are made unless it names a member.

    Raises:
        Refused: it does, and nobody can be asked.
    """
    from vaultcli.cli.ui import prompt
    from vaultcli.work.notes import group_session

    if look.words is not None:
        after_editor.head(made, look)
    found = [] if anyway else group_session.named(chart, made, look.raw)
    for one in found:
        terminal.warn(f"{made.path}:{one.line}: names {one.handle}, and would stand in the others' charts")
    if terminal.is_interactive():
        return prompt.ask("", ["[m]ake the notes", "[e]dit", "[x]discard"])
    if found:
        hint = "take the name out; if it is none there, --anyway"
        raise Refused(f"{made.path}: the text for all names a member", hint=hint)
    return MAKE


def _tell_absent(chart: Chart, made: Draft, drafts: Sequence[Draft]) -> None:
    from vaultcli.work.notes import group_session

    there = {one.client.id for one in drafts}
    away = [one.handle for one in group_session.members_of(chart, made.client) if one.id not in there and not one.closed]
    if away:
        terminal.warn(f"not there: {', '.join(away)}; `vaultcli new {away[0]} --type no-show` says so in the chart")


def _each(options: Options, chart: Chart, drafts: Sequence[Draft], *, opens: bool) -> int:
    """The members' notes in turn: in the editor, or recorded as drafts to be gone on with."""
    from vaultcli.work.notes import draft as note_drafts

    for number, one in enumerate(drafts):
        if not opens:
            note_drafts.record(chart, {one.path: one.start}, one.client.id, clock.now())
            terminal.say(f"draft {one.client.handle} {one.path}")
            continue
        try:
            terminal.warn(f"{number + 1}/{len(drafts)} {one.client.handle}")
            with after_editor.kept(one):
                open_editor(chart, one)
            after_editor.finish(options, chart, one, fresh=False)
        except BaseException:
            if rest := [each.client.handle for each in drafts[number + 1 :]]:
                terminal.warn(f"not written yet: {', '.join(rest)}; `vaultcli edit {drafts[number + 1].id}` opens the first")
            raise
    return OK


def reopen(options: Options, chart: Chart, group: Client, path: str, *, anyway: bool) -> int:
    """Go on with a sheet that was left."""
    from vaultcli.work.notes import group_session

    made = group_session.sheet(chart, group, path)
    with after_editor.kept(made):
        open_editor(chart, made)
    return go_on(options, chart, made, fresh=False, each=True, anyway=anyway)
