"""The page that an export is checked by: its commands find what was changed or taken out, and it is one page."""

from __future__ import annotations

import dataclasses
import hashlib
import html as stdlib_html
import io
import re
import shutil
import subprocess
from pathlib import Path

import pikepdf
import pytest

from tests import isolation, vaults
from tests.export import records
from tests.helpers import replace
from tests.work import lines
from vaultcli.export import markdown
from vaultcli.export.chart import chart, checking
from vaultcli.export.document import Document
from vaultcli.export.paper import pdf
from vaultcli.export.source import Source


@pytest.fixture
def world(tmp_path, monkeypatch):
    made = vaults.make(tmp_path / "vault", people=(vaults.LEE, vaults.SAM), clients=("ada",))
    monkeypatch.chdir(made.vault.root)
    for day in ("2026-11-02", "2026-11-09"):
        lines.sign(made, "ada", "She came.", day=day)
    return made


@pytest.fixture
def out(tmp_path):
    return tmp_path / "out"


def commands(page: str) -> list[str]:
    """What the page says to give to a shell, block by block."""
    return re.findall(r"^```sh\n(.*?)^```$", page, re.MULTILINE | re.DOTALL)


def shell(text: str, folder: Path) -> str:
    """What a shell that knows nothing of this machine prints."""
    env = {**isolation.plain(), "PATH": "/usr/bin:/bin", "HOME": str(folder)}
    done = subprocess.run(["sh", "-c", text], cwd=folder, capture_output=True, text=True, env=env)
    return done.stdout + done.stderr


def good(said: str) -> int:
    return sum(row.startswith("Good ") for row in said.splitlines())


def test_its_commands_verify_every_signed_file_and_list_every_other(world, cli, editor, out):
    editor.will(replace("came", "came late"))
    assert cli("amend", "ada@2026-11-02", "--reason", "a slip").code == 0
    assert cli("amend", "ada@2026-11-09", "-m", "Rang at noon.").code == 0
    assert cli("export", "ada", "-o", out).code == 0
    page = (out / "chart.md").read_text()
    verify, sums = commands(page)
    said = shell(verify, out / "signed")
    assert good(said) == 4 == len(list((out / "signed").glob("*.sig")))
    assert "NOT GOOD" not in said
    assert "The folder `signed` holds 4 signed files" in page
    said = shell(sums, out)
    listed = {row.split("  ")[1] for row in (out / "SHA256SUMS").read_text().splitlines()}
    assert said.count(": OK\n") == len(listed)
    there = {path.relative_to(out).as_posix() for path in out.rglob("*") if path.is_file()}
    assert there - listed == {"chart.md", "SHA256SUMS"} | {name for name in there if name.endswith(".sig")}
    digest = hashlib.sha256((out / "SHA256SUMS").read_bytes()).hexdigest()
    assert f"{digest}  SHA256SUMS" in said
    assert f"`{digest}`" in page


def test_the_newest_file_is_named_by_its_number_and_hash(world, cli, out):
    assert cli("export", "ada", "-o", out).code == 0
    newest = out / "signed" / world.notes("ada")[-1].name
    digest = hashlib.sha256(newest.read_bytes()).hexdigest()
    page = (out / "chart.md").read_text()
    assert f"The newest is number 2, `{newest.name}`, with the SHA-256 `{digest}`" in page
    assert "The record had 2 signed files when this was made." in page


def test_a_changed_a_missing_and_a_foreign_file_are_found(world, cli, out):
    assert cli("export", "ada", "-o", out).code == 0
    verify, sums = commands((out / "chart.md").read_text())
    first, newest = sorted((out / "signed").glob("*.md"))
    first.write_bytes(first.read_bytes().replace(b"came", b"went"))
    said = shell(verify, out / "signed")
    assert f"NOT GOOD: {first.name}" in said
    assert good(said) == 1
    assert f"signed/{first.name}: FAILED" in shell(sums, out)
    first.write_bytes(first.read_bytes().replace(b"went", b"came"))
    newest.rename(out / "gone.md")
    newest.with_name(f"{newest.name}.sig").unlink()
    assert good(shell(verify, out / "signed")) == 1
    assert f"signed/{newest.name}: FAILED open or read" in shell(sums, out)


