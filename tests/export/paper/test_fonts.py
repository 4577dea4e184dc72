"""A script that our fonts lack: set with an installed font package, and else written out, counted, and told beforehand."""

from __future__ import annotations

import importlib.util
from pathlib import Path

import pytest

from vaultcli.export.document import Document, Heading, Part, Prose, Span
from vaultcli.export.paper import fonts, pdf

NAME = "陳大文"
installed = pytest.mark.skipif(
    importlib.util.find_spec("noto_cjk_sans_otc") is None, reason="vaultcli[cjk] is not installed: Chinese was not set"
)


def document(text: str = "Words.", name: str = "Ada") -> Document:
    parts = (Part((Heading(1, f"Chart of {name}"),)), Part((Heading(2, "Note"), Prose((Span(text),)))))
    return Document(f"Chart of {name}", "en", "2026-11-22T10:00:00-05:00", ("Riverside", name), parts)


@pytest.fixture
def without(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fonts, "installed", list)


@pytest.mark.usefixtures("without")
def test_what_is_missing_is_known_before_the_file_is_made() -> None:
    ready = pdf.prepare(document(f"{NAME} 😀", NAME))
    assert ready.missing == {*NAME, "😀"}
    assert ready.lacking(("Riverside", NAME)) == [NAME]
    assert ready.write() == pdf.write(document(f"{NAME} 😀", NAME))
    assert pdf.prepare(document()).missing == set()


@installed
def test_a_font_package_is_used_where_it_is_needed() -> None:
    ready = pdf.prepare(document(f"{NAME} かな 한국어 😀", NAME))
    assert ready.missing == {"😀"}
    assert ready.lacking(("Riverside", NAME)) == []


@installed
def test_it_changes_nothing_where_it_is_not(monkeypatch: pytest.MonkeyPatch) -> None:
    with_package = pdf.write(document("naïve Ελ שלום"))
    monkeypatch.setattr(fonts, "installed", list)
    assert pdf.write(document("naïve Ελ שלום")) == with_package


def test_the_script_beside_a_han_character_decides_how_it_is_drawn() -> None:
    assert fonts.families(["漢字"])[1:] == ("Noto Sans CJK SC",)
    assert fonts.families(["漢字", "かな"])[1] == "Noto Sans CJK JP"
    assert fonts.families(["漢字 한국어"])[1] == "Noto Sans CJK KR"


def test_packages_are_found_without_running_their_code(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "noto_cjk_sans_otc").mkdir()
    (tmp_path / "noto_cjk_sans_otc" / "__init__.py").write_text("raise SystemExit('was run')")
    monkeypatch.syspath_prepend(tmp_path)
    assert fonts.installed() == [tmp_path / "noto_cjk_sans_otc"]
