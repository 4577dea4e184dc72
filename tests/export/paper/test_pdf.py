"""The PDF: valid, tagged, its fonts inside, every word in it, and the same bytes every time."""

from __future__ import annotations

import io
import os
import re
import shutil
import subprocess
import sys
import unicodedata
from pathlib import Path

import pikepdf
import pytest

from tests.export.hostile import SVG, TEXTS, document
from vaultcli.export.document import (
    INSERTED,
    STRUCK,
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
from vaultcli.export.paper import fonts, glyphs, pdf, render
from vaultcli.export.prose import visible
from vaultcli.ground.errors import BadInput

POPPLER = pytest.mark.skipif(shutil.which("pdftotext") is None, reason="poppler-utils is not installed")
QPDF = pytest.mark.skipif(shutil.which("qpdf") is None, reason="qpdf is not installed")


def run(tmp_path: Path, raw: bytes, *command: str) -> str:
    """What a tool says of the file; the file's name takes the place of `@`."""
    (tmp_path / "x.pdf").write_bytes(raw)
    words = [str(tmp_path / "x.pdf") if word == "@" else word for word in command]
    done = subprocess.run(words, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return done.stdout


def text_of(tmp_path: Path, raw: bytes) -> str:
    """All words in reading order."""
    return run(tmp_path, raw, "pdftotext", "@", "-").replace("\u00a0", " ")


def simple(*blocks, mark: str = "") -> Document:
    cover = Part((Heading(1, "Chart of Ada Example"), Contents()))
    note = Part((Heading(2, "Monday, November 16, 2026"), *blocks), name="notes/one.md")
    last = Part((Heading(2, "How to check this export"), Paragraph("By hand.")), page=True)
    head = ("Riverside Counseling", "Ada Example", "born May 30, 1990", "0000000000000ada")
    return Document("Chart of Ada Example", "en", "2026-11-22T10:00:00-05:00", head, (cover, note, last), mark)


@POPPLER
@pytest.mark.parametrize("text", TEXTS.values(), ids=TEXTS.keys())
def test_every_text_can_be_set_and_every_word_is_in_it(tmp_path, text):
    raw = pdf.write(simple(Prose((Span(text),))))
    read = re.sub(r"\s", "", text_of(tmp_path, raw))
    wanted = re.findall(r"[0-9A-Za-z]{3,}", visible.show(text))
    assert [word for word in wanted if word not in read] == []


@pytest.mark.parametrize("name", ["script", "typst", "active", "cjk", "long", "marks"])
def test_names_fields_and_figures_are_as_safe_as_notes(name):
    assert pdf.write(document(TEXTS[name])).startswith(b"%PDF-1.7")


@QPDF
def test_the_file_is_sound(tmp_path):
    said = run(tmp_path, pdf.write(simple(Prose((Span(TEXTS["table"]),)))), "qpdf", "--check", "@")
    assert "No syntax or stream encoding errors found" in said


@POPPLER
def test_every_font_is_embedded_with_its_unicode(tmp_path):
    raw = pdf.write(simple(Prose((Span("**bold** *italic* `code` ≥ Ελληνικά שלום"),))))
    rows = run(tmp_path, raw, "pdffonts", "@").splitlines()[2:]
    assert len(rows) >= 4
    assert all(re.search(r"yes yes yes +\d+ +\d+$", row) for row in rows), rows


def test_it_declares_what_it_keeps():
    with pikepdf.open(io.BytesIO(pdf.write(simple(Prose((Span("# One\n\n- a"),)))))) as made:
        with made.open_metadata() as meta:
            assert (meta["pdfaid:part"], meta["pdfaid:conformance"]) == ("2", "A")
            assert meta["pdfuaid:part"] == "1"
            assert meta["dc:title"] == "Chart of Ada Example"
            assert "2026-11-22" in meta["xmp:CreateDate"]
        root = made.Root
        assert root.Lang == "en"
        assert root.MarkInfo.Marked
        assert root.StructTreeRoot.K is not None
        assert root.ViewerPreferences.DisplayDocTitle
        assert root.OutputIntents[0].S == "/GTS_PDFA1"
        assert "/Encrypt" not in made.trailer
        assert "/OpenAction" not in root
        assert "/AA" not in root
        assert "/EmbeddedFiles" not in root.get("/Names", {})
        uris = [link for page in made.pages for link in page.get("/Annots", []) if "/URI" in link.get("/A", {})]
        assert uris == []


def tags_of(raw: bytes) -> list[str]:
    """The structure in reading order, as names."""
    found: list[str] = []

    def walk(node) -> None:
        if isinstance(node, pikepdf.Array):
            for one in node:
                walk(one)
        elif isinstance(node, pikepdf.Dictionary) and "/S" in node:
            found.append(str(node.S)[1:])
            if "/K" in node:
                walk(node.K)

    with pikepdf.open(io.BytesIO(raw)) as made:
        walk(made.Root.StructTreeRoot.K)
    return found


def test_it_is_tagged_as_what_it_is():
    text = "## Data\n\n- one\n- two\n\n| a | b |\n|---|---|\n| 1 | 2 |\n"
    tags = tags_of(pdf.write(simple(Prose((Span(text),)))))
    assert {"H1", "H2", "H3", "L", "LI", "Lbl", "Table", "TH", "TD", "TR", "P", "TOC"} <= set(tags)


def test_notes_are_bookmarks():
    with pikepdf.open(io.BytesIO(pdf.write(simple(Prose((Span("# Data\n\nx"),)))))) as made, made.open_outline() as outline:
        titles = [str(one.title) for top in outline.root for one in (top, *top.children)]
    assert titles == ["Chart of Ada Example", "Monday, November 16, 2026", "How to check this export"]


@POPPLER
def test_words_are_read_in_order_with_page_numbers_and_the_client_on_every_page(tmp_path):
    text = "".join(f"## Part {n}\n\n" + f"Word{n} and more. " * 60 + "\n\n" for n in range(30))
    raw = pdf.write(simple(Prose((Span(text),)), Statement("signature", "Signed electronically by Lee Example.", "Key X.")))
    pages = run(tmp_path, raw, "pdftotext", "@", "-").split("\f")[:-1]
    assert len(pages) > 3
    for number, page in enumerate(pages, start=1):
        assert "Riverside Counseling" in page
        assert "Ada Example · born May 30, 1990 · 0000000000000ada" in page
        assert f"page {number} of {len(pages)}" in page
    read = "".join(pages)
    places = [read.index(f"Part {n}\n") for n in range(30)] + [read.index("Signed electronically")]
    assert places == sorted(places)
    assert not [char for char in read if unicodedata.category(char) in ("Cf", "Co")]


@POPPLER
def test_a_field_is_read_with_its_value(tmp_path):
    short = (("goals", "g1"), ("note", "x7"))
    rows = (("place", "office"), ("procedure code", "90834"), ("telehealth", "at home, alone " * 12), *short)
    read = " ".join(text_of(tmp_path, pdf.write(simple(Fields(rows), Prose((Span("Words."),))))).split())
    for told in ("place: office", "procedure code: 90834", "telehealth: at home", "goals: g1", "note: x7"):
        assert told in read


@POPPLER
@pytest.mark.parametrize(("size", "points"), [("letter", (612, 792)), ("a4", (595, 842))])
def test_it_is_set_on_the_paper_asked_for_and_breaks_lines_alike(tmp_path, size, points):
    made = simple(Prose((Span("A sentence of some length that is broken somewhere. " * 20),)))
    raw = pdf.write(made, None, size)
    with pikepdf.open(io.BytesIO(raw)) as opened:
        assert {tuple(round(float(side)) for side in page.mediabox[2:]) for page in opened.pages} == {points}
    if shutil.which("pdftotext"):
        read = [text_of(tmp_path, one).splitlines() for one in (raw, pdf.write(made))]
        first, second = ([row for row in rows if "sentence" in row] for rows in read)
        assert first == second


def test_drafts_are_marked_on_every_page(tmp_path):
    raw = pdf.write(simple(Prose((Span("word " * 2000),)), mark="DRAFT: this export holds notes that are not signed"))
    pages = run(tmp_path, raw, "pdftotext", "@", "-").split("\f")[:-1]
    assert len(pages) > 2
    assert all("DRAFT" in page for page in pages)


@POPPLER
def test_corrections_are_told_in_words_too(tmp_path):
    spans = (Span("She came "), Span("late", STRUCK, 1), Span("early", INSERTED, 2), Span("."))
    assert "[struck: late1] [inserted: early2]." in text_of(tmp_path, pdf.write(simple(Prose(spans))))


@POPPLER
def test_a_table_over_many_pages_repeats_its_head(tmp_path):
    rows = "".join(f"| row{n} | value |\n" for n in range(120))
    raw = pdf.write(simple(Prose((Span("| Item | Amount |\n|---|---|\n" + rows),))))
    pages = run(tmp_path, raw, "pdftotext", "@", "-").split("\f")
    with_rows = [page for page in pages if "row" in page]
    assert len(with_rows) > 2
    assert all("Amount" in page for page in with_rows)


@POPPLER
def test_a_row_is_not_parted_by_the_end_of_a_page(tmp_path):
    rows = "".join(f"| left{n} {'word ' * 60}end{n}l | right{n} {'word ' * 40}end{n}r |\n" for n in range(30))
    raw = pdf.write(simple(Prose((Span("| Item | Amount |\n|---|---|\n" + rows),))))
    pages = run(tmp_path, raw, "pdftotext", "@", "-").split("\f")
    assert len(pages) > 5
    for n in range(30):
        assert any(all(word in page for word in (f"left{n} ", f"end{n}l", f"right{n} ", f"end{n}r")) for page in pages), n


@POPPLER
def test_a_hash_of_a_wide_table_stands_whole_on_the_page(tmp_path):
    sha256, name = "0123456789abcdef" * 4, "2026-11-22-outside-record-7n5tq2m8wkc4xe9r.pdf"
    rows = ((name, "outside-record", called, "24999999 bytes", sha256) for called in ("x" * 255, "Consent of the 3rd.pdf"))
    head = ("attached file", "kind", "called", "size", "SHA-256")
    raw = pdf.write(simple(Table(head, tuple(rows), below="SHA-256")))
    page = run(tmp_path, raw, "pdftotext", "-bbox", "@", "-")
    assert page.count(f">{sha256}</word>") == 2
    assert max(float(right) for right in re.findall(r'xMax="([0-9.]+)"', page)) < (8.5 - 0.95) * 72
    assert name in run(tmp_path, raw, "pdftotext", "-raw", "@", "-").replace("\n", "")


@POPPLER
def test_a_note_does_not_begin_at_the_foot_of_a_page_with_its_fields_alone(tmp_path):
    for lines in range(14, 30):
        note = (Heading(2, "Second note"), Fields((("place", "office"),)), Heading(3, "Data"), Paragraph("Its words."))
        pages = run(tmp_path, pdf.write(simple(*[Paragraph("x")] * lines, *note)), "pdftotext", "@", "-").split("\f")
        # the contents name it too, without its fields
        assert all(("place" in page) == ("Its words." in page) for page in pages)


@POPPLER
def test_a_signature_does_not_stand_on_a_page_without_a_word_of_its_note(tmp_path):
    for lines in range(20, 34):
        note = (Prose((Span("First words.\n\nAnd the last words."),)), Statement("signature", "Signed by Lee.", "Key X."))
        pages = run(tmp_path, pdf.write(simple(*[Paragraph("x")] * lines, *note)), "pdftotext", "@", "-").split("\f")
        assert all(("Signed by Lee." in page) == ("the last words" in page) for page in pages)


def test_a_signature_is_never_parted():
    tall = [Paragraph("x")] * 50
    for extra in range(8):
        said = Statement("signature", "Signed electronically by Lee Example, PhD. " * 4, "Key SHA256 with a number. " * 6)
        raw = pdf.write(simple(*tall[: 20 + extra], said))
        with pikepdf.open(io.BytesIO(raw)) as made:
            # a statement that would be parted moves as a whole: its left rule is drawn once
            assert len(made.pages) in (2, 3)


@POPPLER
def test_what_no_font_has_is_written_out_and_counted(tmp_path, monkeypatch):
    monkeypatch.setattr(fonts, "installed", list)
    read = text_of(tmp_path, pdf.write(simple(Prose((Span("漢字 and 漢 and 👩‍💻 and q\u20dd, naïve Ελ שלום ≥ ✓"),)))))
    assert "[U+6F22][U+5B57] and [U+6F22] and [U+1F469 U+200D U+1F4BB] and [U+0071 U+20DD], naïve Ελ" in " ".join(read.split())
    assert "In this file 4 different characters that no font here has are written out by number" in " ".join(read.split())


@POPPLER
def test_a_file_without_such_characters_says_nothing_of_them(tmp_path):
    assert "no font" not in text_of(tmp_path, pdf.write(simple(Prose((Span("naïve"),)))))


def test_the_characters_that_are_never_asked_for_are_in_the_fonts():
    common = [chr(code) for code in range(0x20, 0x2100) if chr(code).isprintable() and not glyphs._COMMON.match(chr(code))]
    setter = pdf._Setter([], fonts.BASE, "letter")
    assert len(common) > 180
    assert setter.shows(common)


def test_a_folder_of_fonts_is_used(tmp_path):
    own = next(iter(sorted(Path("/usr/share").rglob("*Fallback*.ttf"))), None)
    if own is None:
        pytest.skip("no font with Chinese characters on this machine")
    (tmp_path / "fonts").mkdir()
    shutil.copy(own, tmp_path / "fonts")
    made = simple(Prose((Span("漢字"),)))
    assert pdf.prepare(made, tmp_path / "fonts").missing == set()
    with pikepdf.open(io.BytesIO(pdf.write(made, tmp_path / "fonts"))) as opened, opened.open_metadata() as meta:
        assert meta["pdfaid:part"] == "2"


def test_a_character_that_fails_only_beside_others_goes_too(monkeypatch):
    monkeypatch.setattr(glyphs, "missing", lambda asked, shows: set())
    monkeypatch.setattr(fonts, "installed", list)
    assert pdf.write(simple(Prose((Span("漢字 Ελ"),)))).startswith(b"%PDF")


def test_a_figure_is_in_it_with_its_text():
    assert "Figure" in tags_of(pdf.write(simple(Figure(SVG.encode(), "image/svg+xml", "PHQ-9 falls from 14 to 9"))))


def test_what_cannot_be_set_is_named_without_a_word_of_it(monkeypatch):
    set_ = pdf._Setter._set

    def failing(self, template, data, *more, **named):
        return None if "secret" in str(data) else set_(self, template, data, *more, **named)

    monkeypatch.setattr(pdf._Setter, "_set", failing)
    with pytest.raises(BadInput) as caught:
        pdf.write(simple(Prose((Span("secret words"),))))
    assert caught.value.message == "notes/one.md: cannot be set as PDF"
    assert "secret" not in str(caught.value) + str(caught.value.hint)


PROBE = """
import hashlib
from tests.export.hostile import SVG, TEXTS, document
from vaultcli.export import html, markdown
from vaultcli.export.paper import pdf
made = document(TEXTS["right"] + TEXTS["cjk"] + TEXTS["table"])
print(*(hashlib.sha256(one.write(made)).hexdigest() for one in (html, markdown, pdf)))
"""


def test_the_same_document_gives_the_same_bytes_in_any_zone_language_and_process():
    said = set()
    for zone, language, seed in (("UTC", "C.UTF-8", "1"), ("Asia/Kolkata", "de_DE.UTF-8", "2")):
        env = {**os.environ, "TZ": zone, "LANG": language, "LC_ALL": language, "PYTHONHASHSEED": seed}
        top = Path(__file__).parents[3]
        done = subprocess.run([sys.executable, "-c", PROBE], env=env, capture_output=True, text=True, cwd=top)
        assert done.returncode == 0, done.stderr
        said.add(done.stdout)
    assert len(said) == 1


def test_a_word_that_fits_has_no_hidden_place_to_break():
    key = "SHA256:U0+4rGJtc0ICPocdWgAXf0bbnO6Qz/5Fj5SKUYEobiM"
    command = "ssh-keygen -n note@vaultcli.v1 -s 2026-10-05-progress-5v3cs0695n1430s7.correction-4cakpa1a1ebqbfsd.md.sig"
    table = Table(("no.", "file", "signed by", "SHA-256"), (("1", "x.md", "lee", "a" * 64),), below="SHA-256")
    made = render.render(simple(Statement("signature", "Signed.", f"Key {key}."), Commands((command,)), table))
    whole = " ".join(render.texts(made)).replace(f"{key}.", key).split()
    assert {key, command.split()[-1], "a" * 64} <= set(whole)
