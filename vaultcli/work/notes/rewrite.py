"""A withdrawn note, written again under the client whose it is."""

from __future__ import annotations

from vaultcli.ground import frontmatter
from vaultcli.ground.errors import BadInput, Refused
from vaultcli.record.view.entry import Entry
from vaultcli.work.notes import lookup
from vaultcli.work.notes.compose import Wanted

_PROSE = ("addendum", "late-entry")


def again(entry: Entry, me: str) -> Wanted:
    """What a new note takes over from a withdrawn one: the session's facts and every word of the text that stood.

    Diagnoses, goals and whatever else came from the other client's register stay behind, and nothing names that client.

    Args:
        entry: the withdrawn note.
        me: who writes.

    Raises:
        Refused: the note was not withdrawn, or is another person's.
        BadInput: its text cannot be read.
    """
    if entry.withdrawal is None:
        raise Refused(
            f"{entry.path}: is {entry.state}; only a withdrawn note is written again",
            hint="`vaultcli withdraw NOTE --reason wrong-client` comes first",
        )
    if entry.author != me:
        raise Refused(f"{entry.path}: only {entry.author}, its author, writes it again")
    if entry.attachment is not None:
        raise Refused(
            f"{entry.path}: is an attachment, which is not written again",
            hint=f"`vaultcli show {entry.id} --original --save FILE`, then `vaultcli attach CLIENT FILE`",
        )
    said, front = lookup.fields_of(entry), frontmatter.parse(entry.text, entry.path)
    added = [one.raw for one in entry.additions if one.kind in _PROSE]
    text = b"\n\n".join(body for raw in (entry.text, *added) if (body := frontmatter.split(raw).body.strip(b"\r\n")))
    if not text:
        raise BadInput(f"{entry.path}: holds no text")
    place, cpt = (front.get(key, "") for key in ("place", "cpt"))
    return Wanted(
        date=said.date,
        time=said.time,
        type=said.type,
        format=said.format,
        place=place if isinstance(place, str) else "",
        cpt=cpt if isinstance(cpt, str) else "",
        text=text + b"\n",
    )
