"""The lists of contents are those of what they list, and every path that a page or a comment names is there."""

from __future__ import annotations

import os
import re
from pathlib import Path

import pytest

import vaultcli
from tests import contents

ROOT = contents.ROOT
PACKAGE = Path(vaultcli.__file__).parent
UPDATE = os.environ.get("VAULTCLI_UPDATE") == "1"
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))]
TOPS = ("vaultcli", "tests", "hooks", "templates", "docs", *sorted(one.parent.name for one in PACKAGE.glob("*/__init__.py")))
_PATH = re.compile(rf"`(?:bash |python |\.venv/bin/)?((?:{'|'.join(map(re.escape, TOPS))})/[\w./*-]*)")


def made() -> dict[Path, str]:
    """Each page of contents as it would be written now."""
    architecture = ROOT / "docs" / "architecture.md"
    return {
        architecture: contents.architecture(architecture.read_text(encoding="utf-8"), PACKAGE),
        ROOT / "docs" / "decisions" / "README.md": contents.decisions(ROOT / "docs" / "decisions"),
        ROOT / "docs" / "spec" / "README.md": contents.specification(ROOT / "docs" / "spec"),
    }


def test_the_lists_are_fresh() -> None:
    stale = []
    for path, fresh in made().items():
        if UPDATE:
            path.write_text(fresh, encoding="utf-8")
        if path.read_text(encoding="utf-8") != fresh:
            stale.append(path.name)
    assert stale == [], "run: VAULTCLI_UPDATE=1 pytest tests/test_contents.py"


def test_every_folder_and_module_says_what_it_holds() -> None:
    """In words of its own, not only in its name."""
    silent = []
    for path in sorted(PACKAGE.rglob("*.py")):
        said = contents.first_words(path.read_text(encoding="utf-8"))
        if "_data" not in path.parts and (len(said.split()) < 3 or not said.endswith((".", "?", "`", "..."))):
            silent.append(f"{path.relative_to(PACKAGE)}: {said}")
    assert silent == []


def test_every_decision_says_one_sentence() -> None:
    pages = [contents.read(path, ROOT / "docs" / "decisions") for path in sorted((ROOT / "docs" / "decisions").glob("0*.md"))]
    assert [page.path for page in pages if not page.says or page.number != page.path[:4]] == []


def absent(page: Path, text: str) -> list[str]:
    """The paths that a page names and nobody finds: from the top, from the package, or from the page's own folder.

    A name in capitals stands for any, `record/view/values.py` may be followed by a name in it, and what lies in a `.git` at
    run time is none of these.
    """
    found = [one.rstrip(".") for one in _PATH.findall(text)]
    rooms = {path.name for path in PACKAGE.iterdir()}
    ours = [one for one in found if not one.startswith("vaultcli/") or one.split("/")[1] in rooms or one.endswith(".py")]
    return [one for one in ours if not any(_is_there(place, one) for place in (ROOT, PACKAGE, page.parent))]


def _is_there(place: Path, name: str) -> bool:
    wild = re.sub(r"(?<![A-Za-z])[A-Z]{2,}(?![A-Za-z])", "*", name)
    module = re.sub(r"\.[a-z_]+$", "", name)
    return (place / name).exists() or any((place / f"{one}.py").is_file() for one in (name, module)) or any(place.glob(wild))


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.relative_to(ROOT).as_posix())
def test_paths_in_pages_are_there(page: Path) -> None:
    assert absent(page, page.read_text(encoding="utf-8")) == []


def test_paths_in_docstrings_and_comments_are_there() -> None:
    wrong = []
    for path in sorted([*PACKAGE.rglob("*.py"), *(ROOT / "tests").rglob("*.py")]):
        if path != Path(__file__):
            wrong += [f"{path.relative_to(ROOT)}: {one}" for one in absent(path, path.read_text(encoding="utf-8"))]
    assert wrong == []


def test_absent_paths_are_seen() -> None:
    text = "`vaultcli/nowhere.py`, `record/rules/`, `record/policy`, `tests/floors.py`, `docs/spec/no.md`, `tests/bench/`"
    assert absent(ROOT / "docs" / "architecture.md", text) == ["vaultcli/nowhere.py", "record/policy", "docs/spec/no.md"]
