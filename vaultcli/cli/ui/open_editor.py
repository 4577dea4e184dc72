"""Opening a draft in the user's editor, beside another note if wanted."""

from __future__ import annotations

from typing import TYPE_CHECKING

from vaultcli.cli.ui import prompt, terminal

if TYPE_CHECKING:
    from vaultcli.places.chart.chart import Chart
    from vaultcli.record.view.entry import Entry
    from vaultcli.work.notes.draft import Draft


def open_editor(chart: Chart, draft: Draft, beside: Entry | None = None) -> None:
    """The draft in the user's editor, with another note beside it if wanted.

    Raises:
        Conflict: it is open elsewhere.
        EditorTrouble: the editor could not be started, or failed.
    """
    from vaultcli.ground.editor import command as editor
    from vaultcli.work.notes import draft as drafts

    prompt.settle()
    with drafts.editing(chart, draft):
        line = drafts.where_to_begin(chart, draft)
        if beside is None:
            editor.edit(draft.file, line=line)
            return
        mine = editor.chosen()
        if not mine.shows_two:
            terminal.warn(f"beside it: {chart.folder(beside.client) / beside.path}")
            editor.edit(draft.file, editor=mine, line=line)
            return
        with drafts.shown_beside(chart, draft, beside) as copy:
            editor.edit(draft.file, beside=copy, editor=mine, line=line)
