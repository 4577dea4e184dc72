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


def give(names: Sequence[str], sources: Iterable[Source], output: Path | None, *, to_stdout: bool, as_json: bool) -> int:
    """Write a file for each format, or print the only one."""
    from vaultcli.export import formats

    if to_stdout:
        with _standard_output() as write:
            _, left = _pour(sources, {names[0]: write})
        _tell_left(left)
        return OK
    from vaultcli.work.release import attachments

    target = output or Path(f"export-{clock.now().date().isoformat()}")
    files = {name: formats.TABLE[name].file for name in names}
    with attachments.growing(target, list(files.values())) as write_to:
        notes, left = _pour(sources, {name: write_to[file] for name, file in files.items()})
    if as_json:
        rows = [{"path": path, "why": why} for path, why in left]
        terminal.emit_json({"folder": str(target), "notes": notes, "left_out": rows, "files": sorted(files.values())})
        return OK
    terminal.say(f"wrote {target}: {terminal.counted(notes, 'note')}")
    _tell_left(left)
    terminal.say("\n".join(str(target / file) for file in sorted(files.values())))
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
    for name, write in writers.items():
        write(formats.head(name))
    for source in sources:
        for name, write in writers.items():
            write(formats.rest(name, source))
        notes += len(source.entries)
        left += sorted(source.unverified.items())
    return notes, left


def _tell_left(left: Left) -> None:
    for path, why in left:
        terminal.warn(f"left out {path}: {terminal.escape(why)}")
