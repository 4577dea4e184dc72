"""What can be asked of `export`: which notes, which formats, into which folder."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from tests import shelf, vaults
from tests.helpers import replace, run_here
from tests.work import lines
from vaultcli.ground import ids
from vaultcli.places.chart.chart import Recording
from vaultcli.record.notes import client
from vaultcli.record.rules.policy import GITATTRIBUTES


@pytest.fixture
def world(tmp_path, monkeypatch):
    made = shelf.of(__name__, tmp_path, signed_thrice)
    monkeypatch.chdir(made.vault.root)
    return made


def signed_thrice(folder):
    made = vaults.make(folder / "vault", clients=("ada",))
    for day, words in (("2026-11-02", "First words."), ("2026-11-09", "Second words."), ("2026-11-16", "Third words.")):
        lines.sign(made, "ada", words, day=day)
    return made


def chart_of(*args: str) -> str:
    done = run_here(["export", *args, "--stdout"])
    assert done.code == 0, done.err
    return done.out


def test_a_range_of_days_takes_those_notes_and_says_that_it_is_a_part(world):
    text = chart_of("ada", "--since", "2026-11-05", "--until", "2026-11-09")
    assert "Second words" in text
    assert "First words" not in text
    assert "Third words" not in text
    assert "# From the chart of Ada Example, November 5, 2026 to November 9, 2026" in text
    assert "This is a part of the chart" in text
    assert "holds 1 signed file, byte for byte, each with its signature: number 2 of this record" in text
    assert "What else the record holds is not told here." in text


def test_one_note_goes_with_its_additions_and_nothing_of_the_others(world, cli, editor, tmp_path):
    editor.will(replace("Second words", "Better words"))
    assert cli("amend", "ada@2026-11-09", "--reason", "a slip").code == 0
    done = cli("export", "ada@2026-11-09", "--html", "-o", str(tmp_path / "out"))
    assert done.code == 0, done.err
    everything = b"".join(path.read_bytes() for path in (tmp_path / "out").rglob("*") if path.is_file())
    names = " ".join(path.name for path in (tmp_path / "out").rglob("*"))
    assert b"Better" in everything
    for other in (b"First words", b"Third words", b"2026-11-02", b"2026-11-16"):
        assert other not in everything
        assert other.decode() not in names
    assert len(list((tmp_path / "out" / "signed").glob("*.md"))) == 2
    assert b"numbers 2, 4 of this record" in everything
    assert b"(2 signed)" in everything
    assert b"commits from" not in everything


def test_one_note_by_its_id_in_a_folder_named_for_it(world, cli):
    id_ = world.notes("ada")[0].name[-19:-3]
    assert cli("export", id_).code == 0
    assert Path(f"export-{id_}-2026-11-23/chart.md").is_file()


def test_several_formats_stand_in_one_folder(world, cli, tmp_path):
    done = cli("export", "ada", "--pdf", "--html", "--format", "markdown", "-o", str(tmp_path / "out"), "--json")
    assert done.code == 0, done.err
    assert {"chart.md", "chart.html", "chart.pdf", "signed/allowed_signers"} <= set(json.loads(done.out)["files"])
    assert (tmp_path / "out" / "chart.pdf").read_bytes().startswith(b"%PDF-1.7")


def test_each_format_prints_itself(world, cli):
    assert chart_of("ada").startswith("# Chart of Ada Example\n")
    assert chart_of("ada", "--html").startswith("<!DOCTYPE html>\n")


def test_the_same_export_at_the_same_time_is_the_same_bytes(world, cli, tmp_path):
    for name in ("one", "two"):
        done = cli("export", "ada", "--pdf", "--html", "--markdown", "-o", str(tmp_path / name))
        assert done.code == 0, done.err
    folders = [tmp_path / name for name in ("one", "two")]
    files = [{path.relative_to(folder): path.read_bytes() for path in folder.rglob("*.*")} for folder in folders]
    assert files[0] == files[1]
    assert len(files[0]) == 9


def test_a_draft_by_itself_needs_to_be_asked_for(world, cli):
    world.write("ada", vaults.NOTE.replace(b"She came on time", b"Draft words"))
    refused = cli("export", "ada~0", "--stdout")
    assert refused.code == 4
    assert "is not signed" in refused.err
    text = chart_of("ada~0", "--drafts")
    assert "DRAFT: this export holds notes that are not signed" in text
    assert "Draft words" in text


def test_no_mark_where_drafts_were_asked_for_and_there_are_none(world):
    assert "DRAFT" not in chart_of("ada", "--drafts", "--html")


@pytest.mark.parametrize(
    "words",
    [
        ("ada", "--since", "yesterday-ish"),
        ("ada", "--since", "2026-11-10", "--until", "2026-11-09"),
        ("ada", "--stdout", "--pdf", "--html"),
        ("--all", "--pdf"),
        ("ada", "--all", "--csv"),
        ("ada", "--format", "docx"),
    ],
    ids=" ".join,
)
def test_what_does_not_go_together_is_refused(world, cli, words):
    assert cli("export", *words).code == 2
    assert list(Path().glob("export-*")) == []


def test_each_correction_is_told_apart_with_who_when_and_why(world, cli, editor):
    editor.will(replace("Third words", "Other words"))
    assert cli("amend", "ada", "--reason", "misheard").code == 0
    editor.will(replace("Other words", "Final words"))
    assert cli("amend", "ada", "--reason", "read again").code == 0
    text = chart_of("ada~0")
    assert "<del>Third</del><sup>1</sup><del>Other</del><sup>2</sup><ins>Final</ins><sup>2</sup> words" in text
    who = "by Lee Example, PhD, licensed psychologist, on November 23, 2026"
    assert f"Correction 1, struck and inserted above, signed electronically {who}" in text
    assert "It stands under the text as first written" in text
    assert "Reason: misheard." in text
    assert "Reason: read again." in text


def test_a_signature_is_printed_with_its_key_number_and_clock(world):
    text = chart_of("ada~0")
    assert "> Signed electronically by Lee Example, PhD, licensed psychologist, on November 20, 2026, 09:" in text
    assert re.search(r"\| lee-example \| 1 \| SHA256:[A-Za-z0-9+/]{43} \|", text)
    assert "Number 3 of the signed files of this record." in text
    assert "First recorded November 20, 2026" in text


def test_an_attachment_is_listed_and_goes_along(world, cli, tmp_path):
    (tmp_path / "consent <b>.pdf").write_bytes(b"%PDF-1.4 scanned")
    done = cli("attach", "ada", str(tmp_path / "consent <b>.pdf"), "--kind", "consent")
    assert done.code == 0, done.err
    assert cli("export", "ada", "--html", "-o", str(tmp_path / "out")).code == 0
    (file,) = (tmp_path / "out" / "attachments").iterdir()
    assert file.read_bytes() == b"%PDF-1.4 scanned"
    page = (tmp_path / "out" / "chart.html").read_text()
    assert f"attachments/{file.name}" in page
    assert "consent &lt;b&gt;.pdf" in page


def test_a_groups_roster_is_never_exported(world, cli):
    id_ = ids.new()
    entry = {"name": "Monday group", "handle": "monday", "kind": "group", "members": [world.clients["ada"]], "id": id_}
    changes = {client.PATH: client.draft(entry), ".gitattributes": GITATTRIBUTES}
    with world.chart() as chart:
        chart.record(id_, Recording("open", (id_,), changes), world.tick())
    refused = cli("export", id_, "--stdout")
    assert refused.code == 4
    assert refused.out == ""
