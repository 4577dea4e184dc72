"""The end of writing at a terminal: `amend` asks as `new` does, what is thrown away is asked about and kept for a day."""

from __future__ import annotations

from pathlib import Path

import pexpect
import pytest

from tests import vaults
from tests.cli.write.test_writing import at_terminal
from tests.helpers import FakeEditor, append, replace
from tests.vaults import NOTE, World

CHOICES = r"\[x\]discard "
LONG = "one two three four five six seven eight nine ten eleven twelve.\n"


@pytest.fixture
def world(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> World:
    made = vaults.make(tmp_path / "practice")
    monkeypatch.chdir(made.vault.root)
    return made


def copies(world: World) -> list[Path]:
    return list((world.vault.chart / ".git" / "vaultcli" / "discarded").glob("*"))


def test_an_amendment_is_asked_about_and_kept_until_it_is_signed(world: World, editor: FakeEditor, cli) -> None:
    note = world.write("ada", NOTE)
    assert cli("sign", "--yes").code == 0
    editor.will(append("Later.\n"))
    editor.will(append("Later still.\n"))
    child = at_terminal("amend", "ada")
    child.expect("Ada Example · addendum · ")
    child.expect(CHOICES)
    child.send("d")
    child.expect("not signed yet: `vaultcli amend ([a-z0-9]{16})` goes on")
    id_ = child.match[1]
    child.expect(pexpect.EOF)
    assert id_ in note.name
    with world.chart() as chart:
        assert len(chart.line(world.clients["ada"]).signed) == 1
    child = at_terminal("amend", id_)
    child.expect("going on with what was begun")
    child.expect(CHOICES)
    child.send("s")
    child.expect("signed ada addendum")
    child.expect(pexpect.EOF)
    (addendum,) = [one for one in world.notes("ada") if ".addendum-" in one.name and one.suffix == ".md"]
    assert "Later.\nLater still.\n" in addendum.read_text()


def test_an_amendment_that_is_thrown_away_is_asked_about_and_a_copy_stays_for_a_day(
    world: World, editor: FakeEditor, cli, monkeypatch: pytest.MonkeyPatch
) -> None:
    world.write("ada", NOTE)
    assert cli("sign", "--yes").code == 0
    editor.will(append(LONG))
    child = at_terminal("amend", "ada")
    child.expect(CHOICES)
    child.send("x")
    child.expect(r"discard \d+ words of Ada Example\? \[y\]es \[n\]o ")
    child.send("y")
    child.expect("for 24 hours a copy stays in ")
    child.expect(pexpect.EOF)
    (copy,) = copies(world)
    assert copy.read_text().endswith(LONG)
    assert len([one for one in world.notes("ada") if one.suffix == ".md"]) == 1
    monkeypatch.setenv("VAULTCLI_CLOCK", "2026-11-21T08:00:00-05:00")
    made = int(copy.name.partition("-")[0])
    for hours, left in ((23, 1), (25, 0)):
        copy_ = copies(world)
        assert len(copy_) == 1
        renamed = copy_[0].with_name(f"{_clock('2026-11-21T08:00:00-05:00') - hours * 3600}-{copy.name.partition('-')[2]}")
        copy_[0].rename(renamed)
        assert cli("status").code == 0
        assert len(copies(world)) == left
    assert made > 0


def _clock(moment: str) -> int:
    from datetime import datetime

    return int(datetime.fromisoformat(moment).timestamp())


def test_few_words_go_without_a_question_and_a_no_goes_back(world: World, editor: FakeEditor) -> None:
    editor.will(append("Typed.\n"))
    editor.will(append(LONG))
    child = at_terminal("new", "ada", "--type", "contact")
    child.expect("Ada Example · .* · 1 word · Contact and Action are empty|Ada Example · ")
    child.expect(CHOICES)
    child.send("x")
    child.expect("discarded")
    child.expect(pexpect.EOF)
    child = at_terminal("new", "bo")
    child.expect(CHOICES)
    child.send("x")
    child.expect(r"discard 12 words of Bo Example\?")
    child.send("n")
    child.expect(CHOICES)
    child.send("d")
    child.expect("draft bo ")
    child.expect(pexpect.EOF)
    assert len(copies(world)) == 1


def test_a_correction_that_cannot_be_signed_asks_again(world: World, editor: FakeEditor, cli) -> None:
    world.write("ada", NOTE)
    assert cli("sign", "--yes").code == 0
    editor.will(replace("place: office", "place: moon"))
    child = at_terminal("amend", "ada", "--reason", "wrong place")
    child.expect(CHOICES)
    child.send("s")
    child.expect("not ready to be signed")
    child.expect(CHOICES)
    child.send("d")
    child.expect("not signed yet")
    child.expect(pexpect.EOF)


def test_withdrawing_an_addendum_never_takes_the_note(world: World, cli) -> None:
    note = world.write("ada", NOTE)
    assert cli("sign", "--yes").code == 0
    assert cli("amend", "ada", "-m", "She rang back.").code == 0
    (addendum,) = [one for one in world.notes("ada") if ".addendum-" in one.name and one.suffix == ".md"]
    whole = note.stem[-16:]
    added = addendum.stem[-16:]
    for word in (added, added[:9], str(addendum)):
        refused = cli("withdraw", word, "--reason", "duplicate", "--yes")
        assert refused.code == 4
        assert f"is addendum {added} of the note {whole}" in refused.err
    assert cli("withdraw", whole, "--reason", "duplicate", "--yes").code == 0
