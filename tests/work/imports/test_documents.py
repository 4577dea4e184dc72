"""Documents of word processors: every word of their text, and by name what is not taken over."""

from __future__ import annotations

import io
import zipfile
from pathlib import Path

import docx
import pytest

from vaultcli.ground.errors import BadInput
from vaultcli.work.imports import documents

RTF = rb"""{\rtf1\ansi\ansicpg1252\deff0{\fonttbl{\f0 Calibri;}}
{\*\generator Word;}\pard Session 3.\tab Slept badly.\par
\b Mood:\b0  \'93fine,\'94 she said. Caf\'e9, \u322?ukasz.\par
}"""


def word(path: Path | None = None) -> bytes:
    made = docx.Document()
    made.add_heading("Session 3", 1)
    paragraph = made.add_paragraph("Slept ")
    paragraph.add_run("badly").bold = True
    paragraph.add_run(".\tNext: Monday")
    made.add_paragraph("diary", style="List Bullet")
    table = made.add_table(rows=1, cols=2)
    table.rows[0].cells[0].text, table.rows[0].cells[1].text = "PHQ-9", "11"
    made.add_paragraph("Łukasz came – “fine”.")
    out = io.BytesIO()
    made.save(out)
    return out.getvalue()


def test_a_word_document() -> None:
    written = documents.read(word(), ".docx")
    assert written.text == "Session 3\nSlept badly.\tNext: Monday\ndiary\nPHQ-9\t11\nŁukasz came – “fine”.\n"
    assert written.left == ("numbers and bullets of lists",)


def test_inserted_words_are_taken_and_deleted_ones_are_told() -> None:
    made = docx.Document()
    paragraph = made.add_paragraph("Dose ")
    ins = paragraph._p.makeelement(documents._WORD + "ins", {})
    run = paragraph.add_run("50 mg")._r
    ins.append(run)
    paragraph._p.append(ins)
    gone = paragraph._p.makeelement(documents._WORD + "del", {})
    gone_run = paragraph._p.makeelement(documents._WORD + "r", {})
    old = paragraph._p.makeelement(documents._WORD + "delText", {})
    old.text = "25 mg"
    gone_run.append(old)
    gone.append(gone_run)
    paragraph._p.append(gone)
    out = io.BytesIO()
    made.save(out)
    written = documents.read(out.getvalue(), ".docx")
    assert written.text == "Dose 50 mg\n"
    assert "deleted text" in written.left


def test_an_rtf_document() -> None:
    lines = documents.read(RTF, ".rtf").text.split("\n")
    assert lines[:2] == ["Session 3.\tSlept badly.", "Mood: “fine,” she said. Café, łukasz."]


@pytest.mark.parametrize(
    ("raw", "suffix"), [(b"", ".docx"), (b"PK\x03\x04broken", ".docx"), (b"text", ".docx"), (b"text", ".rtf")]
)
def test_what_is_none(raw: bytes, suffix: str) -> None:
    with pytest.raises(BadInput):
        documents.read(raw, suffix)


def rewritten(old: bytes, new: bytes) -> bytes:
    """The Word document with its text changed as XML."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(word())) as before, zipfile.ZipFile(out, "w") as after:
        for name in before.namelist():
            content = before.read(name)
            if name == "word/document.xml":
                assert old in content
                content = content.replace(old, new)
            after.writestr(name, content)
    return out.getvalue()


ENTITY = b'<!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/hostname">]>\n<w:document '


@pytest.mark.parametrize(("old", "new"), [(b"</w:document>", b""), (b"<w:document ", ENTITY)], ids=["cut", "entities"])
def test_what_is_no_xml_of_word_is_told(old: bytes, new: bytes) -> None:
    with pytest.raises(BadInput, match="damaged"):
        documents.read(rewritten(old, new), ".docx")


def test_each_cell_of_a_table_in_a_table_is_read_once() -> None:
    made = docx.Document()
    outer = made.add_table(rows=1, cols=2)
    outer.rows[0].cells[0].text = "left"
    inner = outer.rows[0].cells[1].add_table(rows=2, cols=1)
    inner.rows[0].cells[0].text, inner.rows[1].cells[0].text = "one", "two"
    out = io.BytesIO()
    made.save(out)
    text = documents.read(out.getvalue(), ".docx").text
    assert text.split() == ["left", "one", "two"]


def test_a_cell_that_is_a_form_field_is_read() -> None:
    made = docx.Document()
    row = made.add_table(rows=1, cols=2).rows[0]
    row.cells[0].text, row.cells[1].text = "PHQ-9", "11"
    cell = row.cells[1]._tc
    field, content = (cell.makeelement(documents._WORD + name, {}) for name in ("sdt", "sdtContent"))
    cell.addprevious(field)
    field.append(content)
    content.append(cell)
    out = io.BytesIO()
    made.save(out)
    assert documents.read(out.getvalue(), ".docx").text == "PHQ-9\t11\n"


def test_halves_of_a_character_in_rtf_are_one() -> None:
    written = documents.read(rb"{\rtf1\ansi Mood \u-10179?\u-8704? x{\footnote said later}\par}", ".rtf")
    assert "Mood \U0001f600 x" in written.text
    assert written.left == ("footnotes",)


def test_where_the_library_is_missing_it_is_said_how_to_get_it(monkeypatch: pytest.MonkeyPatch) -> None:
    assert documents.can_read(".docx")
    assert not documents.can_read(".doc")
    monkeypatch.setitem(documents.NEEDS, ".docx", "no_such_library")
    assert not documents.can_read(".docx")
