"""Imported texts as exports show them: lines of a plain text stay lines, and nothing in it means anything."""

from __future__ import annotations

import re

import pytest

from tests import vaults
from vaultcli.export.document import INSERTED, STRUCK, Span
from vaultcli.export.prose import reading
from vaultcli.export.prose.nodes import Run, Text, Verbatim

PLAIN = """PC: *not* slept.
HPC: two weeks.
---
# 1 of 2
## Plan
1. first
    indented
\tand with a tab
| a | b |
|---|---|

<script>alert(1)</script> [x](http://example.org)
"""


def texts(node: Text) -> list[str]:
    return ["".join(run.text for run in line) for line in node.lines]


def test_lines_stay_lines():
    first, second = reading.read((Span(PLAIN),), plain=True)
    assert isinstance(first, Text)
    assert isinstance(second, Text)
    assert texts(first) == PLAIN.split("\n\n")[0].split("\n")
    assert texts(second) == ["<script>alert(1)</script> [x](http://example.org)"]


def test_columns_that_blanks_made_stay_below_one_another():
    (node,) = reading.read((Span("Drug        Dose\nSertraline    50"),), plain=True)
    assert isinstance(node, Verbatim)


def test_corrections_are_shown_in_their_lines():
    spans = (Span("one\ntwo "), Span("three\nfour", STRUCK), Span("five", INSERTED), Span("\nsix\n"))
    (node,) = reading.read(spans, plain=True)
    assert isinstance(node, Text)
    assert node.lines == (
        (Run("one"),),
        (Run("two "), Run("three", kind=STRUCK)),
        (Run("four", kind=STRUCK), Run("five", kind=INSERTED)),
        (Run("six"),),
    )


def test_blank_lines_part_paragraphs():
    assert len(reading.read((Span("\n\na\n \t\n\nb\n\n"),), plain=True)) == 2
    assert reading.read((Span(" \n"),), plain=True) == ()


@pytest.fixture
def page(tmp_path, cli, monkeypatch):
    def made(name: str, text: bytes) -> str:
        world = vaults.make(tmp_path / "vault")
        monkeypatch.chdir(world.vault.root)
        (tmp_path / name).write_bytes(text)
        assert cli("import", "ada", tmp_path / name, "--yes").code == 0
        assert cli("sign", "ada", "--yes").code == 0
        assert cli("export", "ada", "--html", "--output", tmp_path / "out").code == 0
        return (tmp_path / "out" / "chart.html").read_text()

    return made


def test_a_text_file_in_a_page(page):
    html = page("2019-03-01.txt", b"\xef\xbb\xbf" + PLAIN.replace("\n", "\r\n").encode())
    assert "PC: *not* slept.<br>HPC: two weeks.<br>---<br># 1 of 2<br>## Plan<br>1. first<br>" in html
    assert "<script>alert" not in html
    assert "U+FEFF" not in html
    assert re.search(r"imported from</dt><dd[^>]*>2019-03-01.txt<", html)


def test_a_markdown_file_in_a_page(page):
    html = page("2019-03-01.md", b"---\ntags: [x]\n---\n# Talk\n\nShe was *very* tired.\n")
    assert "---<br>tags: [x]<br>---" in html
    assert "<em>very</em>" in html
    assert re.search(r"<h3[^>]*># Talk</h3>", html)


def test_a_text_file_that_begins_like_front_matter(page):
    assert "---<br>tags: [x]<br>---<br>Text." in page("2019-03-01.txt", b"---\ntags: [x]\n---\nText.\n")
