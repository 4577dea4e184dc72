"""The pages by which somebody finds their way through the code: what they name is there, and things go as they say."""

from __future__ import annotations

import ast
import re
import sys
from collections.abc import Callable, Iterator
from itertools import pairwise
from pathlib import Path
from types import FrameType
from typing import NamedTuple

import pytest

import vaultcli
from tests import floors, helpers, vaults

ROOT = Path(__file__).parent.parent
PACKAGE = Path(vaultcli.__file__).parent
ARCHITECTURE = (ROOT / "docs" / "architecture.md").read_text(encoding="utf-8")
CONTRIBUTING = (ROOT / "docs" / "contributing.md").read_text(encoding="utf-8")
STEPS = (ROOT / "docs" / "what-happens.md").read_text(encoding="utf-8")
_CODE = re.compile(r"`([^`]+)`")


class Step(NamedTuple):
    """A step of a call: where it begins, and the modules that have a part in it."""

    module: str
    begins: str
    helpers: tuple[str, ...]


def rows(text: str, heading: str) -> Iterator[list[str]]:
    """The cells of each row of the table that has such a heading, without the two lines of its head."""
    after = text[text.index(heading) :].splitlines()[2:]
    for line in after:
        if not line.startswith("|"):
            return
        yield [cell.strip() for cell in line.strip("|").split("|")]


def steps() -> list[Step]:
    """The steps of the page `what-happens.md`."""
    found = []
    for _, _, module, begins, others in rows(STEPS, "| | what happens |"):
        found.append(Step(*_CODE.findall(module), *_CODE.findall(begins), tuple(_CODE.findall(others))))  # type: ignore[arg-type]
    return found


def defines(module: str, name: str) -> bool:
    """Whether a module, by its path in the package, has a function, class or method of that name."""
    body: list[ast.stmt] = ast.parse((PACKAGE / f"{module}.py").read_text(encoding="utf-8")).body
    for part in name.split("."):
        named = (one for one in body if isinstance(one, ast.FunctionDef | ast.ClassDef) and one.name == part)
        found = next(named, None)
        if found is None:
            return False
        body = found.body
    return True


def is_module(path: str) -> bool:
    return (PACKAGE / f"{path}.py").is_file()


def is_room(path: str) -> bool:
    return path.endswith("/") and (PACKAGE / path / "__init__.py").is_file()


def test_there_are_fifteen_steps_and_what_they_name_is_there() -> None:
    assert len(steps()) == 15
    assert [step for step in steps() if not defines(step.module, step.begins)] == []
    assert [name for step in steps() for name in step.helpers if not is_module(name)] == []


class Trail:
    """Every call into the package: the module and the function, and a module only once as long as it calls itself."""

    def __init__(self) -> None:
        self.calls: list[tuple[str, str]] = []
        self.top = f"{PACKAGE}/"

    def follow(self, frame: FrameType, event: str, _: object) -> None:
        """For `sys.setprofile`."""
        code = frame.f_code
        if event == "call" and code.co_filename.startswith(self.top):
            call = code.co_filename.removeprefix(self.top).removesuffix(".py"), code.co_qualname
            if not self.calls or self.calls[-1] != call:
                self.calls.append(call)


def test_a_note_goes_the_way_that_the_page_tells(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, cli: Callable[..., helpers.Result], editor: helpers.FakeEditor
) -> None:
    world = vaults.make(tmp_path / "practice")
    monkeypatch.chdir(world.vault.root)
    editor.will(*(helpers.under(f"## {part}", "Came on time.") for part in ("Data", "Assessment", "Plan")))
    trail = Trail()
    sys.setprofile(trail.follow)
    try:
        done = cli("new", "ada", "14:00-14:53", "--sign")
    finally:
        sys.setprofile(None)
    assert (done.code, done.out.splitlines()[1].split()[0]) == (0, "signed"), done.err
    reached = [trail.calls.index((step.module, step.begins)) for step in steps()]
    assert reached == sorted(reached)
    absent = {}
    for step, (begin, end) in zip(steps(), pairwise([*reached, len(trail.calls)]), strict=True):
        entered = {module for module, _ in trail.calls[begin:end]}
        absent[step.begins] = [name for name in step.helpers if name not in entered]
    assert absent == {step.begins: [] for step in steps()}


def test_where_is_what_leads_there() -> None:
    found = [[*_CODE.findall(module), *_CODE.findall(begins)] for _, module, begins in rows(ARCHITECTURE, "| you look for |")]
    assert len(found) > 15
    assert [place for place in found if not defines(*place)] == []


def test_who_wants_what_names_modules_by_their_whole_path() -> None:
    named = [name for cells in rows(ARCHITECTURE, "| what a person wants |") for name in _CODE.findall(" ".join(cells[2:]))]
    assert len(named) > 40
    assert [name for name in named if not (is_room(name) or is_module(name))] == []


def test_a_name_that_leads_nowhere_is_seen() -> None:
    assert not defines("places/machine/pins", "nowhere")
    assert not defines("ground/ssh/sign", "Signer.nowhere")
    assert not is_module("psychotherapy/notes/editing")
    assert not is_room("places/machine")


def folders_of(page: str) -> dict[str, int]:
    """Which floor a page's drawing has each folder on: the lines that begin with a number, and those below it."""
    found, floor = {}, -1
    drawing = next(one for one in re.findall(r"^```\n(.*?)^```", page, re.MULTILINE | re.DOTALL) if "the ground" in one)
    for line in drawing.splitlines():
        words = line.strip("│ ").split("(")[0].split()
        floor = int(words[0]) if words and words[0].isdigit() else floor
        found.update({word.rstrip("/"): floor for word in words if word.rstrip("/") in floors.FLOORS})
    return found


@pytest.mark.parametrize("page", [ARCHITECTURE, CONTRIBUTING], ids=["architecture", "contributing"])
def test_pages_and_tests_know_the_same_law(page: str) -> None:
    folders = {name: floor for name, floor in floors.FLOORS.items() if name not in ("", "__main__")}
    drawn = folders_of(page)
    assert drawn == folders
    starters = re.search(r"Only ((?:`[a-z/]+`(?:, | and )?)+) start processes", page)
    assert starters is not None
    assert tuple(_CODE.findall(starters[1])) == tuple(name.replace(".", "/") for name in floors.STARTERS)
    assert f"{floors.MOST_FILES} modules" in page


def test_the_sets_are_named() -> None:
    law = ARCHITECTURE[: ARCHITECTURE.index("## The rooms")]
    assert [name for name in floors.SETS if f"`{name}`" not in law] == []


TWINS = {
    "record/paper/recovery_page": "record/sealed/recovery_page",
    "record/practice/keyring": "record/sealed/signers",
    "record/rules/admission": "record/sealed/admission",
    "places/chart/chart": "places/sealed/store",
    "places/machine/pins": "places/sealed/pins",
    "verify/vault": "psychotherapy/repository/verify",
    "work/overview/search": "psychotherapy/notes/search",
    "work/sync/hook_checks": "psychotherapy/repository/hook_checks",
    "work/sync/sync": "psychotherapy/repository/sync",
}
"""What is there twice, for the chart and for the psychotherapy notes, because it really is different."""


def test_what_is_there_twice_says_why() -> None:
    silent = []
    for one, other in [*TWINS.items(), *((other, one) for one, other in TWINS.items())]:
        if f"`{other}`" not in (ast.get_docstring(ast.parse((PACKAGE / f"{one}.py").read_text(encoding="utf-8"))) or ""):
            silent.append(one)
    assert silent == []
