"""Notes that somebody is still writing, editors that never came up, and whose drafts the status shows."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests import vaults
from tests.vaults import NOTE, World
from vaultcli.work.notes import draft


@pytest.fixture
def world(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> World:
    made = vaults.make(tmp_path / "practice")
    monkeypatch.chdir(made.vault.root)
    return made


@pytest.mark.parametrize(
    "command", [["sign", "--yes"], ["withdraw", "--reason", "duplicate", "--yes"], ["attest", "--yes"]], ids=lambda one: one[0]
)
def test_a_note_that_another_command_has_open_is_not_fixed(world: World, cli, command: list[str]) -> None:
    note = world.write("ada", NOTE)
    id_ = note.stem[-16:]
    with world.chart() as chart, draft.held(chart, id_) as free:
        assert free
        refused = cli(*command, id_)
        assert (refused.code, "is open in another `vaultcli`" in refused.err) == (4, True)
        assert not chart.line(world.clients["ada"]).signed
    assert cli(*command, id_).code == 0


def test_an_editor_that_fails_leaves_no_empty_draft(world: World, cli, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("VISUAL", raising=False)
    for editor, said in (("no-such-editor", "is not there"), ("false", "failed (code 1)")):
        monkeypatch.setenv("EDITOR", editor)
        result = cli("new", "ada", "10:00-10:50")
        assert (result.code, said in result.err) == (13, True)
        assert "the text stays in" not in result.err
        assert world.notes("ada") == []


def test_an_editor_that_fails_leaves_what_it_saved_for_itself_with_its_draft(
    world: World, cli, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("VISUAL", raising=False)
    monkeypatch.setenv("EDITOR", """sh -c 'touch "$(dirname "$1")/.$(basename "$1").swp"; exit 1' sh""")
    assert "the text stays in" in cli("new", "ada", "10:00-10:50").err
    assert len([one for one in world.notes("ada") if one.suffix == ".md"]) == 1


def test_an_export_without_signed_files_says_so(world: World, cli) -> None:
    note = world.write("ada", NOTE)
    assert cli("withdraw", note.stem[-16:], "--reason", "wrong-client", "--yes").code == 0
    text = cli("export", "ada", "--stdout").out
    assert "This export holds no signed file." in text
    assert "```" not in text


def test_a_session_that_seems_to_last_all_day_is_asked_about(world: World, cli) -> None:
    assert "ends on the next day, 23 h later" in cli("new", "ada", "10:50-10:00", "-m", "Words.").err
    assert "next day" not in cli("new", "ada", "23:30-00:20", "-m", "Words.").err


def test_a_draft_of_somebody_else_is_named_as_theirs(tmp_path: Path, cli, monkeypatch: pytest.MonkeyPatch) -> None:
    world = vaults.make(tmp_path / "shared", people=(vaults.LEE, vaults.SAM))
    world.write("ada", NOTE)
    settings, sam = world.vault.root / "vault.toml", world.as_person(vaults.SAM.id)
    text = settings.read_text().replace(str(world.vault.keys), str(sam.keys)).replace(world.vault.principal, sam.principal)
    settings.write_text(text)
    monkeypatch.chdir(world.vault.root)
    out = cli("status").out
    assert out.startswith("1 draft of others\n")
    assert out.splitlines()[1].endswith(f"{world.vault.principal}'s")


def test_a_note_without_a_word_is_not_signed(world: World, cli) -> None:
    bare = NOTE[: NOTE.index(b"## Data")] + b"## Data\n\n<!-- What was said? -->\n"
    note = world.write("ada", bare)
    refused = cli("sign", note.stem[-16:], "--yes")
    assert (refused.code, "holds no words yet" in refused.err) == (4, True)
    stayed_away = world.write("ada", b"---\ntype: no-show\ndate: 2026-11-20\nid: {id}\n---\n", kind="no-show")
    assert cli("sign", stayed_away.stem[-16:], "--yes").code == 0
