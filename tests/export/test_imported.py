"""Imported texts as exports show them: lines of a plain text stay lines, and nothing in it means anything."""

from __future__ import annotations

import re

import pytest

from tests import vaults
from vaultcli.export import rich
from vaultcli.export.document import INSERTED, STRUCK, Span
from vaultcli.export.rich import BREAK, Run, Text

PLAIN = """PC: *not* slept.
HPC: two weeks.
---
# 1 of 2
1. first
    indented
\tand with a tab

<script>alert(1)</script> [x](http://example.org)
"""


def texts(node: Text) -> list[str]:
    return [run.text for run in node.runs]


def test_lines_stay_lines():
    first, second = rich.parse((Span(PLAIN),), plain=True)
    assert isinstance(first, Text)
    assert isinstance(second, Text)
    lines = ["PC: *not* slept.", "HPC: two weeks.", "---", "# 1 of 2", "1. first"]
    lines += ["\u00a0" * 4 + "indented", "\u00a0" * 4 + "and with a tab"]
    assert [text for text in texts(first) if text != BREAK] == lines
    assert texts(first).count(BREAK) == 6
    assert texts(second) == ["<script>alert(1)</script> [x](http://example.org)"]


def test_corrections_are_shown_in_their_lines():
    spans = (Span("one\ntwo "), Span("three\nfour", STRUCK), Span("five", INSERTED), Span("\nsix\n"))
    (node,) = rich.parse(spans, plain=True)
    assert isinstance(node, Text)
    assert node.runs == (
        Run("one"), Run(BREAK), Run("two "), Run("three", kind=STRUCK), Run(BREAK), Run("four", kind=STRUCK),
        Run("five", kind=INSERTED), Run(BREAK), Run("six"),
    )  # fmt: skip


def test_blank_lines_part_paragraphs():
    assert len(rich.parse((Span("\n\na\n \t\n\nb\n\n"),), plain=True)) == 2
    assert rich.parse((Span(" \n"),), plain=True) == ()


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
    assert "PC: *not* slept.<br>HPC: two weeks.<br>---<br># 1 of 2<br>1. first<br>" in html
    assert "<script>alert" not in html
    assert "U+FEFF" not in html
    assert re.search(r"imported from</dt><dd[^>]*>2019-03-01.txt<", html)


def test_a_markdown_file_in_a_page(page):
    html = page("2019-03-01.md", b"---\ntags: [x]\n---\n# Talk\n\nShe was *very* tired.\n")
    assert "tags: [x]" in html
    assert "<em>very</em>" in html
    assert re.search(r"<h3[^>]*>Talk</h3>", html)


def test_a_text_file_that_begins_like_front_matter(page):
    assert "---<br>tags: [x]<br>---<br>Text." in page("2019-03-01.txt", b"---\ntags: [x]\n---\nText.\n")
