"""Attachments: the one form of a descriptor, the paths of the bytes, and what first bytes look like."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

import pytest

from vaultcli.cli.finish import attach
from vaultcli.ground import frontmatter
from vaultcli.record.notes import attachment, block, media, names
from vaultcli.record.notes.attachment import Attachment
from vaultcli.record.notes.note import Note

ROOT = Path(__file__).parents[3]
ID = "7n5tq2m8wkc4xe9r"
SAID = Attachment(f"attachments/{ID}.pdf", "Consent.pdf", "consent", "application/pdf", 48213, "0f" * 32, "2026-11-22")


def test_what_is_rendered_is_read() -> None:
    assert attachment.read(attachment.render(SAID, "A remark.\n\nMore.")) == SAID
    assert attachment.render(SAID, " A remark.\n").endswith(b"---\n\nA remark.\n")


@pytest.mark.parametrize("name", ['a "quoted" \\ name', "NO", "# not a comment", "Müller & Søn 🙂.pdf", "0012345", "a: b", "~"])
def test_any_name_reads_the_same_for_us_and_for_yaml(name: str) -> None:
    raw = attachment.render(replace(SAID, name=name))
    assert attachment.read(raw) == replace(SAID, name=name)
    assert frontmatter.parse(raw)["file"] == name
    assert Note.parse(raw, f"notes/2026-11-22-attachment-{ID}.md").problems == ()


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("a\nb\tc", "a_b_c"),
        ("evil\u202egpj.exe", "evil_gpj.exe"),
        ("\udcff\udcfe.pdf", "__.pdf"),
        ("  ", "_"),
        ("x" * 400, "x" * 255),
        ("two\u2028lines\ufeff", "two_lines_"),
    ],
)
def test_a_name_stands_on_one_line_and_hides_nothing(name: str, shown: str) -> None:
    assert attachment.safe_name(name) == shown
    assert attachment.read(attachment.render(replace(SAID, name=shown))) is not None


def test_the_specifications_own_example() -> None:
    page = (ROOT / "docs/spec/attachment.md").read_text(encoding="utf-8")
    example = re.search(r"```markdown\n(.*?)```", page, re.DOTALL)
    assert example is not None
    raw = re.sub(r"signed:\n(?:  .*\n)+", "", example[1]).encode()
    said = attachment.read(raw)
    assert said is not None
    assert raw == attachment.render(said, "Signed on paper in the office; the paper is in the cabinet.")
    assert said.sha256 in page.split("sha256sum -c")[0].split("echo")[1]
    table = re.search(r"`kind` is one of (.*?); a", re.sub(r"\s+", " ", page))
    assert table is not None
    assert tuple(re.findall(r"`([a-z-]+)`", table[1])) == attach.KINDS


GOOD = attachment.render(SAID)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (b"kind: consent\n", b""),
        (b"kind: consent\n", b"kind: consent\nkind: scan\n"),
        (b"kind: consent", b"kind: Consent"),
        (b"kind: consent", b"kind: " + b"a" * 25),
        (b"bytes: 48213", b"bytes: 048213"),
        (b"bytes: 48213", b"bytes: +48213"),
        (b"bytes: 48213", b"bytes: 0"),
        (b"bytes: 48213", b"bytes: 25000000"),
        (b"sha256: 0f", b"sha256: 0F"),
        (b"sha256: 0f", b"sha256: "),
        (b".pdf\nid", b".md\nid"),
        (b".pdf\nid", b".sig\nid"),
        (b".pdf\nid", b".PDF\nid"),
        (b".pdf\nid", b".verylonge\nid"),
        (b"stored: attachments/", b"stored: ../attachments/"),
        (b"stored: attachments/", b"stored: notes/"),
        (b"id: 7n5t", b"id: 8n5t"),
        (b"date: 2026-11-22", b"date: 2026-11-31"),
        (b'file: "Consent.pdf"', b"file: Consent.pdf"),
        (b'file: "Consent.pdf"', b'file: "a\\nb"'),
        (b'file: "Consent.pdf"', b'file: ""'),
        (b"type: attachment\n", b"type: attachment\nsha512: 00\n"),
        (b"\n", b"\r\n"),
        (b"---\ntype", b"--- \ntype:\ntype"),
    ],
)
def test_there_is_one_form(old: bytes, new: bytes) -> None:
    assert old in GOOD
    assert attachment.read(GOOD) is not None
    assert attachment.read(GOOD.replace(old, new)) is None


def test_paths() -> None:
    assert attachment.id_of(f"attachments/{ID}.pdf") == ID
    for path in ("{}.md", "{}.sig", "{}", "{}.PDF", "{}.tar.gz", "a/{}.pdf", "{}.pdf\n", "{}.pdf/x", "{}.abcdefghi", "x{}.pdf"):
        assert attachment.id_of("attachments/" + path.format(ID)) == ""
    assert attachment.id_of(f"Attachments/{ID}.pdf") == ""
    assert attachment.describes(f"notes/2026-11-22-attachment-{ID}.md")
    for path in (f"notes/2026-11-22-progress-{ID}.md", f"notes/2026-11-22-attachment-{ID}.addendum-{ID}.md", f"x/y-{ID}.md"):
        assert not attachment.describes(path)


def test_a_correction_keeps_what_says_which_bytes() -> None:
    fixed = GOOD.replace(b"kind: consent", b"kind: scan").replace(b"\nid:", b"\nreason: a slip\nid:")
    assert attachment.keeps_the_bytes(GOOD, fixed)
    others = (b"sha256: 0f", b"sha256: 1f"), (b"bytes: 4", b"bytes: 5"), (b".pdf\nreason", b".png\nreason")
    for old, new in (*others, (b"type: ", b"type: x")):
        assert not attachment.keeps_the_bytes(GOOD, fixed.replace(old, new))
    assert not attachment.keeps_the_bytes(GOOD, fixed.replace(b"\nid:", b'\n"sha256": 00\nid:'))
    assert not attachment.keeps_the_bytes(GOOD, b"no front matter")
    said = attachment.corrected(SAID, fixed.replace(b"date: 2026-11-22", b"date: 2026-11-02"))
    assert (said.kind, said.date, said.sha256, said.path) == ("scan", "2026-11-02", SAID.sha256, SAID.path)
    assert said.released_as == f"2026-11-02-scan-{ID}.pdf"
    hostile = attachment.corrected(SAID, fixed.replace(b"kind: scan", b"kind: ../../x").replace(b"2026-11-22", b"/etc"))
    assert hostile.released_as == f"2026-11-22-consent-{ID}.pdf"


@pytest.mark.parametrize(
    ("head", "type_", "name", "ending"),
    [
        (b"%PDF-1.7\n", "application/pdf", "a.PDF", "pdf"),
        (b"%PDF-1.7\n", "application/pdf", "invoice.exe", "pdf"),
        (b"\xff\xd8\xff\xe0", "image/jpeg", "a.jpeg", "jpeg"),
        (b"\xff\xd8\xff\xe0", "image/jpeg", "a", "jpg"),
        (b"\x89PNG\r\n\x1a\n", "image/png", "x.png", "png"),
        (b"II*\0", "image/tiff", "x.tif", "tif"),
        (b"\0\0\0\x18ftypheic", "image/heic", "IMG_1.HEIC", "heic"),
        (b"\0\0\0\x18ftypzzzz", "application/octet-stream", "x.heic", "bin"),
        (b"PK\x03\x04\x14\0word/document.xml", media._ZIPPED[0][1].type, "letter.docx", "docx"),
        (b"PK\x03\x04", "application/zip", "x.docx", "zip"),
        (b"<html><script>alert(1)</script>", "text/plain", "page.html", "txt"),
        (b"a,b\r\n1,2\r\n", "text/plain", "scores.csv", "csv"),
        (b"# note", "text/plain", "note.md", "txt"),
        ("ä".encode() * (media.HEAD // 2), "text/plain", "x", "txt"),
        (b"x" + "ä".encode() * (media.HEAD // 2), "text/plain", "x", "txt"),
        (b"MZ\x90\0", "application/octet-stream", "setup.exe", "bin"),
        (b"caf\xe9 ", "application/octet-stream", "latin.txt", "bin"),
        (b"", "application/octet-stream", "", "bin"),
    ],
)
def test_what_first_bytes_look_like(head: bytes, type_: str, name: str, ending: str) -> None:
    found = media.of(head[: media.HEAD])
    assert (found.type, media.ending(found, name)) == (type_, ending)
    assert attachment.id_of(f"attachments/{ID}.{media.ending(found, name)}") == ID


def test_every_ending_of_the_table_can_be_a_path() -> None:
    table = [one for _, one in (*media._PREFIXES, *media._FTYP, *media._ZIPPED)]
    for one in (*table, *media._RIFF.values(), media.TEXT, media._ZIP, media.UNKNOWN):
        for ending in one.endings:
            assert attachment.id_of(f"attachments/{ID}.{ending}") == ID
        assert attachment.read(attachment.render(replace(SAID, media_type=one.type))) is not None


def test_names_and_blocks_are_those_of_notes() -> None:
    name = names.parse(f"2026-11-22-{attachment.TYPE}-{ID}.md")
    assert isinstance(name, names.NoteName)
    assert block.without(GOOD) == GOOD
