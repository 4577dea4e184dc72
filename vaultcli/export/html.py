"""HTML: one file that needs nothing else, for a browser on any machine, on screen and on paper.

No script, no address that a browser would fetch or follow except places in the page itself. A policy in the page forbids the
rest even if one slipped through: nothing may load but the one style sheet, which is named by its SHA-256, and pictures
that stand in the page. Every text is escaped; a note's Markdown is rendered by ourselves from what `rich.py` reads.
"""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Iterable
from html import escape
from importlib.resources import files

from vaultcli.export import rich, visible, wording
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

LONG = 34
"""Characters from which a field's value takes a line of its own; shorter ones stand two to a line."""
FEW = 24
"""Fields that are not parted at the end of a page."""
_TAGS = {rich.STRONG: "strong", rich.EM: "em", rich.STRIKE: "s", rich.CODE: "code"}
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
    made = wording.day(document.made[:10])
    boxes = {
        "top-left": _css(left),
        "top-center": _css(document.mark.partition(":")[0]),
        "top-right": _css(right),
        "bottom-left": _css(f"exported {made}" if made else ""),
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
    rows = "".join(f'<p dir="auto">{_line(text)}</p>' for text in document.head)
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
            return _nodes(rich.parse(spans, plain=plain), level)
        case Statement():
            return _statement(block)
        case Table():
            return _table(block)
        case Commands(lines):
            return "<pre>" + "\n".join(map(_text, lines)) + "</pre>"
        case Figure(svg, text):
            return _figure(svg, text)
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


def _figure(svg: str, text: str) -> str:
    """A picture in the page itself; as an image it runs no script and fetches nothing, whatever it holds."""
    data = b64encode(svg.encode("utf-8")).decode("ascii")
    caption = _line(text)
    return f'<figure><img alt="{caption}" src="data:image/svg+xml;base64,{data}"><figcaption>{caption}</figcaption></figure>'


def _nodes(nodes: Iterable[rich.Node], level: int) -> str:
    return "\n".join(_node(node, level) for node in nodes)


def _node(node: rich.Node, level: int) -> str:
    match node:
        case rich.Text(runs):
            return f'<p dir="auto">{_runs(runs)}</p>'
        case rich.Title(depth, runs):
            rank = min(6, level + depth)
            return f'<h{rank} dir="auto">{_runs(runs)}</h{rank}>'
        case rich.Items(numbers, items):
            tag, values = ("ol", [f' value="{number}"' for number in numbers]) if numbers else ("ul", [""] * len(items))
            inner = "\n".join(f"<li{value}>{_nodes(item, level)}</li>" for value, item in zip(values, items, strict=True))
            return f"<{tag}>\n{inner}\n</{tag}>"
        case rich.Quote(inside):
            return f"<blockquote>\n{_nodes(inside, level)}\n</blockquote>"
        case rich.Code(runs):
            return f"<pre>{_runs(runs)}</pre>"
        case rich.Grid():
            return _grid(node)
        case rich.Line():
            return "<hr>"


def _grid(grid: rich.Grid) -> str:
    sides = [f' class="{side}"' if side else "" for side in grid.align]
    head = "".join(f'<th scope="col"{side}>{_runs(cell)}</th>' for side, cell in zip(sides, grid.head, strict=True))
    rows = ["".join(f"<td{side}>{_runs(cell)}</td>" for side, cell in zip(sides, row, strict=True)) for row in grid.rows]
    body = "\n".join(f"<tr>{row}</tr>" for row in rows)
    return f'<div class="scroll"><table>\n<thead><tr>{head}</tr></thead>\n<tbody>\n{body}\n</tbody>\n</table></div>'


def _runs(runs: rich.Runs) -> str:
    return "".join(map(_run, runs))


def _run(run: rich.Run) -> str:
    if run.text == rich.BREAK:
        return "<br>"
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
