"""A client's chart as a document: a cover, the notes in order, and a page to check it by."""

from __future__ import annotations

from vaultcli.export import dates
from vaultcli.export.chart import checking, note, part2, pictures, plans
from vaultcli.export.document import Block, Contents, Document, Fields, Heading, Paragraph, Part, Statement, Table
from vaultcli.export.source import Source
from vaultcli.record.view import entry as record

LANGUAGE = "en"
SEPARATE = "Psychotherapy notes, if any exist, are not part of this record."
DRAFT = "DRAFT: this export holds notes that are not signed"


def build(source: Source) -> Document:
    """The chart of one client, or the part of it that was asked for, as a document.

    Args:
        source: the verified record.
    """
    known, shown = plans.of(source.entries), pictures.of(source)
    parts = [Part(tuple(_cover(source)))]
    parts += [note.part(source, entry, known, shown) for entry in source.entries]
    parts.append(Part(tuple(checking.page(source)), page=True))
    born = dates.day(source.client.text("born"))
    head = (source.practice.name, source.client.name, *([f"born {born}"] if born else []), source.client.id)
    mark = DRAFT if any(entry.open for entry in source.entries) else ""
    return Document(_name(source), LANGUAGE, source.made, head, tuple(parts), mark, part2.notice(source))


def _name(source: Source) -> str:
    name = source.client.name
    if source.only:
        return f"A note from the chart of {name}"
    if source.whole:
        return f"Chart of {name}"
    return f"From the chart of {name}, {_days(source)}"


def _days(source: Source) -> str:
    first, last = dates.day(source.since), dates.day(source.until)
    if first and last:
        return f"{first} to {last}"
    return f"since {first}" if first else f"up to {last}"


def _cover(source: Source) -> list[Block]:
    client, practice = source.client, source.practice
    rows = [("practice", practice.name), ("address", practice.address)]
    rows += [("client", client.name), ("born", dates.day(client.text("born"))), ("record", client.id)]
    rows += [("chart opened", dates.day(client.text("opened"))), ("chart closed", dates.day(client.closed))]
    rows += [("exported", f"{dates.moment(source.made)}, by {source.tool}")]
    blocks: list[Block] = [Heading(1, _name(source)), Fields(tuple((name, text) for name, text in rows if text))]
    if notice := part2.notice(source):
        blocks.append(Statement("notice", notice, part2.SOURCE))
    if any(entry.open for entry in source.entries):
        blocks.append(Statement("draft", f"{DRAFT}."))
    blocks.append(Paragraph(_counts(source)))
    blocks.append(Paragraph(SEPARATE))
    for path, why in sorted(source.unverified.items()):
        blocks.append(Statement("missing", f"The note {path} is left out: {why}."))
    blocks += _clinicians(source)
    return [*blocks, *([Contents()] if len(source.entries) > 1 else [])]


def _counts(source: Source) -> str:
    states = [entry.state for entry in source.entries]
    rows = [f"{states.count(state)} {state}" for state in record.STATES if state in states]
    total = len(source.entries)
    told = f"{total} note{'' if total == 1 else 's'}: " + ", ".join(rows) + "." if rows else "No notes."
    return told if source.whole else f"{told} This is a part of the chart: {_part(source)}."


def _part(source: Source) -> str:
    return "one note" if source.only else f"the sessions {'of ' if source.since and source.until else ''}{_days(source)}"


def _clinicians(source: Source) -> list[Block]:
    """Licence and NPI of those who signed, where the practice lists any."""
    signers = {one.block.by for one in checking.signed_files(source)}
    people = [person for person in source.practice.people if person.id in signers and (person.licence or person.npi)]
    if not people:
        return []
    rows = tuple((person.name, person.credentials, person.licence, person.npi) for person in people)
    told = "Licences and identifiers of the signers, as the practice lists them today; names and credentials stand with each "
    return [Paragraph(f"{told}signature as they were signed."), Table(("name", "credentials", "licence", "NPI"), rows)]
