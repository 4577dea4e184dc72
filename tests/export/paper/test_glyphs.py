"""Letters that only fonts join with their marks: each mark once, above or below, also for whoever copies the page."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from tests.export import reading
from vaultcli.export.document import Document, Heading, Part, Prose, Span
from vaultcli.export.paper import glyphs, pdf

BARRED = ("c\u0304", "s\u0304", "p\u0304", "x\u0304", "X\u0304", "q\u0303", "1\u0304", "Z\u0324", "a\u0323\u030c")


def test_a_letter_that_unicode_has_whole_is_left_alone() -> None:
    assert glyphs.marked(["e\u0301", "\u00e9", "plain", "\u05e9\u05c1"]) == {}
    assert glyphs.marked(["c\u0304 food", "Z\u0324"]) == {"Z\u0324": [("\u0324", False)], "c\u0304": [("\u0304", True)]}


def test_the_longest_is_found_first_and_a_heap_of_marks_not_at_all() -> None:
    assert list(glyphs.marked(["x\u0304", "x\u0304\u0301"])) == ["x\u0304\u0301", "x\u0304"]
    assert glyphs.marked(["e" + "\u0304" * 40]) == {}


@pytest.mark.skipif(not reading.POPPLER, reason="poppler-utils is not installed")
def test_what_is_copied_has_each_letter_and_mark_once(tmp_path: Path) -> None:
    rows = "\n".join(f"word {one} word, {one}{one}o" for one in BARRED)
    parts = (Part((Heading(1, "Bars"), Prose((Span(rows),)))),)
    (tmp_path / "x.pdf").write_bytes(pdf.write(Document("x", "en", "", ("P", "c"), parts)))
    told = subprocess.run(["pdftotext", "-raw", str(tmp_path / "x.pdf"), "-"], capture_output=True, check=True)
    assert rows in told.stdout.decode()
