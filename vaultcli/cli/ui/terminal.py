"""Words on the screen: escaping, tables, colour, progress and JSON.

Whatever comes from a file is shown through `escape`, because a note may hold characters that move the cursor, reverse
the reading direction or show nothing at all. Colour and progress appear on a terminal only.
"""

from __future__ import annotations

import json
import os
import sys
import unicodedata
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Protocol

import click

if TYPE_CHECKING:
    from pathlib import Path

BLANK = frozenset("\u115f\u1160\u3164\uffa0")
"""Letters by their category that show as nothing."""

_ELLIPSIS = "…"


def escape(text: str, *, keep: str = "\n\t") -> str:
    """The text with everything invisible or active written out, as `<U+202E>`.

    Args:
        text: from a file, a name, an argument.
        keep: control characters to let through; pass "" for what must stay on one line.
    """
    if text.isprintable() and text.isascii():
        return text
    return "".join(char if _harmless(char, keep) else f"<U+{ord(char):04X}>" for char in text)


def _harmless(char: str, keep: str) -> bool:
    if char in keep:
        return True
    # Python calls no white space but " " printable; a no-break space is harmless, a line separator is not.
    return (char.isprintable() or unicodedata.category(char) == "Zs") and char not in BLANK


def say(text: str = "") -> None:
    """One line on standard output, as it is: escape what comes from elsewhere."""
    click.echo(text, color=coloured(sys.stdout))


def warn(text: str) -> None:
    """One line on standard error, as it is."""
    click.echo(text, err=True, color=coloured(sys.stderr))


def paint(text: str, colour: str, *, bold: bool = False, err: bool = False) -> str:
    """The text in a colour where colours are wanted: on a terminal, unless NO_COLOR is set.

    Args:
        text: already escaped.
        colour: one of click's names (`red`, `green`, `yellow`, `cyan`, `bright_black`, ...).
        bold: also bold.
        err: whether it will be printed to standard error instead of standard output.
    """
    if not coloured(sys.stderr if err else sys.stdout):
        return text
    return click.style(text, fg=colour, bold=bold or None)


class _Stream(Protocol):
    def isatty(self) -> bool: ...


def coloured(stream: _Stream) -> bool:
    """Whether colours are wanted: on a terminal, unless NO_COLOR is set."""
    return stream.isatty() and not os.environ.get("NO_COLOR") and os.environ.get("TERM") != "dumb"


def is_interactive() -> bool:
    """Whether a person can be asked: standard input and standard error are both a terminal."""
    return sys.stdin.isatty() and sys.stderr.isatty()


def columns() -> int | None:
    """The width of the terminal in cells; None when standard output is no terminal and lines need not fit."""
    if not sys.stdout.isatty():
        return None
    import shutil

    return shutil.get_terminal_size().columns


def width(text: str) -> int:
    """How many terminal cells a text takes: two for wide characters, none for combining ones."""
    if text.isascii():
        return len(text)
    return sum(map(_cells, text))


def _cells(char: str) -> int:
    if unicodedata.combining(char) or unicodedata.category(char) in ("Mn", "Me"):
        return 0
    return 2 if unicodedata.east_asian_width(char) in "WF" else 1


def shorten(text: str, cells: int) -> str:
    """The text cut to a number of terminal cells, an ellipsis showing the cut."""
    if width(text) <= cells:
        return text
    kept, used = [], 1
    for char in text:
        used += _cells(char)
        if used > cells:
            break
        kept.append(char)
    return "".join(kept) + _ELLIPSIS


def table(
    rows: Iterable[Sequence[str]], *, heads: Sequence[str] = (), total: int | None = None, whole: Sequence[int] = ()
) -> str:  # fmt: skip
    """Rows as aligned columns; on a terminal the widest column gives way until lines fit.

    Args:
        rows: cells as plain text, not yet escaped and not coloured.
        heads: column headings, if wanted.
        total: cells per line; None asks the terminal, and in a pipe nothing is cut.
        whole: the columns that are never cut, such as dates.

    Returns:
        The lines, joined; empty when there are no rows.
    """
    body = [[escape(cell, keep="") for cell in row] for row in rows]
    if not body:
        return ""
    lines = [list(heads), *body] if heads else body
    widths = _fitted([max(map(width, column)) for column in zip(*lines, strict=True)], total or columns(), whole)
    return "\n".join(_line(cells, widths) for cells in lines)


_LEAST = 4
"""Cells below which no column is cut."""


def _fitted(widths: list[int], total: int | None, whole: Sequence[int]) -> list[int]:
    room = None if total is None else total - 2 * (sum(map(bool, widths)) - 1)
    while room is not None and sum(widths) > room:
        wide, column = max(((wide, n) for n, wide in enumerate(widths) if n not in whole), default=(0, 0))
        if wide <= _LEAST:
            break
        widths[column] -= 1
    return widths


