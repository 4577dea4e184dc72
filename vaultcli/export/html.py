"""HTML: one file that needs nothing else, for a browser on any machine, on screen and on paper.

No script, no address that a browser would fetch or follow except places in the page itself. A policy in the page forbids the
rest even if one slipped through: nothing may load but the one style sheet, which is named by its SHA-256, and pictures
that stand in the page. Every text is escaped; a note's own is rendered by ourselves from what `prose/reading.py` reads.
"""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Iterable
from html import escape
from importlib.resources import files

from vaultcli.export import dates
from vaultcli.export.document import (
    INSERTED,
    SAME,
    STRUCK,
    Block,
    Commands,
    Contents,
    Document,
    Fields,
    Figure,
    Heading,
    Paragraph,
    Part,
    Prose,
    Statement,
    Table,
)
from vaultcli.export.prose import nodes, reading, visible

LONG = 34
"""Characters from which a field's value takes a line of its own; shorter ones stand two to a line."""
FEW = 24
"""Fields that are not parted at the end of a page."""
_TAGS = {nodes.STRONG: "strong", nodes.EM: "em", nodes.STRIKE: "s", nodes.CODE: "code"}
_CHANGES = {STRUCK: ("del", "struck: "), INSERTED: ("ins", "inserted: ")}


def write(document: Document) -> bytes:
    """The document as one HTML file, UTF-8; the same document always gives the same bytes."""
    style = _style(document)
    body = "\n".join([_header(document), "<main>", *_parts(document), "</main>"])
    page = f"""<!DOCTYPE html>
<html lang="{_text(document.language)}">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="{_policy(style)}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="referrer" content="no-referrer">
<title>{_line(document.title)}</title>
<style>{style}</style>
</head>
<body>
{body}
</body>
</html>
"""
    return page.encode("utf-8")


def _policy(style: str) -> str:
    import hashlib

    digest = b64encode(hashlib.sha256(style.encode("utf-8")).digest()).decode("ascii")
    return f"default-src 'none'; style-src 'sha256-{digest}'; img-src data:; base-uri 'none'; form-action 'none'"


def _style(document: Document) -> str:
    """The style sheet, with what stands at the top and bottom of each printed page."""
    sheet = files("vaultcli.export").joinpath("chart.css").read_text(encoding="utf-8")
    left, right = (*document.head, "")[0], " · ".join(document.head[1:])
    made = dates.day(document.made[:10])
    boxes = {
        "top-left": _css(left),
        "top-center": _css(document.mark.partition(":")[0]),
        "top-right": _css(right),
        "bottom-left": _css(f"exported {made}" if made else ""),
        "bottom-center": _css(document.notice),
        "bottom-right": 'counter(page) " of " counter(pages)',
    }
    rows = "".join(f"  @{place} {{ content: {content}; font-size: 8pt; }}\n" for place, content in boxes.items())
    return f"{sheet}@page {{ size: letter; margin: 0.9in 0.9in 0.8in;\n{rows}}}\n"


def _css(text: str) -> str:
    """A text as a string of CSS: everything but letters, digits and blanks by its number."""
    plain = visible.line(text)
    return '"' + "".join(char if _plain(char) else f"\\{ord(char):x} " for char in plain) + '"'


def _plain(char: str) -> bool:
    return char.isascii() and (char.isalnum() or char == " ")


def _header(document: Document) -> str:
    pieces = [f"<bdi>{_line(text)}</bdi>" for text in document.head]
    rows = "".join(f"<p>{row}</p>" for row in (*pieces[:1], " · ".join(pieces[1:])) if row)
    mark = f'\n<p class="mark">{_line(document.mark)}</p>' if document.mark else ""
    return f'<header class="page">{rows}</header>{mark}'


def _parts(document: Document) -> Iterable[str]:
    titles = [(f"part-{number}", part.title) for number, part in enumerate(document.parts)]
    for number, part in enumerate(document.parts):
        tag, fresh = ("section" if part.page or not number else "article"), (' class="fresh"' if part.page else "")
        mark = f'<p class="mark">{_line(document.mark)}</p>\n' if document.mark and number else ""
        blocks = "\n".join(filter(None, _blocks(part, titles, f"part-{number}")))
        label = f' aria-labelledby="part-{number}"' if part.title else ""
        yield f"<{tag}{fresh}{label}>\n{mark}{blocks}\n</{tag}>"


def _blocks(part: Part, titles: list[tuple[str, str]], anchor: str) -> Iterable[str]:
    named = False
    for block in part.blocks:
        if isinstance(block, Contents):
            yield _contents(titles[1:])
            continue
        name = "" if named or not isinstance(block, Heading) else anchor
        named = named or bool(name)
        yield _block(block, name)


def _contents(titles: list[tuple[str, str]]) -> str:
    rows = "\n".join(f'<li><a href="#{anchor}">{_line(title)}</a></li>' for anchor, title in titles if title)
    return f'<nav aria-label="Contents">\n<h2>Contents</h2>\n<ol>\n{rows}\n</ol>\n</nav>'


