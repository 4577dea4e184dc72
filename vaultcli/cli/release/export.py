"""`vaultcli export`: a client's chart, or a part of it, for somebody else to read, with what they need to check it."""

from __future__ import annotations

import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

import click

from vaultcli.cli.door import Options, pass_options
from vaultcli.cli.ui import clock, terminal
from vaultcli.ground.errors import OK

if TYPE_CHECKING:
    from vaultcli.export.source import Source
    from vaultcli.places.chart.chart import Chart
    from vaultcli.record.notes.client import Client

_FOLDER = click.Path(path_type=Path, exists=True, file_okay=False)
_ON_TERMINAL = ("markdown", "jsonl", "csv")
"""The formats that a terminal can show."""


@dataclass(frozen=True)
class _Setting:
    """How a format for paper is set: a folder of further fonts, and the size of the paper."""

    fonts: Path | None
    size: str


_Command = TypeVar("_Command", bound=Callable[..., object])


def _formats(command: _Command) -> _Command:
    """`--format NAME`, and a flag for each name."""
    from vaultcli.export import formats

    papers = click.Choice(formats.PAPERS, case_sensitive=False)
    told = f"Of the PDF: {' or '.join(formats.PAPERS)}. Default: {formats.PAPERS[0]}."
    command = click.option("--paper", type=papers, default=formats.PAPERS[0], metavar="SIZE", help=told)(command)
    for one in reversed(formats.TABLE.values()):
        command = click.option(f"--{one.name}", one.name, is_flag=True, help=f"{one.file}: {one.means}.")(command)
    choice = click.Choice(list(formats.TABLE))
    told = f"May be given more than once. Default: {formats.DEFAULT}."
    return click.option("--format", "chosen", type=choice, multiple=True, metavar="NAME", help=told)(command)


@click.command("export")
@click.argument("what", metavar="[CLIENT|NOTE]", required=False)
@_formats
@click.option("--since", metavar="DATE", help="Only sessions from this day on.")
@click.option("--until", metavar="DATE", help="Only sessions up to this day.")
@click.option("--drafts", is_flag=True, help="Take notes that are not signed along; every page is marked DRAFT then.")
@click.option("--fonts", type=_FOLDER, metavar="DIR", help="A folder of further fonts for the PDF.")
@click.option("-o", "--output", type=click.Path(path_type=Path), help="The new folder. Default: export-ID-DATE here.")
@click.option("--stdout", "to_stdout", is_flag=True, help="Print the one file alone, and write nothing.")
@click.option("--all", "everyone", is_flag=True, help="The whole practice, in a format for programs.")
@click.option("--bundle", type=click.Path(path_type=Path), help="Write the signed history instead, as one git bundle.")
@click.option("--json", "as_json", is_flag=True, help="Print what was written as JSON; docs/json.md describes the keys.")
@pass_options
def command(
    options: Options,
    /,
    what: str | None,
    chosen: tuple[str, ...],
    since: str | None,
    until: str | None,
    drafts: bool,
    fonts: Path | None,
    output: Path | None,
    to_stdout: bool,
    everyone: bool,
    bundle: Path | None,
    paper: str,
    as_json: bool,
    **flags: bool,
) -> int:
    """Export a client's chart, one note, or the notes of some days, with the signed files and a page to check them by.

    Only what verifies goes out: the record is verified first, and a note that does not is left out and named. What was
    corrected is shown struck and inserted in its place. A withdrawn note leaves a neutral line, and no text.

    The folder holds one file a format, the folder signed/ with the signed files byte for byte, their signatures and the
    practice's list of signers. Psychotherapy notes, if any exist, are no part of it.

    \b
    vaultcli export ada                            the whole chart, as Markdown
    vaultcli export ada --pdf --html               both, in one folder
    vaultcli export ada@2026-11-20 --pdf           one note; ada~0 is the newest
    vaultcli export ada --since 2026-07-01 --pdf   the notes of some days
    """  # noqa: D301
    from vaultcli.cli.open_chart import open_chart
    from vaultcli.cli.release import export_all, export_options
    from vaultcli.cli.ui import picker

    names = export_options.chosen(chosen, flags)
    wanted = export_options.wanted(since, until, drafts)
    _check(names, what, everyone=everyone, to_stdout=to_stdout, bundle=bundle)
    with open_chart(options) as chart:
        if everyone:
            folder = None if to_stdout else export_all.target(output)
            return export_all.give(names, export_options.of_everyone(chart, wanted), folder, as_json=as_json)
        if bundle is not None:
            return _bundle(chart, picker.client(chart, what), bundle, as_json)
        who, note = picker.client_or_note(chart, what)
        folder = None if to_stdout else _target(output, note.id if note else who.id)
        source = export_options.of_client(chart, who, wanted, note)
        return _give(chart, names, source, folder, as_json, _Setting(fonts, paper))