def _line(cells: Sequence[str], widths: Sequence[int]) -> str:
    shown = [(cell, wide) for cell, wide in zip(cells, widths, strict=True) if wide]
    cut = [(shorten(cell, wide), wide) for cell, wide in shown]
    padded = [cell + " " * (wide - width(cell)) for cell, wide in cut]
    return "  ".join(padded).rstrip()


def emit_json(value: object) -> None:
    """One JSON document on standard output: keys sorted, indented; the same value gives the same bytes.

    What would act on a terminal, or shows as nothing, is written as JSON's own escape: the value stays the same.
    """
    text = json.dumps(value, sort_keys=True, indent=2, ensure_ascii=False)
    if not text.isascii():
        text = "".join(char if _harmless(char, "\n") else json.dumps(char)[1:-1] for char in text)
    click.echo(text)


def write(raw: bytes) -> None:
    """The exact bytes on standard output; on a terminal, where bytes could act, as text with what is invisible written out."""
    if sys.stdout.isatty():
        say(escape(raw.decode("utf-8", "replace")).rstrip("\n"))
        return
    sys.stdout.flush()
    sys.stdout.buffer.write(raw)
    sys.stdout.buffer.flush()


def counted(number: int, what: str) -> str:
    """A number with its noun: `1 draft`, `2 drafts`."""
    return f"{number} {what}{'' if number == 1 else 's'}"


def near(path: Path) -> str:
    """A path as short as it can be typed from here."""
    return min(str(path), os.path.relpath(path), key=len)


def size(octets: int) -> str:
    """A size as people read it, in decimal units: `812 bytes`, `48 KB`, `4.8 MB`."""
    if octets < 1000:
        return counted(octets, "byte")
    return f"{octets / 1e6:.1f} MB" if octets >= 1_000_000 else f"{octets // 1000} KB"


def moment(time: str) -> str:
    """An RFC 3339 time as people read it, to the minute, with its offset: `2026-11-22 17:05 -05:00`."""
    when = datetime.fromisoformat(time)
    return f"{when:%Y-%m-%d %H:%M} {when.isoformat()[-6:]}"


def age(then: datetime, now: datetime) -> str:
    """How long ago, in the largest unit that is not tiny: `now`, `5 min`, `17 h`, `3 days`, `9 weeks`, `2 years`.

    Args:
        then: with an offset.
        now: with an offset; a `then` after it reads `in the future`.
    """
    passed = now - then
    if passed < timedelta(0):
        return "in the future"
    minutes = int(passed.total_seconds()) // 60
    for size, limit, unit in ((1, 60, "min"), (60, 48 * 60, "h"), (1440, 21 * 1440, "days"), (10080, 1051200, "weeks")):
        if minutes < limit:
            return f"{minutes // size} {unit}" if minutes else "now"
    return f"{minutes // 525600} years"


def ago(then: datetime, now: datetime) -> str:
    """`just now`, `5 min ago`, `in the future`; arguments as for `age`."""
    passed = age(then, now)
    return "just now" if passed == "now" else passed if passed == "in the future" else f"{passed} ago"


class Bar(Protocol):
    """What `progress` hands out."""

    def update(self, n_steps: int) -> None:
        """Tell that this many more steps are done."""


class _Hidden:
    """A bar that nobody sees."""

    def update(self, n_steps: int) -> None:
        """Nothing."""


@contextmanager
def progress(label: str, length: int) -> Iterator[Bar]:
    """A progress bar on standard error while a person watches long work, and nothing in a pipe; gone at the end.

    Args:
        label: what is being done.
        length: how many steps there are; a few are done before a bar could be read.
    """
    if not sys.stderr.isatty() or length < _LONG:
        yield _Hidden()
        return
    try:
        with click.progressbar(length=length, label=label, file=sys.stderr) as bar:
            yield bar
    finally:
        sys.stderr.write(_UP_AND_CLEAR)
        sys.stderr.flush()


@contextmanager
def parts(label: str) -> Iterator[Callable[[int, int], None]]:
    """A progress bar for work that tells how many of how many are done; otherwise as `progress`.

    Args:
        label: what is being done.
    """
    with progress(label, 1000) as bar:
        shown = 0

        def tell(done: int, whole: int) -> None:
            nonlocal shown
            now = done * 1000 // max(1, whole)
            if now > shown:
                bar.update(now - shown)
                shown = now

        yield tell


@contextmanager
def meanwhile(text: str) -> Iterator[None]:
    """A line on standard error while a person waits for one long step, and nothing in a pipe; gone at the end.

    Args:
        text: what is being done; nothing is shown where it is empty.
    """
    if not text or not sys.stderr.isatty():
        yield
        return
    sys.stderr.write(f"{text} ...")
    sys.stderr.flush()
    try:
        yield
    finally:
        sys.stderr.write(_CLEAR)
        sys.stderr.flush()


_LONG = 50
_CLEAR = "\r\x1b[2K"
_UP_AND_CLEAR = "\x1b[1A\r\x1b[2K"
