"""Notes that try to act: what each writer must show as text, and nothing else."""

from __future__ import annotations

from vaultcli.export.document import (
    Commands,
    Contents,
    Document,
    Fields,
    Figure,
    Heading,
    Paragraph,
    Part,
    Prose,
    Span,
    Statement,
    Table,
)

SVG = '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 40 20"><rect width="40" height="20" fill="#888"/></svg>'

WIDE = "\n".join("|" + "|".join(f"{cell}{n}" for n in range(30)) + "|" for cell in ("head", "cell"))
WIDE = WIDE.replace("\n", "\n|" + "---|" * 30 + "\n")
TEXTS = {
    "script": "<script>alert(1)</script>",
    "image": '<img src=x onerror="alert(1)">',
    "svg": "<svg/onload=alert(1)>",
    "style": "</style><style>@import url(http://example.org/x.css);</style>",
    "meta": '<meta http-equiv="refresh" content="0;url=http://example.org/">',
    "frame": '<iframe src="http://example.org/"></iframe><base href="http://example.org/">',
    "form": '<form action="http://example.org/"><input autofocus onfocus=alert(1)></form>',
    "link": "[a](javascript:alert(1)) [b](http://example.org 'c') <http://example.org/d> [e](data:text/html,x)",
    "picture": '![x](http://example.org/x.png) ![y](x" onerror="alert(1))',
    "reference": "[a]\n\n[a]: http://example.org/",
    "attribute": '" onmouseover="alert(1)" x="',
    "close": "</p></main></body></html><h1>New</h1>",
    "comment": "--> <!-- <b>x</b> -->",
    "entity": "&lt;script&gt; &#60;script&#62; &#x202e; &#x100000;",
    "code": "```\"><script>alert(1)</script>\n</pre><script>x</script>\n```\n\n`<script>`",
    "table": "| <b>a</b> | onclick |\n|---|---|\n| <script>x</script> | [l](javascript:x) |",
    "typst": '#panic("x") #let y = 1 $x^2$ @ref <label> *b* _e_ \\u{41} `raw` #import "/etc/passwd": *',
    "css": '";} body{background:url(http://example.org/)} x{content:"',
    "template": "{{7*7}} ${7*7} <%= 7 %> {% x %}",
    "active": "evil \u202etxet\u202c zero\u200bwidth \u2066iso\u2069 nul\x00 esc\x1b[31m sep\u2028x \ufeffbom \U000e0041tag",
    "private": "\ue000 \U00100000 \U00100001 \U0010fffd \ufdd0 \U0010ffff",
    "cjk": "漢字かな 😀 👩‍💻 🇺🇸 ไทย",
    "right": "שלום עולם (abc) 123 السلام عليكم",
    "marks": "e" + "\u0301" * 40 + " Z\u0324\u0354a\u0360l q\u20dd",
    "long": "a" * 1500 + " " + "W" * 300 + " http://example.org/" + "x/" * 200,
    "paragraph": "word and more words " * 3000,
    "deep": "\n".join("  " * depth + f"- level{depth}" for depth in range(40)),
    "quotes": ">" * 100 + " deep",
    "bullets": "- " * 60 + "x",
    "wide": WIDE,
    "more-cells": "| a | b |\n|---|---|\n| 1 | 2 | lost |",
    "huge-cell": "| a | b |\n|---|---|\n| " + "long cell text " * 2000 + " | x |",
    "heading": "#\n\n##\n\n###### six\n\n# one",
    "empty": "",
    "blank": " \n\n \n",
    "numbers": "5. five\n7. seven\n\n007. bond",
    "crlf": "one\r\n\r\n- two\r\n- three\r\n",
}
"""A name and a note's text."""


def document(text: str, *, spans: tuple[Span, ...] | None = None, mark: str = "") -> Document:
    """A document that has the text in every place that a text can have."""
    line = text[:400]
    note = (
        Heading(2, f"Note {line}"),
        Fields((("place", line), (line, "office"), ("short", "x"))),
        Prose(spans or (Span(text),)),
        Statement("signature", f"Signed electronically by {line}", f"Key {line}"),
        Figure(SVG, f"A figure of {line}"),
    )
    checks = Table(("no.", "file", "signed by", "SHA-256"), (("1", line, line, "a" * 64),), below="SHA-256")
    last = (Heading(2, "How to check this export"), Paragraph("the folder `signed`", code=True), Commands((line,)), checks)
    cover = (Heading(1, f"Chart of {line}"), Paragraph(line), Contents())
    parts = (Part(cover), Part(note, name="notes/x.md"), Part((*last, Table((line,), ((line,),))), page=True))
    return Document(f"Chart of {line}", "en", "2026-11-22T10:00:00-05:00", (f"P {line}", f"C {line}"), parts, mark)
