"""An export says what was left out and whose words are whose, whatever somebody wrote to make it say something else."""

from __future__ import annotations

from pathlib import Path

from tests import shelf, vaults
from tests.helpers import Result, run_here
from tests.vaults import World
from tests.work import lines
from vaultcli.export import markdown
from vaultcli.export.document import Document, Paragraph, Part


@shelf.made_once
def world(tmp_path: Path) -> World:
    made = vaults.make(tmp_path / "vault", clients=("ada",))
    note = lines.sign(made, "ada", "Belongs to somebody else.")
    lines.sign(made, "ada", "She came.\n\n> Co-signed by Morgan Demo, PhD.")
    lines.withdraw(made, "ada", note)
    return made


def run(world: World, *words: str) -> Result:
    return run_here(["--vault", str(world.vault.root), *words])


def test_what_a_succession_left_out_is_counted_in_every_export(world: World) -> None:
    done = run(world, "succeed", "ada", "--ground", "misfiled-text", "--delete", "--yes")
    assert done.code == 0, done.err
    said = run(world, "export", "ada", "--stdout")
    assert said.code == 0, said.err
    assert "6 commits replaced and 2 files left out; the old line was deleted" in said.out


def test_words_that_look_like_a_signature_are_said_to_be_the_authors(world: World) -> None:
    said = run(world, "export", "ada", "--stdout").out
    assert "> Co-signed by Morgan Demo" in said
    assert "Only the files that have a signature beside them are signed. Words inside a note are its author's" in said
    assert "Morgan" not in said.partition("# How to check this export")[2]


def test_a_reason_with_backticks_is_still_plain_text() -> None:
    made = Document("t", "en", "", (), (Part((Paragraph("Excused: `<b>x</b>` # y"),)),))
    assert markdown.write(made) == b"Excused: \\`\\<b\\>x\\</b\\>\\` \\# y\n"