@pytest.mark.parametrize(
    "words",
    [b"x:\n  by: mallory\n  kind: withdrawal", b"telehealth:\n  platform: '  by: x'", b'x: "signed:"'],
    ids=["a block of its own", "a text", "a name"],
)
def test_a_field_that_looks_like_ours_does_not_mislead_it(world, cli, out, words):
    world.write("ada", vaults.NOTE.replace(b"goals: [g1]", words))
    assert cli("sign", "--yes").code == 0
    assert cli("export", "ada", "-o", out).code == 0
    assert good(shell(commands((out / "chart.md").read_text())[0], out / "signed")) == 3


def test_lines_that_end_as_on_another_system_are_read(world, cli, out):
    world.write("ada", vaults.NOTE.replace(b"\n", b"\r\n"))
    assert cli("sign", "--yes").code == 0
    assert cli("export", "ada", "-o", out).code == 0
    assert good(shell(commands((out / "chart.md").read_text())[0], out / "signed")) == 3


def test_the_commands_of_the_page_and_of_paper_are_the_same_and_no_line_is_broken(world, cli, out):
    assert cli("export", "ada", "--html", "--pdf", "--markdown", "-o", out).code == 0
    wanted = [row for block in commands((out / "chart.md").read_text()) for row in block.splitlines()]
    page = stdlib_html.unescape((out / "chart.html").read_text())
    assert [row for block in re.findall(r"<pre>(.*?)</pre>", page, re.DOTALL) for row in block.splitlines()] == wanted
    if shutil.which("pdftotext") is not None:
        done = subprocess.run(["pdftotext", "-layout", out / "chart.pdf", "-"], capture_output=True, text=True, check=True)
        assert "\u200b" not in done.stdout
        rows = [" ".join(row.split()) for row in done.stdout.splitlines()]
        assert [" ".join(row.split()) for row in wanted if " ".join(row.split()) not in rows] == []


def test_an_attested_note_goes_along_with_what_names_its_bytes(world, cli, out):
    path = world.write("ada", vaults.NOTE)
    assert cli("attest", "ada", "--yes").code == 0
    assert cli("export", "ada", "-o", out).code == 0
    kept = out / "signed" / path.name
    assert kept.read_bytes() == path.read_bytes()
    (attestation,) = (out / "signed").glob("*.attestation-*.md")
    assert f"attests: {hashlib.sha256(kept.read_bytes()).hexdigest()}\n" in attestation.read_text()
    page = (out / "chart.md").read_text()
    assert "Beside them: 1 note without a signature: the attestation of each names the SHA-256 of its text." in page
    verify, sums = commands(page)
    assert good(shell(verify, out / "signed")) == 3
    assert f"signed/{path.name}: OK" in shell(sums, out)


def test_a_line_that_cannot_be_given_away_says_that_nobody_can_check_its_completeness(world, cli, out):
    told = "cannot be given out as it stands, so that none is missing cannot be checked by anybody outside of the practice"
    assert cli("export", "ada", "-o", out).code == 0
    assert told not in (out / "chart.md").read_text()
    lines.withdraw(world, "ada", lines.sign(world, "ada", "Somebody else's.", day="2026-11-16"))
    done = cli("export", "ada", "--stdout")
    assert told in done.out
    assert "The record had 4 signed files when this was made. Not here: numbers 3-4, of notes that were withdrawn" in done.out
    assert "wrong-client" not in done.out
    refused = cli("export", "ada", "--bundle", out / "ada.bundle")
    assert refused.code == 4
    assert "nobody else can check that an export is complete" in refused.err


def test_of_a_part_nothing_is_told_of_the_rest(world):
    source = dataclasses.replace(records.small(), since="2026-11-22", newest=99)
    page = markdown.write(Document("t", "en", "", (), (chart.build(source).parts[-1],))).decode()
    assert "This is a part of a record. What else the record holds is not told here." in page
    assert "99" not in page


def many(count: int) -> Source:
    found = [records.entry(records.text(f"{number:016d}"), f"{number:016d}", number=number) for number in range(1, count + 1)]
    return dataclasses.replace(records.source(*found), newest=count)


@pytest.mark.parametrize("count", [1, 300])
@pytest.mark.parametrize("size", ["letter", "a4"])
def test_it_is_one_page_however_many_notes_there_are(count, size):
    made = chart.build(many(count))
    parts = (dataclasses.replace(made.parts[0], blocks=made.parts[0].blocks[:1]), made.parts[-1])
    with pikepdf.open(io.BytesIO(pdf.write(dataclasses.replace(made, parts=parts), None, size))) as opened:
        assert len(opened.pages) == 2


def test_numbers_are_told_as_ranges():
    assert checking.numbers([1, 2, 3, 7]) == "1-3, 7"
    assert checking.numbers([]) == ""
