"""What happens when the editor closes: one line on the text, one question, and the answer carried out.

Shared by `new`, `edit` and `amend`. Nothing is recorded before the answer; whatever goes wrong, the text stays in its file, and
the file is named.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING

from vaultcli.cli.ui import clock, terminal
from vaultcli.cli.ui.open_editor import open_editor
from vaultcli.ground.errors import OK, NotFound, Unfinished, VaultError

if TYPE_CHECKING:
    from vaultcli.cli.door import Options
    from vaultcli.places.chart.chart import Chart
    from vaultcli.work.notes.draft import Draft, Look

SIGN, DRAFT, EDIT, DISCARD = "s", "d", "e", "x"
LABELS = {SIGN: "[s]ign", DRAFT: "[d]raft", EDIT: "[e]dit", DISCARD: "[x]discard"}
FEW = 10
"""Words that are thrown away without asking again: what a slip of the finger costs is typed anew in a moment."""


def decided(*, sign: bool, draft: bool) -> str:
    """The answer that was given as a flag, or empty."""
    return SIGN if sign else DRAFT if draft else ""


@contextmanager
def kept(draft: Draft, *, fresh: bool = False, chart: Chart | None = None) -> Iterator[None]:
    """Whatever ends the block early, say where the text is; a fresh draft without a word of text is put away.

    Args:
        draft: the note.
        fresh: whether it is still the template.
        chart: where it may have been recorded before the block ended.
    """
    before = _head(chart, draft) if chart is not None else None
    try:
        yield
    except BaseException as error:
        if chart is not None and _head(chart, draft) != before and _is_recorded(chart, draft):
            from vaultcli.work.notes import unsaid

            unsaid.note(chart, draft.client.id, draft.path)
            if not isinstance(error, Unfinished):
                terminal.warn(f"recorded {draft.client.handle} {draft.path}; only the answer could not be given")
        elif fresh and _put_away(draft):
            terminal.warn("nothing was written; nothing was recorded")
        elif draft.file.exists():
            terminal.warn(f"the text stays in {draft.file}")
            saves = "" if draft.client.kind == "group" else ", `vaultcli save` records it"
            terminal.warn(f"`vaultcli edit {draft.id}` goes on with it{saves}")
        raise


def _head(chart: Chart, draft: Draft) -> str | None:
    with suppress(VaultError, OSError):
        return chart.repository.head(f"client/{draft.client.id}")
    return None


def _is_recorded(chart: Chart, draft: Draft) -> bool:
    """Whether the file holds what the record holds, so that nothing is left to save."""
    from vaultcli.ground import files

    try:
        return chart.recorded(draft.client.id, draft.path) == files.read(draft.file)
    except (VaultError, OSError):
        return False


def _put_away(draft: Draft) -> bool:
    """Delete a draft that is still the bare template, unless an editor left a copy of what was typed; whether it was."""
    from vaultcli.ground import files
    from vaultcli.work.notes import draft as drafts

    try:
        raw = files.read(draft.file)
        left_by_editor = any(draft.file.name in one.name for one in draft.file.parent.iterdir() if one != draft.file)
        if left_by_editor or not drafts.is_untouched(draft, raw):
            return False
        files.remove(draft.file, expecting=files.digest(raw))
    except (VaultError, OSError):
        return False
    return True


def finish(options: Options, chart: Chart, draft: Draft, *, fresh: bool, answer: str = "") -> int:
    """Ask what to do with a draft that has just been closed, and do it.

    Args:
        options: of the command.
        chart: the chart.
        draft: the note.
        fresh: whether it began as a template, so that an untouched one leaves nothing.
        answer: one of the keys, where it need not be asked.

    Returns:
        The exit code.
    """
    from vaultcli.work.notes import draft as drafts

    with kept(draft, chart=chart):
        while True:
            try:
                look = drafts.look(chart, draft)
            except NotFound:
                terminal.say("the file is gone; nothing was recorded")
                return OK
            if fresh and not answer and drafts.is_untouched(draft, look.raw):
                drafts.discard(chart, draft, look.raw)
                terminal.say("nothing was written; nothing was recorded")
                return OK
            describe(chart, draft, look)
            try:
                code = _carry_out(options, chart, draft, look, answer or _ask(chart, draft))
            except VaultError as error:
                if isinstance(error, Unfinished) or answer or not terminal.is_interactive():
                    raise
                from vaultcli.cli.ui import errors

                errors.tell(error)
                continue
            if code is not None:
                return code


def describe(chart: Chart, draft: Draft, look: Look) -> None:
    """Whose note it is, of when, how long; what stands in the way of a signature, and what was asked and has no answer."""
    if look.words is not None:
        head(draft, look)
    if look.unreadable:
        terminal.warn(terminal.escape(look.unreadable))
    from vaultcli.work.notes import doubts

    for problem in (*look.problems, *look.questions, *doubts.of(chart, draft, look.raw)):
        terminal.warn(f"{draft.path}:{problem.line}: {problem.field} {problem.message}")


def head(draft: Draft, look: Look, *also: str) -> None:
    """Whose note it is, of when, how long, and what of it is empty: what is to be seen before an answer."""
    from vaultcli.cli.ui import days

    counted = terminal.counted(look.words, "word") if look.words is not None else ""
    parts = (draft.client.name, *also, days.shown(look.date), look.time, counted, blank(look.empty))
    terminal.say(terminal.escape(" · ".join(filter(None, parts)), keep=""))


def blank(titles: Sequence[str]) -> str:
    """In words, which sections are empty: `Assessment and Plan are empty`."""
    if not titles:
        return ""
    *others, last = titles
    return f"{', '.join(others)} and {last} are empty" if others else f"{last} is empty"


def throw_away(chart: Chart, draft: Draft, raw: bytes, words: int | None) -> bool:
    """Discard a draft; of one that has more than a few words it is asked, and a copy of what was typed stays for a day.

    Args:
        chart: the chart.
        draft: the note, the sheet of a group's session, or a correction in the making.
        raw: its bytes as they were seen.
        words: of prose in it; None where that cannot be told.

    Returns:
        Whether it is gone.
    """
    from vaultcli.cli.ui import prompt
    from vaultcli.places.chart import discarded
    from vaultcli.work.notes import draft as drafts

    if chart.recorded(draft.client.id, draft.path) is not None:
        drafts.discard(chart, draft, raw)  # refuses
    said = terminal.counted(words, "word") if words is not None else "this text"
    if (words is None or words > FEW) and not prompt.confirm(f"discard {said} of {terminal.escape(draft.client.name, keep='')}?"):
        return False
    copy = discarded.keep(chart, draft.client.id, draft.path, raw, clock.now())
    drafts.discard(chart, draft, raw)
    terminal.say("discarded; nothing was recorded")
    terminal.warn(f"for 24 hours a copy stays in {copy}")
    return True


def _ask(chart: Chart, draft: Draft) -> str:
    from vaultcli.cli.ui import prompt

    recorded = chart.recorded(draft.client.id, draft.path) is not None
    keys = [SIGN, DRAFT, EDIT, *([] if recorded else [DISCARD])]
    return prompt.ask("", [LABELS[key] for key in keys])


def _carry_out(options: Options, chart: Chart, draft: Draft, look: Look, answer: str) -> int | None:
    """Do what was answered; None to ask again."""
    from vaultcli.work.notes import draft as drafts

    if answer == EDIT:
        open_editor(chart, draft)
        return None
    if answer == DISCARD:
        return OK if throw_away(chart, draft, look.raw, look.words) else None
    if answer == SIGN:
        return _sign(options, chart, draft)
    oid = drafts.record(chart, {draft.path: look.raw}, draft.client.id, clock.now())
    terminal.say(f"{'draft' if oid else 'unchanged'} {draft.client.handle} {draft.path}")
    return OK


def _sign(options: Options, chart: Chart, draft: Draft) -> int:
    from vaultcli.cli.finish.sign import sign_entries
    from vaultcli.work.notes import lookup

    entry = next(one for one in lookup.entries_of(chart, draft.client) if one.path == draft.path)
    return sign_entries(options, chart, [entry], ask_each=False)
