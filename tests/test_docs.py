"""Documentation that cannot drift: pages written from the program, and links that lead somewhere."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from pathlib import Path

import click
import pytest

from vaultcli.cli import COMMANDS, HIDDEN, SECTIONS, reference
from vaultcli.cli.door import root
from vaultcli.cli.lazygroup import LazyGroup
from vaultcli.ground import errors

ROOT = Path(__file__).parent.parent
UPDATE = os.environ.get("VAULTCLI_UPDATE") == "1"
PAGES = [ROOT / "README.md", ROOT / "CHANGELOG.md", *sorted((ROOT / "docs").rglob("*.md"))]
_LINK = re.compile(r"(?<!!)\[[^\]\n]+\]\(([^)\s]+)\)")
_CODE = re.compile(r"^(`{3,}).*?^\1$|`[^`\n]+`", re.MULTILINE | re.DOTALL)


@pytest.mark.parametrize("name", reference.PAGES)
def test_generated_pages_are_fresh(name: str) -> None:
    path, fresh = ROOT / "docs" / name, reference.PAGES[name]()
    if UPDATE:
        path.write_text(fresh, encoding="utf-8")
    assert path.read_text(encoding="utf-8") == fresh, "run: VAULTCLI_UPDATE=1 pytest tests/test_docs.py"


def test_every_command_is_in_a_section_and_has_a_line_of_help() -> None:
    for name, entry in COMMANDS.items():
        assert entry.section in (*SECTIONS, HIDDEN), name
        assert re.fullmatch(r"[A-Z].{8,70}\.", entry.help), name


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_answers_help_and_is_called_as_listed(name: str) -> None:
    command = reference.root.get_command(reference._context(reference.root, "vaultcli", None), name)
    assert command is not None
    assert command.name == name
    assert command.help


def test_no_mark_of_clicks_is_read_as_text() -> None:
    for name in reference.PAGES:
        assert "\\b" not in reference.PAGES[name](), f"{name}: no r before the docstring of a command"


def json_commands(group: LazyGroup, ctx: click.Context) -> Iterator[str]:
    """The path of every command that takes `--json`, without the program's name."""
    for name in group.list_commands(ctx):
        command = group.get_command(ctx, name)
        assert command is not None
        inner = reference._context(command, name, ctx)
        if any("--json" in param.opts for param in command.params):
            yield inner.command_path.removeprefix("vaultcli ")
        if isinstance(command, LazyGroup):
            yield from json_commands(command, inner)


def test_every_json_is_described() -> None:
    page = (ROOT / "docs" / "json.md").read_text(encoding="utf-8")
    headings = " ".join(re.findall(r"^## .*$", page, re.MULTILINE))
    found = sorted(json_commands(reference.root, reference._context(reference.root, "vaultcli", None)))
    assert len(found) > 15
    missing = [name for name in found if f"`{name} --json`" not in headings.replace("sync --json", "sync now --json")]
    assert missing == []


def test_every_error_has_a_code_of_its_own_and_says_what_it_is() -> None:
    codes = [kind.exit_code for kind in reference.kinds()]
    others = {errors.OK, errors.FINDINGS, errors.USAGE, errors.EXCEPTED, errors.BUG, errors.INTERRUPTED, 141}
    assert len(set(codes)) == len(codes)
    assert not set(codes) & others
    assert all(kind.__doc__ for kind in reference.kinds())


def dangling(page: Path, text: str) -> list[str]:
    """Relative links of a page that lead to no file, and those to a heading that is not there."""
    wrong = []
    for link in _LINK.findall(_CODE.sub("", text)):
        if re.match(r"[a-z]+:", link):
            continue
        name, _, anchor = link.partition("#")
        target = page.parent / name if name else page
        if not target.exists() or (anchor and anchor not in anchors(target)):
            wrong.append(link)
    return wrong


def anchors(page: Path) -> set[str]:
    """The names by which a page's headings can be linked."""
    heads = re.findall(r"^#+ (.+)$", page.read_text(encoding="utf-8"), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", head.lower()).replace(" ", "-") for head in heads}


def test_links_lead_somewhere() -> None:
    wrong = {page.relative_to(ROOT).as_posix(): dangling(page, page.read_text(encoding="utf-8")) for page in PAGES}
    assert {page: links for page, links in wrong.items() if links} == {}


def test_every_page_can_be_found_from_the_first() -> None:
    linked = {link.partition("#")[0] for link in _LINK.findall((ROOT / "README.md").read_text(encoding="utf-8"))}
    assert {f"docs/{page.name}" for page in (ROOT / "docs").glob("*.md")} - linked == set()


def test_dangling_links_are_seen(tmp_path: Path) -> None:
    page = tmp_path / "a.md"
    page.write_text("# The Head, twice\n")
    text = "[a](a.md) [b](b.md) [c](#the-head-twice) [d](a.md#nowhere) [e](https://example.org) `[f](f.md)`"
    assert dangling(page, text) == ["b.md", "a.md#nowhere"]


def pages_of_help(command: click.Command, ctx: click.Context) -> Iterator[tuple[str, str]]:
    """The help of a command and of all below it, as a terminal of 80 columns gets it."""
    yield ctx.command_path, command.get_help(ctx)
    if isinstance(command, click.Group):
        for name in command.list_commands(ctx):
            inner = command.get_command(ctx, name)
            assert inner is not None
            yield from pages_of_help(inner, click.Context(inner, info_name=name, parent=ctx, terminal_width=80))


def test_every_help_fits_a_terminal_of_80_columns():
    shown = list(pages_of_help(root, click.Context(root, info_name="vaultcli", terminal_width=80)))
    assert len(shown) > 60
    assert [(path, line) for path, text in shown for line in text.splitlines() if len(line) > 80] == []
