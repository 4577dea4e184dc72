"""Every page of `tests/transcripts` runs as it is written, and so does every page for users that shows a session."""

from __future__ import annotations

import difflib
import os
from datetime import datetime
from pathlib import Path

import pytest

from tests import conftest, everyday, helpers, transcript

TOP = Path(__file__).parent.parent
SHOWN = [page for page in (TOP / "README.md", *sorted((TOP / "docs").glob("*.md"))) if page.name != "contributing.md"]
PAGES = sorted((TOP / "tests" / "transcripts").glob("*.md"))
PAGES += [page for page in SHOWN if "\n```console" in page.read_text(encoding="utf-8")]
LONG = {"psychotherapy-agent", "psychotherapy-lost-laptop", "psychotherapy-sync", "enrolment-request"}
"""Pages that wait for time to pass, or play several machines: for the long suite."""
UPDATE = os.environ.get("VAULTCLI_UPDATE") == "1"
"""Read here, before the environment is cleared for each test."""

assert PAGES, "no transcripts found"


def play(page: str, folder: Path) -> str:
    """The page as it really went, in a world of its own under the folder."""
    (folder / "work").mkdir()
    (folder / "editor").mkdir()
    editor = helpers.FakeEditor(folder / "editor")
    world = transcript.World(folder / "work", editor, datetime.fromisoformat(conftest.CLOCK))
    return transcript.run(page, world)


@pytest.mark.parametrize("path", everyday.only(PAGES, lambda _, path: path.stem not in LONG), ids=lambda path: path.stem)
def test_page(path: Path, tmp_path: Path) -> None:
    page = path.read_text(encoding="utf-8")
    real = play(page, tmp_path)
    if UPDATE and real != page:
        path.write_text(real, encoding="utf-8")
        return
    if real != page:
        lines = difflib.unified_diff(page.splitlines(), real.splitlines(), path.name, "what came", lineterm="", n=4)
        pytest.fail("\n".join(lines), pytrace=False)
