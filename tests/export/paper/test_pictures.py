"""Pictures on paper: shown where they can be read, named where not, and no file of them left behind."""

from __future__ import annotations

import io
import tempfile
from pathlib import Path

import pikepdf
import pytest

from tests.export.hostile import SVG
from tests.export.paper.pictures_of import png
from vaultcli.export.document import Document, Figure, Heading, Part
from vaultcli.export.paper import pdf, pictures

PNG = png(40, 30)


def figures(raw: bytes) -> list[str]:
    """What is said of each figure, from the structure of the file."""
    found: list[str] = []

    def walk(node: object) -> None:
        if isinstance(node, pikepdf.Array):
            for one in node:
                walk(one)
        elif isinstance(node, pikepdf.Dictionary) and "/S" in node:
            if node.S == "/Figure":
                found.append(str(node.Alt))
            if "/K" in node:
                walk(node.K)

    with pikepdf.open(io.BytesIO(raw)) as made:
        walk(made.Root.StructTreeRoot.K)
    return found


def document(*figures: Figure) -> Document:
    parts = (Part((Heading(1, "Chart"),)), Part((Heading(2, "Note"), *figures), name="notes/x.md"))
    return Document("x", "en", "2026-11-22T10:00:00-05:00", ("P", "c"), parts)


def test_a_scan_is_in_the_file_with_words_for_those_who_listen() -> None:
    assert figures(pdf.write(document(Figure(PNG, "image/png", "Scan: front page.png")))) == ["Scan: front page.png"]


def test_what_cannot_be_read_is_named_and_the_rest_is_set() -> None:
    broken, sound = Figure(b"\x89PNG\r\n\x1a\njunk", "image/png", "Scan: broken"), Figure(PNG, "image/png", "Scan: sound")
    assert figures(pdf.write(document(broken, sound))) == ["Scan: sound"]


def test_a_drawing_of_ours_is_set() -> None:
    assert pdf.write(document(Figure(SVG.encode(), "image/svg+xml", "PHQ-9 falls"))).startswith(b"%PDF")


def test_no_picture_is_left_behind(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(pictures, "_MEMORY", tmp_path)
    seen = []
    with pictures.folder(pictures.of(document(Figure(PNG, "image/png", "x")))) as root:
        assert root is not None
        seen = [path.stat().st_mode & 0o077 for path in (Path(root), *Path(root).iterdir())]
        assert Path(root).stat().st_mode & 0o077 == 0
    assert len(seen) == 2
    assert list(tmp_path.iterdir()) == []


def test_without_memory_of_its_own_the_systems_place_is_taken(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(pictures, "_MEMORY", tmp_path / "none")
    with pictures.folder({"/a.png": PNG}) as root:
        assert root is not None
        assert Path(root).parent == Path(tempfile.gettempdir())
    assert not Path(root).exists()


def test_without_pictures_there_is_no_folder() -> None:
    with pictures.folder(pictures.of(document())) as root:
        assert root is None