def _target(output: Path | None, id_: str) -> Path:
    """The folder that is to be made, `export-ID-DATE`: no name is part of it.

    Raises:
        Conflict: something is there already; told before the work.
    """
    from vaultcli.work.release import attachments

    folder = output or Path(f"export-{id_}-{clock.now().date().isoformat()}")
    attachments.check_empty(folder)
    return folder


def _check(names: list[str], what: str | None, *, everyone: bool, to_stdout: bool, bundle: Path | None) -> None:
    """Refuse what does not go together.

    Raises:
        click.UsageError: it does not.
    """
    from vaultcli.export import formats

    pages = [name for name in names if not formats.TABLE[name].data]
    if everyone and (what or bundle or pages):
        raise click.UsageError("--all is for a format for programs, and for no single client")
    if to_stdout and len(names) != 1:
        raise click.UsageError("--stdout prints one format")
    if to_stdout and sys.stdout.isatty() and names[0] not in _ON_TERMINAL:
        raise click.UsageError(f"a terminal does not show {names[0]}; send it into a file")


def _bundle(chart: Chart, who: Client, target: Path, as_json: bool) -> int:
    from vaultcli.cli.release import export_options
    from vaultcli.work.release import line_bundle

    line_bundle.check_new(target)
    verdict = export_options.verdict_of(chart, who.branch)
    head = next(line.head for line in verdict.lines if line.branch == who.branch)
    made = line_bundle.bundle(chart, who.id, target, verified=head)
    if as_json:
        terminal.emit_json({"bundle": str(made.path), "sha256": made.sha256})
    else:
        terminal.say(f"wrote {made.path}")
        terminal.say(f"sha256 {made.sha256}")
        terminal.say(f"check it: vaultcli verify --bundle {made.path} --genesis {chart.genesis}")
    return OK


def _give(chart: Chart, names: list[str], source: Source, folder: Path | None, as_json: bool, setting: _Setting) -> int:
    """Make the files, and write them into a new folder or, without one, print the only one."""
    from vaultcli.cli.release import export_pages
    from vaultcli.export import formats
    from vaultcli.work.release import attachments

    pages = [name for name in names if not formats.TABLE[name].data]
    made = {formats.TABLE[name].file: formats.data(name, [source]) for name in names if name not in pages}
    if pages:
        made |= export_pages.made(source, pages, setting.fonts, setting.size, ask=not as_json)
    if folder is None:
        terminal.write(next(iter(made.values())))
        return OK
    along = export_pages.along(chart, source) if pages else {}
    attachments.write_folder(folder, {**made, **along})
    _tell(folder, source, sorted({**made, **along}), formats.TABLE[pages[0]].file if pages else "", as_json)
    return OK


def _tell(target: Path, source: Source, files: list[str], page: str, as_json: bool) -> None:
    notes, left = len(source.entries), sorted(source.unverified.items())
    if as_json:
        rows = [{"path": path, "why": why} for path, why in left]
        terminal.emit_json({"folder": str(target), "notes": notes, "left_out": rows, "files": files})
        return
    signatures = sum(name.endswith(".sig") for name in files)
    counts = [terminal.counted(notes, "note"), *([terminal.counted(signatures, "signed file")] if page else [])]
    terminal.say(f"wrote {target}: {', '.join(counts)}")
    for path, why in left:
        terminal.warn(f"left out {path}: {terminal.escape(why)}")
    told = [f"its last page says how to check it: {target / page}"] if page else [str(target / name) for name in files]
    terminal.say("\n".join(told))
