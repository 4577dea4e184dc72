"""`vaultcli export --all`: the whole practice in formats for programs, one client after the other, in the memory of one."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from vaultcli.cli.ui import clock, terminal
from vaultcli.ground.errors import OK

if TYPE_CHECKING:
    from vaultcli.export.source import Source

Left = list[tuple[str, str]]
"""Notes that were left out, with the reason."""


def target(output: Path | None) -> Path:
    """The folder that is to be made.

    Raises:
        Conflict: something is there already.
    """
    from vaultcli.work.release import attachments

    folder = output or Path(f"export-{clock.now().date().isoformat()}")
    attachments.check_empty(folder)
    return folder


def give(names: Sequence[str], sources: Iterable[Source], folder: Path | None, *, as_json: bool) -> int:
    """Write a file for each format into a new folder, or, without one, print the only one."""
    from vaultcli.export import formats

    if folder is None:
        with _standard_output() as write:
            _, left = _pour(sources, {names[0]: write})
        _tell_left(left)
        return OK
    from vaultcli.work.release import attachments

    files = {name: formats.TABLE[name].file for name in names}
    with attachments.growing(folder, list(files.values())) as write_to:
        notes, left = _pour(sources, {name: write_to[file] for name, file in files.items()})
    if as_json:
        rows = [{"path": path, "why": why} for path, why in left]
        terminal.emit_json({"folder": str(folder), "notes": notes, "left_out": rows, "files": sorted(files.values())})
        return OK
    terminal.say(f"wrote {folder}: {terminal.counted(notes, 'note')}")
    _tell_left(left)
    terminal.say("\n".join(str(folder / file) for file in sorted(files.values())))
    return OK


@contextmanager
def _standard_output() -> Iterator[Callable[[bytes], object]]:
    """Byte for byte in a pipe; on a terminal with control characters shown."""
    if sys.stdout.isatty():
        yield lambda piece: sys.stdout.write(terminal.escape(piece.decode()))
        return
    sys.stdout.flush()
    yield sys.stdout.buffer.write


def _pour(sources: Iterable[Source], writers: dict[str, Callable[[bytes], object]]) -> tuple[int, Left]:
    """Write each client's notes into every file; how many there were, and what was left out."""
    from vaultcli.export import formats

    notes, left = 0, Left()
    pouring = [formats.Pouring(name, write) for name, write in writers.items()]
    for source in sources:
        for one in pouring:
            one.add(source)
        notes += len(source.entries)
        left += sorted(source.unverified.items())
    for one in pouring:
        one.finish()
    return notes, left


def _tell_left(left: Left) -> None:
    for path, why in left:
        terminal.warn(f"left out {path}: {terminal.escape(why)}")
