"""Documents of word processors: every word of their text, and by name what is not taken over."""

from __future__ import annotations

import io
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


def test_where_the_library_is_missing_it_is_said_how_to_get_it(monkeypatch: pytest.MonkeyPatch) -> None:
    assert documents.can_read(".docx")
    assert not documents.can_read(".doc")
    monkeypatch.setitem(documents.NEEDS, ".docx", "no_such_library")
    assert not documents.can_read(".docx")
