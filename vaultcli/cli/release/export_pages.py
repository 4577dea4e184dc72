"""The formats for people, made of one record; a character that no font has is told, and a name that lacks one is asked about."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from vaultcli.cli.ui import prompt, terminal
from vaultcli.ground.errors import Refused

if TYPE_CHECKING:
    from vaultcli.export.document import Document
    from vaultcli.export.formats import Prepared
    from vaultcli.export.source import Source
    from vaultcli.places.chart.chart import Chart
    from vaultcli.work.release.attachments import Late

_NAMED = 12
"""How many characters are named; what is more is counted."""
_HINT = "`pip install 'vaultcli[cjk]'` brings a font for Chinese, Japanese and Korean; --fonts DIR brings any other"


def made(source: Source, names: Sequence[str], fonts: Path | None, size: str, *, ask: bool) -> dict[str, bytes]:
    """The files of these formats, by name.

    Args:
        source: the record.
        names: of the formats.
        fonts: a folder of further fonts.
        size: of the paper.
        ask: whether somebody may be asked.

    Raises:
        Refused: a name cannot be printed, and that was not wanted.
    """
    from vaultcli.export import formats
    from vaultcli.export.chart import chart

    document = chart.build(source)
    found = {}
    for name in names:
        one = formats.TABLE[name]
        if one.fonts:
            found[one.file] = _set(name, one.file, document, fonts, size, ask=ask)
        else:
            found[one.file] = formats.page(name, document)
    return found


def _set(name: str, file: str, document: Document, fonts: Path | None, size: str, *, ask: bool) -> bytes:
    from vaultcli.export import formats

    with terminal.meanwhile(f"setting {file}"):
        ready = formats.prepare(name, document, fonts, size)
    if ready.missing:
        _tell(file, ready, document, ask=ask)
    with terminal.meanwhile(f"setting {file}"):
        return ready.write()


def _tell(file: str, ready: Prepared, document: Document, *, ask: bool) -> None:
    """What will be written out by number: on whose page a name is, must be seen at once, and so is asked about."""
    gone = sorted(ready.missing)
    more = f" and {len(gone) - _NAMED} more" if len(gone) > _NAMED else ""
    told = " ".join(terminal.escape(one, keep="") for one in gone[:_NAMED])
    terminal.warn(f"{file}: no font here has {told}{more}; written out by number, as [U+6F22]")
    terminal.warn(_HINT)
    names = ready.lacking(document.head[:2])
    if not names:
        return
    terminal.warn(f"{file}: {' and '.join(terminal.escape(one, keep='') for one in names)} cannot be printed as it is written")
    if ask and terminal.is_interactive() and not prompt.confirm("make the PDF all the same?"):
        raise Refused("nothing was written")


def along(chart: Chart, source: Source) -> dict[str, bytes | Late]:
    """What goes along with a page, by its path: signed files byte for byte, what they name, the signers, a list of all."""
    from vaultcli.export.chart import checking
    from vaultcli.work.release import attachments

    signed = attachments.signed_bytes(chart, source.client.id, checking.signed_files(source))
    attested = {entry.name.file: entry.raw for entry in checking.attested(source)}
    files = {checking.SIGNERS: source.allowed_signers.encode(), **attested, **signed}
    attached = attachments.attached_bytes(chart, source.client.id, checking.attached(source))
    taken: dict[str, bytes | Late] = {f"{checking.FOLDER}/{name}": raw for name, raw in files.items()}
    taken |= {f"{checking.ATTACHMENTS}/{name}": late for name, late in attached.items()}
    return taken | {checking.SUMS: checking.listed(source)}
