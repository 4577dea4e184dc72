"""Pages of contents that are made of what they list: the rooms of the house, the decisions, the specification.

`VAULTCLI_UPDATE=1 pytest tests/test_contents.py` writes them; `test_contents.py` holds them to their sources.
"""

from __future__ import annotations

import ast
import re
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).parent.parent
MADE = "<!-- Made by tests/contents.py of the pages it lists; do not edit. -->"
BEGIN, END = "<!-- rooms: made by tests/contents.py of each folder's own first words -->", "<!-- end of rooms -->"

_SENTENCE = re.compile(r"(.+?[.?!])(?=\s|$)", re.DOTALL)
_NUMBER = re.compile(r"(?<![\w-])(0[0-9]{3})(?![\w-])")


class Page(NamedTuple):
    """A page as a list of contents names it.

    Args:
        path: from the list's own folder.
        title: its heading without a number.
        number: of a decision, four digits; else empty.
        says: one sentence of it.
        text: all of it.
    """

    path: str
    title: str
    number: str
    says: str
    text: str


def first_words(source: str) -> str:
    """The first line of a module's docstring."""
    return (ast.get_docstring(ast.parse(source)) or "").partition("\n")[0]


def rooms(package: Path) -> str:
    """One line for each folder of the package, in the order of its floors, with the first words of its `__init__`."""
    from tests.floors import FLOORS

    lines = []
    for name, floor in sorted(FLOORS.items(), key=lambda item: -item[1]):
        top = package / name
        if not name or not top.is_dir():
            continue
        for init in sorted([top / "__init__.py", *top.glob("*/__init__.py")]):
            folder = init.parent.relative_to(package)
            count = sum(1 for one in init.parent.glob("*.py") if one.name != "__init__.py")
            label = f"`{folder}/`" if folder.parent == Path() else f"&emsp;`{folder.name}/`"
            said = first_words(init.read_text(encoding="utf-8")).removeprefix(f"Floor {floor}: ")
            said = said[:1].upper() + said[1:]
            lines.append(f"| {floor if folder.parent == Path() else ''} | {label} | {count} | {said} |")
    return "\n".join(["| floor | folder | files | what it holds |", "| --- | --- | --- | --- |", *lines])


def architecture(page: str, package: Path) -> str:
    """The page on the architecture with its list of rooms made anew."""
    before, _, rest = page.partition(BEGIN)
    return f"{before}{BEGIN}\n\n{rooms(package)}\n\n{END}{rest.partition(END)[2]}"


def read(path: Path, folder: Path) -> Page:
    """A page for a list that lies in a folder."""
    text = path.read_text(encoding="utf-8")
    heading, _, body = text.partition("\n")
    number, title = re.fullmatch(r"# (?:(\d+)[.:]? )?(.+)", heading).groups()  # type: ignore[union-attr]
    return Page(path.relative_to(folder).as_posix(), title, number.zfill(4) if number else "", _says(body), text)


def _says(body: str) -> str:
    """The answer's first sentence where there is one, else the first sentence that stands in a paragraph."""
    answer = re.search(r"^\*\*(?:Answer|Decision|Decided)\.\*\* *(.+?)(?:\n\n|\Z)", body, re.MULTILINE | re.DOTALL)
    decided = re.search(r"^## (?:Answer|Decision)\n+(.+?)(?:\n\n|\Z)", body, re.MULTILINE | re.DOTALL)
    if answer or decided:
        return _sentence((answer or decided)[1])  # type: ignore[index]
    for paragraph in re.split(r"\n{2,}", re.sub(r"^```.*?^```$", "", body, flags=re.MULTILINE | re.DOTALL).strip()):
        plain = re.sub(r"^(?:Version 1\.|Decided[.:]|1\.) *", "", " ".join(paragraph.split()))
        if plain and not plain.startswith(("#", "```", "|", "*", ">", "<")) and not plain.startswith("Version"):
            return _sentence(plain)
    return ""


def _sentence(text: str) -> str:
    """The first sentence that says something: a bare yes or no takes the next along."""
    plain = re.sub(r"\[([^\]]+)\]\([^)]+\)", r"\1", " ".join(text.split()))
    found = [one.strip() for one in _SENTENCE.findall(plain)] or [plain]
    first = found[0] if len(found[0]) > 12 or len(found) == 1 else f"{found[0]} {found[1]}"
    return first.rstrip(":") + ("" if first.endswith((".", "?", "!")) else " ...")


def decisions(folder: Path) -> str:
    """The list of decisions: number, title, one sentence, and which others each one touches."""
    pages = [read(path, folder) for path in sorted(folder.glob("0*.md"))]
    known = {page.number: page for page in pages}
    touched = {page.number: {one for one in _NUMBER.findall(page.text) if one in known} - {page.number} for page in pages}
    rows = []
    for page in pages:
        changed = set(re.findall(r"\*Changed by \[(\d{4})\]", page.text))
        back = {number for number, others in touched.items() if page.number in others}
        notes = [f"changed by {_links(changed, known)}"] if changed else []
        if others := (touched[page.number] | back) - changed:
            notes.append(f"see {_links(others, known)}")
        rows.append(f"| [{page.number}]({page.path}) | {page.title} | {page.says} | {'; '.join(notes)} |")
    intro = "Why things are as they are, one page each; what was weighed and left is told there."
    head = ["# Decisions", "", MADE, "", intro, ""]
    return "\n".join([*head, "| | decision | in a sentence | others |", "| --- | --- | --- | --- |", *rows]) + "\n"


def _links(numbers: set[str], known: dict[str, Page]) -> str:
    return ", ".join(f"[{one}]({known[one].path})" for one in sorted(numbers))


def specification(folder: Path) -> str:
    """The list of formats and rules: each page with its version and one sentence."""
    paths = [path for path in sorted(folder.rglob("*.md")) if path.name != "README.md"]
    intro = "Every format on disk and every rule of a verdict; an example comes before the rules."
    head = ["# Specification", "", MADE, "", intro, ""]
    rows = {"The chart": list[str](), "The psychotherapy notes": list[str]()}
    for path in paths:
        page = read(path, folder)
        version = re.search(r"\bversion (\d+)\b", page.text[:400], re.IGNORECASE)
        title = re.sub(r",? version \d+$", "", page.title)
        part = "The psychotherapy notes" if path.parent != folder else "The chart"
        rows[part].append(f"| [{title}]({page.path}) | {version[1] if version else ''} | {page.says} |")
    parts = []
    for part, lines in rows.items():
        parts += [f"## {part}", "", "| page | version | |", "| --- | --- | --- |", *lines, ""]
    return "\n".join([*head, *parts]).rstrip("\n") + "\n"
