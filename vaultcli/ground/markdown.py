"""The outline of a Markdown body: its sections, its HTML comments and its words, by one scan over the lines.

No Markdown library is loaded: this runs on every note that is listed, checked or signed. Headings are found
as CommonMark finds them at the top level of a document: `#` lines and underlined lines, not in fenced or indented code,
comments, quotations or lists. A test compares the outline with that of a CommonMark parser.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from vaultcli.ground.frontmatter.parts import split
from vaultcli.ground.patterns import pattern

_FENCE = pattern(r" {0,3}(`{3,}(?=[^`]*$)|~{3,})")
_ATX = pattern(r" {0,3}(#{1,6})(?=[ \t]|$)")
_UNDERLINE = pattern(r" {0,3}(=+|-+)[ \t]*$")
_RULE = pattern(r" {0,3}(?:(?:\*[ \t]*){3,}|(?:_[ \t]*){3,}|(?:-[ \t]*){3,})$")
_CONTAINER = pattern(r" {0,3}(?:>|[-+*](?:[ \t]|$)|[0-9]{1,9}[.)](?:[ \t]|$))")
_TICKS = pattern(r"`+")
_BLANK = pattern(r"\n[ \t\r]*\n")
_WORD = pattern(r"\w+(?:['’.,:/@+-]\w+)*")


@dataclass(frozen=True)
class Section:
    """A heading and what belongs to it.

    Attributes:
        level: 1 to 6.
        title: the heading's text, as written, without its marks.
        line: the heading's line in the file.
        end_line: the last line that belongs to the section: the one before the next heading of no lower rank.
        text: the lines after the heading, sections of lower rank included.
    """

    level: int
    title: str
    line: int
    end_line: int
    text: str


@dataclass(frozen=True)
class Comment:
    """An HTML comment.

    Attributes:
        text: the comment with its marks, `<!-- ... -->`.
        start, end: its bytes in the file.
        line: the file's line where it starts.
        alone: nothing but blanks stands before and after it on its lines.
        closed: it has its `-->`; a comment that is a block of its own and is never closed hides the rest of the file.
    """

    text: str
    start: int
    end: int
    line: int
    alone: bool
    closed: bool


@dataclass(frozen=True)
class _Heading:
    level: int
    title: str
    line: int
    after: int


def sections(body_text: str, first_line: int = 1) -> list[Section]:
    """The sections of a body in order; one of lower rank is listed again inside the text of its parent.

    Args:
        body_text: the text after the front matter.
        first_line: the file's line that the body starts on.
    """
    lines = body_text.split("\n")
    headings = list(_headings(body_text))
    last = len(lines) - (lines[-1] == "")
    found = []
    for index, heading in enumerate(headings):
        end = next((h.line for h in headings[index + 1 :] if h.level <= heading.level), last)
        text = "\n".join(lines[heading.after : end])
        if end < len(lines) and end > heading.after:
            text += "\n"
        found.append(Section(heading.level, heading.title, heading.line + first_line, end + first_line - 1, text))
    return found


def comments(raw: bytes) -> list[Comment]:
    """The HTML comments in the body of a file, outside of code, in order.

    Args:
        raw: the whole file; comments in its front matter are none.

    Raises:
        BadInput: the front matter is not closed.
    """
    parts = split(raw)
    # one character a byte, so that places in the text are places in the file; all of the syntax is ASCII
    text = parts.body.decode("latin-1")
    found = []
    line, at = parts.body_line, 0
    for start, end, closed in _comments(text):
        line, at = line + text.count("\n", at, start), start
        line_start = text.rfind("\n", 0, start) + 1
        line_end = text.find("\n", end)
        after = text[end : line_end if line_end >= 0 else len(text)]
        found.append(
            Comment(
                parts.body[start:end].decode("utf-8", "replace"),
                parts.body_offset + start,
                parts.body_offset + end,
                line,
                alone=not (text[line_start:start] + after).strip(" \t\r"),
                closed=closed,
            )
        )
    return found


def words(body_text: str) -> int:
    """How many words of prose a body has; headings and comments are not counted."""
    skipped = {n for heading in _headings(body_text) for n in range(heading.line, heading.after)}
    prose = "\n".join("" if n in skipped else line for n, line in enumerate(body_text.split("\n")))
    kept, at = [], 0
    for start, end, _ in _comments(prose):
        kept.append(prose[at:start])
        at = end
    kept.append(prose[at:])
    return sum(1 for piece in kept for _ in _WORD.finditer(piece))


def _headings(text: str) -> Iterator[_Heading]:
    """The headings outside of comments and fences; `line` and `after` count from 0."""
    paragraph: list[str] = []
    start = 0
    in_container = False
    for number, line, inert in _lines(text):
        blank = not line.strip()
        if inert or blank:
            paragraph, in_container = [], False
        elif atx := _ATX.match(line):
            paragraph, in_container = [], False
            yield _Heading(len(atx[1]), _title(line[atx.end() :].strip()), number, number + 1)
        elif paragraph and (under := _UNDERLINE.match(line)):
            title = " ".join(part.strip() for part in paragraph)
            paragraph = []
            yield _Heading(1 if under[1][0] == "=" else 2, title, start, number + 1)
        elif _RULE.match(line):
            paragraph, in_container = [], False
        elif _CONTAINER.match(line) and not (paragraph and _cannot_interrupt(line)):
            paragraph, in_container = [], True
        elif in_container or (not paragraph and line.startswith(("    ", "\t"))):
            continue
        else:
            start = start if paragraph else number
            paragraph.append(line)


def _title(text: str) -> str:
    """A heading's text without the `#` marks that may close it."""
    bare = text.rstrip("#")
    return bare.rstrip() if not bare or bare.endswith((" ", "\t")) else text


