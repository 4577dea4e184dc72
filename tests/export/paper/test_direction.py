"""Text that is written from right to left stands from right to left: a sentence set the other way names another drug."""

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path

import pytest

from vaultcli.export import html
from vaultcli.export.document import Document, Fields, Heading, Part, Prose, Span, Statement
from vaultcli.export.paper import pdf
from vaultcli.export.prose import direction

pytestmark = pytest.mark.skipif(shutil.which("pdftotext") is None, reason="poppler-utils is not installed")

HEBREW = "לא לקחת Sertraline 50 mg לקחת Prozac 20 mg"
"""Not to take the one, to take the other."""
ARABIC = "لا تأخذ Sertraline 50 mg خذ Prozac 20 mg"


def document(*blocks: object) -> Document:
    note = Part((Heading(2, "Note"), *blocks))  # type: ignore[arg-type]
    return Document("x", "en", "", ("P", "c"), (Part((Heading(1, "Chart"),)), note))


def drugs(tmp_path: Path, *blocks: object) -> list[tuple[str, float, float]]:
    """The Latin words on the page as they stand: word, left and right edge."""
    (tmp_path / "x.pdf").write_bytes(pdf.write(document(*blocks)))
    done = subprocess.run(["pdftotext", "-bbox", tmp_path / "x.pdf", "-"], capture_output=True, text=True, check=True)
    words = re.findall(r'<word xMin="([\d.]+)" yMin="[\d.]+" xMax="([\d.]+)" yMax="[\d.]+">([^<]+)</word>', done.stdout)
    return [(word, float(left), float(right)) for left, right, word in words if word in ("Sertraline", "Prozac", "Plan")]


@pytest.mark.parametrize("text", [HEBREW, ARABIC])
@pytest.mark.parametrize(
    "block",
    [
        lambda text: Prose((Span(text),)),
        lambda text: Prose((Span(f"- {text}"),)),
        lambda text: Prose((Span(f"## {text}\n\nx"),)),
        lambda text: Prose((Span(f"| a | b |\n|---|---|\n| {text} | x |"),)),
        lambda text: Prose((Span(f"Latin first\n{text}\nand last"),)),
        lambda text: Prose((Span(text),), plain=True),
        lambda text: Fields((("said", text),)),
        lambda text: Statement("correction", "Corrected. Reason:", "", text),
        lambda text: Heading(3, text),
    ],
    ids=["paragraph", "item", "heading", "cell", "line", "imported", "field", "reason", "title"],
)
def test_the_first_drug_stands_right_of_the_second(tmp_path: Path, text: str, block: object) -> None:
    first, second = drugs(tmp_path, block(text))  # type: ignore[operator]
    where = {word: left for word, left, _ in (first, second)}
    assert where["Sertraline"] > where["Prozac"]


def test_a_paragraph_begins_at_the_right_margin_and_a_latin_one_at_the_left(tmp_path: Path) -> None:
    (tmp_path / "x.pdf").write_bytes(pdf.write(document(Prose((Span(f"{HEBREW}\n\nPlan"),)))))
    done = subprocess.run(["pdftotext", "-bbox", tmp_path / "x.pdf", "-"], capture_output=True, text=True, check=True)
    rights = [float(right) for right in re.findall(r'xMax="([\d.]+)" yMax="[\d.]+">[א-ת]+<', done.stdout)]
    assert max(rights) == pytest.approx(7.5 * 72, abs=2)
    ((_, left, _),) = [one for one in drugs(tmp_path, Prose((Span(f"{HEBREW}\n\nPlan"),))) if one[0] == "Plan"]
    assert left == pytest.approx(72, abs=2)


def test_the_page_takes_the_direction_from_each_line() -> None:
    raw = html.write(document(Prose((Span(f"{HEBREW}\nPlan\n\n| a | b |\n|---|---|\n| {HEBREW} | x |"),)))).decode()
    assert ".t { white-space: pre-wrap; tab-size: 4; unicode-bidi: plaintext; text-align: start; }" in raw
    assert f'<p class="t" dir="auto">{HEBREW}<br>Plan</p>' in raw
    assert f'<td dir="auto" class="t">{HEBREW}</td>' in raw


@pytest.mark.parametrize(
    ("text", "right"),
    [("", False), ("123", False), ("12 מ", True), ("a מ", False), ("(م) a", True), ("> 5 עדה", True), ("漢 م", False)],
)
def test_the_first_letter_decides(text: str, right: bool) -> None:
    assert direction.from_right(text) is right