def _block(block: Block, anchor: str) -> str:
    match block:
        case Heading(level, text):
            name = f' id="{anchor}"' if anchor else ""
            return f"<h{level}{name}>{_line(text)}</h{level}>"
        case Paragraph(text, code):
            return f'<p dir="auto">{_ticked(text) if code else _line(text)}</p>'
        case Fields(rows):
            return _fields(rows)
        case Prose(spans, level, plain):
            return _nodes(reading.read(spans, plain=plain), level)
        case Statement():
            return _statement(block)
        case Table():
            return _table(block)
        case Commands(lines):
            return "<pre>" + "\n".join(map(_text, lines)) + "</pre>"
        case Figure():
            return _figure(block)
        case Contents():
            return ""


def _fields(rows: tuple[tuple[str, str], ...]) -> str:
    if not rows:
        return ""
    short = " short" if len(rows) <= FEW else ""
    return f'<dl class="fields{short}">\n' + "\n".join(_field(*row) for row in rows) + "\n</dl>"


def _field(name: str, value: str) -> str:
    wide = ' class="wide"' if len(value) > LONG else ""
    return f'<div{wide}><dt>{_line(name)}</dt><dd dir="auto">{_line(value)}</dd></div>'


def _statement(said: Statement) -> str:
    details = f'<p class="details">{_line(said.details)}</p>' if said.details else ""
    return f'<div class="said {escape(said.kind)}"><p dir="auto">{_line(said.text)}</p>{details}</div>'


def _table(table: Table) -> str:
    head = "".join(f'<th scope="col">{_line(cell)}</th>' for cell in table.head)
    rows = "\n".join("<tr>" + "".join(f"<td>{_line(cell)}</td>" for cell in row) + "</tr>" for row in table.rows)
    name = ' class="checks"' if table.below else ""
    inside = f"<thead><tr>{head}</tr></thead>\n<tbody>\n{rows}\n</tbody>"
    return f'<div class="scroll"><table{name}>\n{inside}\n</table></div>'


def _figure(figure: Figure) -> str:
    """A picture in the page itself; as an image it runs no script and fetches nothing, whatever it holds."""
    data = b64encode(figure.data).decode("ascii")
    caption = _line(figure.text)
    source = f"data:{escape(figure.media)};base64,{data}"
    return f'<figure><img alt="{caption}" src="{source}"><figcaption>{caption}</figcaption></figure>'


def _nodes(found: Iterable[nodes.Node], level: int) -> str:
    return "\n".join(_node(node, level) for node in found)


def _node(node: nodes.Node, level: int) -> str:
    match node:
        case nodes.Text(lines):
            return f'<p class="t" dir="auto">{_lines(lines)}</p>'
        case nodes.Title(depth, runs, empty):
            rank = min(6, level + depth)
            told = f'<span class="ours">{nodes.NOTHING}</span>' if empty else ""
            return f'<h{rank} class="t" dir="auto">{_runs(runs)}{told}</h{rank}>'
        case nodes.Items(items):
            return '<ul role="list">\n' + "\n".join(_item(item, level) for item in items) + "\n</ul>"
        case nodes.Verbatim(lines):
            return '<pre dir="auto">' + "\n".join(map(_runs, lines)) + "</pre>"
        case nodes.Grid():
            return _grid(node)


def _item(item: nodes.Item, level: int) -> str:
    """An item with its marker as text: a marker that the browser draws is lost to whoever copies it."""
    marker = f'<span class="m">{_runs(item.marker)}</span> '
    first, rest = (item.nodes[0], item.nodes[1:]) if item.nodes and isinstance(item.nodes[0], nodes.Text) else (None, item.nodes)
    head = f'<p class="t">{marker}{_lines(first.lines) if first else ""}</p>'
    return f'<li dir="auto">{head}{_nodes(rest, level)}</li>'


def _grid(grid: nodes.Grid) -> str:
    sides = [f' class="t {side}"' if side else ' class="t"' for side in grid.align]
    head, *below = grid.rows
    cells = "".join(f'<th scope="col" dir="auto"{side}>{_runs(cell)}</th>' for side, cell in zip(sides, head, strict=True))
    rows = ["".join(f'<td dir="auto"{side}>{_runs(cell)}</td>' for side, cell in zip(sides, row, strict=True)) for row in below]
    body = "\n".join(f"<tr>{row}</tr>" for row in rows)
    return f'<div class="scroll"><table>\n<thead><tr>{cells}</tr></thead>\n<tbody>\n{body}\n</tbody>\n</table></div>'


def _lines(lines: Iterable[nodes.Runs]) -> str:
    return "<br>".join(map(_runs, lines))


def _runs(runs: nodes.Runs) -> str:
    return "".join(map(_run, nodes.shown(runs)))


def _run(run: nodes.Run) -> str:
    text = _text(run.text)
    for style in sorted(run.style):
        text = f"<{_TAGS[style]}>{text}</{_TAGS[style]}>"
    if run.kind == SAME:
        return text
    tag, label = _CHANGES[run.kind]
    number = f"<sup>{run.number}</sup>" if run.number else ""
    return f'<{tag}><span class="spoken">{label}</span>{text}{number}</{tag}>'


def _ticked(text: str) -> str:
    """Our own words, in which what stands between backticks is code."""
    pieces = text.split("`")
    return "".join(f"<code>{_line(piece)}</code>" if number % 2 else _text(piece) for number, piece in enumerate(pieces))


def _text(text: str) -> str:
    """A text as it stands; lines stay."""
    return escape(visible.show(text))


def _line(text: str) -> str:
    return escape(visible.line(text))