def _cannot_interrupt(line: str) -> bool:
    """Whether a list item may not end a paragraph: an empty one, or one that is numbered but not 1."""
    marker = _CONTAINER.match(line)
    assert marker is not None
    bare = marker.group().strip()
    if bare == ">":
        return False
    return line[marker.end() :].strip() == "" or (bare[:-1].isdigit() and int(bare[:-1]) != 1)


def _lines(text: str) -> Iterator[tuple[int, str, bool]]:
    """The lines without endings, and whether each belongs to a fence or to a comment that is a block."""
    hidden = _hidden_lines(text)
    for number, line in enumerate(text.split("\n")):
        yield number, line.rstrip("\r"), number in hidden


def _hidden_lines(text: str) -> set[int]:
    hidden: set[int] = set()
    number = at = 0
    for start, end in _blocks(text):
        number += text.count("\n", at, start)
        last = number + text.count("\n", start, end)
        hidden.update(range(number, last + 1))
        number, at = last, end
    return hidden


def _blocks(text: str) -> Iterator[tuple[int, int]]:
    """The places of fences and of comments that start a line, with the rest of their last line."""
    for start, end, kind in _scan(text):
        if kind == "fence" or (kind == "comment" and not text[text.rfind("\n", 0, start) + 1 : start].strip(" ")):
            yield start, end


def _comments(text: str) -> Iterator[tuple[int, int, bool]]:
    for start, end, kind in _scan(text):
        if kind == "comment":
            yield start, end, text.endswith("-->", start + 4, end) or text[start:end] in ("<!-->", "<!--->")


def _scan(text: str) -> Iterator[tuple[int, int, str]]:
    """Fences and comments in order, as `(start, end, "fence" | "comment")`."""
    at = 0
    futile = [0]  # no comment within a line that starts before this place has an end: keeps the scan linear
    while at < len(text):
        stop = text.find("\n", at)
        stop = len(text) if stop < 0 else stop
        line = text[at:stop].rstrip("\r")
        fence = _FENCE.match(line)
        if fence:
            end = _fence_end(text, stop, fence[1])
            yield at, end, "fence"
            at = end + 1
            continue
        resume = stop + 1
        for start, end in _line_comments(text, at, stop, futile):
            yield start, end, "comment"
            resume = max(resume, _line_end(text, end) + 1) if end > stop else resume
        at = resume


def _line_end(text: str, at: int) -> int:
    found = text.find("\n", at)
    return len(text) if found < 0 else found


def _fence_end(text: str, at: int, fence: str) -> int:
    """Where the line that closes a fence ends, or the text."""
    closing = re.compile(rf"^ {{0,3}}{re.escape(fence[0])}{{{len(fence)},}}[ \t\r]*$", re.MULTILINE)
    found = closing.search(text, at + 1)
    return found.end() if found else len(text)


def _line_comments(text: str, at: int, stop: int, futile: list[int]) -> Iterator[tuple[int, int]]:
    """The comments that start on one line of text; the last one may end lines further down."""
    start = text.find("<!--", at, stop)
    spans = _code_spans(text, at, stop) if start >= 0 else []
    span = 0
    while start >= 0:
        while span < len(spans) and spans[span][1] <= start:
            span += 1
        block = not text[at:start].strip(" ") and start - at < 4
        inside = spans[span][1] if span < len(spans) and spans[span][0] <= start else 0
        if inside and not block:
            start = text.find("<!--", inside, stop)
            continue
        end = -1 if start < futile[0] and not block else _comment_end(text, start, block=block)
        if end < 0:
            if start >= futile[0]:
                blank = _BLANK.search(text, start)
                futile[0] = blank.start() if blank else len(text)
            start = text.find("<!--", start + 4, stop)
            continue
        yield start, end
        start = text.find("<!--", end, stop) if end < stop else -1


def _code_spans(text: str, at: int, stop: int) -> list[tuple[int, int]]:
    """The code spans of one line: from a run of backticks to the next run of the same length."""
    runs = [found.span() for found in _TICKS.finditer(text, at, stop)]
    later: dict[int, list[int]] = {}
    for index in range(len(runs) - 1, -1, -1):
        later.setdefault(runs[index][1] - runs[index][0], []).append(index)
    spans, index = [], 0
    while index < len(runs):
        same = later[runs[index][1] - runs[index][0]]
        while same and same[-1] <= index:
            same.pop()
        if same:
            spans.append((runs[index][0], runs[same[-1]][1]))
            index = same[-1]
        index += 1
    return spans


def _comment_end(text: str, start: int, *, block: bool) -> int:
    """Where a comment ends; a block that is not closed takes the rest, one within a line must end in its paragraph."""
    for short in ("<!-->", "<!--->"):
        if text.startswith(short, start):
            return start + len(short)
    end = text.find("-->", start + 4)
    if block:
        return len(text) if end < 0 else end + 3
    return -1 if end < 0 or _BLANK.search(text, start, end) else end + 3
