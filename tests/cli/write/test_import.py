"""`import` through the whole of a note's life: what comes out at the other end is the source, byte for byte."""

from __future__ import annotations

import hashlib
import json
import random
import signal
import subprocess
import sys

import pytest

from tests import vaults
from tests.helpers import SCRIPTS
from tests.record.notes.test_imported import HARD
from vaultcli.ground import frontmatter
from vaultcli.ground.errors import BadInput
from vaultcli.record.notes import block, imported


@pytest.fixture
def world(tmp_path, monkeypatch):
    made = vaults.make(tmp_path / "vault")
    monkeypatch.chdir(made.vault.root)
    return made


def sources() -> list[bytes]:
    """Hard texts, and random ones of pieces that have a meaning somewhere."""
    chosen = random.Random(50)
    pieces = [b"---\n", b"signed:\n", b"<!-- ", b"-->", b"\r\n", b"\n", b"# Plan\n", b"```\n", b"text ", b"\xc3\xbc", b"id: x\n"]
    made = [b"".join(chosen.choices(pieces, k=12)) for _ in range(25)]
    found = []
    for text in [*HARD, *made]:
        try:
            imported.read(text)
        except BadInput:
            continue
        found.append(text)
    return list(dict.fromkeys(found))


def test_the_bytes_come_through_import_sign_show_and_the_history(world, tmp_path, cli):
    old = tmp_path / "old"
    old.mkdir()
    texts = sources()
    assert len(texts) > 25
    for number, text in enumerate(texts):
        (old / f"2019-03-{number % 28 + 1:02} {number}.md").write_bytes(text)
    assert cli("import", "ada", old, "--date", "2019-03-01", "--yes").code == 0
    signed = cli("sign", "ada", "--imported", "--yes")
    assert (signed.code, "your comment" in signed.err) == (0, False)
    assert cli("verify").code == 0
    for note in world.notes("ada"):
        raw = note.read_bytes()
        body = frontmatter.split(raw).body
        assert body in texts
        texts.remove(body)
        assert imported.digest_of(raw) == hashlib.sha256(body).hexdigest()
        assert block.parse(raw) is not None
        assert cli("show", note.name, "--raw").out.encode("utf-8", "surrogateescape") == raw
    assert texts == []


def test_prompts_of_a_template_stay_in_an_imported_text_and_go_from_one_written_here(world, tmp_path, cli):
    from vaultcli.ground import resources
    from vaultcli.ground.markdown import comments

    shape = resources.text("templates", "notes/dap.md").encode()
    prompts = [shape[one.start : one.end] for one in comments(shape)]
    text = b"# Old\n\n" + b"\n\n".join(prompts) + b"\n\nText.\n"
    (tmp_path / "2019-03-01.md").write_bytes(text)
    assert cli("import", "ada", tmp_path / "2019-03-01.md", "--format", "dap", "--yes").code == 0
    assert cli("sign", "ada", "--yes").code == 0
    assert frontmatter.split(world.notes("ada")[0].read_bytes()).body == text
    (tmp_path / "today.md").write_bytes(text)
    assert cli("new", "bo", "09:00-09:50", "--format", "dap", "--from", tmp_path / "today.md", "--sign").code == 0
    assert all(prompt not in world.notes("bo")[0].read_bytes() for prompt in prompts)


def test_exports_have_the_text(world, tmp_path, cli):
    (tmp_path / "2019-03-01.txt").write_text("PC: could not sleep.\nHPC: two weeks, since the new post.\n")
    assert cli("import", "ada", tmp_path / "2019-03-01.txt", "--yes").code == 0
    assert cli("sign", "ada", "--yes").code == 0
    assert cli("export", "ada", "--output", tmp_path / "out").code == 0
    text = "".join(path.read_text(errors="replace") for path in (tmp_path / "out").rglob("*.md"))
    assert "PC: could not sleep." in text
    assert "HPC: two weeks, since the new post." in text


def test_json_is_one_document_and_nothing_else(world, tmp_path, cli):
    (tmp_path / "2019-03-01.txt").write_text("one")
    (tmp_path / "x.pdf").write_text("two")
    planned = cli("import", "ada", tmp_path / "2019-03-01.txt", tmp_path / "x.pdf", "--dry-run", "--json")
    assert (planned.code, planned.err) == (1, "")
    said = json.loads(planned.out)
    assert [(row["path"], row["from"]) for row in said["planned"]] == [(None, "2019-03-01.txt")]
    assert [row["name"] for row in said["left_out"]] == ["x.pdf"]
    done = json.loads(cli("import", "ada", tmp_path / "2019-03-01.txt", "--yes", "--json").out)
    (row,) = done["imported"]
    assert (row["handle"], row["sha256"], row["encoding"]) == ("ada", hashlib.sha256(b"one").hexdigest(), "utf-8")
    assert world.notes("ada")[0].name == row["path"].removeprefix("notes/")


def test_nothing_is_written_without_an_answer(world, tmp_path, cli):
    (tmp_path / "2019-03-01.txt").write_text("one")
    assert cli("import", "ada", tmp_path / "2019-03-01.txt", stdin="n\n").code == 0
    asked = cli("import", "ada", tmp_path / "2019-03-01.txt")
    assert (asked.code, "the input ended" in asked.err) == (5, True)
    assert world.notes("ada") == []
    assert cli("import", "ada", tmp_path / "2019-03-01.txt", stdin="y\n").code == 0
    assert len(world.notes("ada")) == 1


@pytest.mark.parametrize(
    "args",
    [
        (),
        ("--map", "m.csv", "ada"),
        ("--map", "m.csv", "--date", "2019-03-01"),
        ("--map", "m.csv", "--make-map"),
        ("ada", "x", "--date", "someday"),
        ("ada", "x", "--take", "id"),
        ("ada", "x", "--encoding", "utf-7"),
        ("ada", "x", "--dates", "ymd"),
    ],
)
def test_used_wrongly(world, args, cli):
    assert cli("import", *args).code == 2


def test_a_note_with_problems_of_its_own_is_refused_at_sign_as_ever(world, tmp_path, cli):
    """The block spares the time and the place, and nothing else."""
    (tmp_path / "2019-03-01.txt").write_text("one")
    cli("import", "ada", tmp_path / "2019-03-01.txt", "--yes")
    (note,) = world.notes("ada")
    note.write_bytes(note.read_bytes().replace(b"date: 2019-03-01\n", b"time: 14:00\n"))
    refused = cli("sign", "ada", "--yes")
    assert (refused.code, "date is missing" in refused.err, "time has no end" in refused.err) == (4, True, True)


def test_no_file_name_leaves_the_record(world, tmp_path, cli):
    (tmp_path / "2019-03-01 Quillon Marrow.txt").write_text("one")
    cli("import", "ada", tmp_path / "2019-03-01 Quillon Marrow.txt", "--yes")
    cli("sign", "ada", "--yes")
    chart = world.vault.chart
    told = subprocess.run(["git", "log", "--all", "--name-only"], cwd=chart, capture_output=True, text=True, check=True).stdout
    assert "Quillon" not in told
    assert not any("Quillon" in path.name for path in chart.rglob("*"))




def test_two_terminals_import_the_same_folder(world, tmp_path, cli):
    old = tmp_path / "old"
    old.mkdir()
    for day in range(1, 29):
        (old / f"2019-03-{day:02}.txt").write_text(f"Session {day}.\n")
    argv = [str(SCRIPTS / "vaultcli"), "import", "ada", str(old), "--yes"]
    both = [subprocess.Popen(argv, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) for _ in range(2)]
    ended = [one.communicate(timeout=120) for one in both]
    assert [one.returncode for one in both] == [0, 0], ended
    assert len(world.notes("ada")) == 28
    assert sum(out.count("imported ada") for out, _ in ended) == 28
    assert cli("verify").code == 0


def test_interrupted_and_run_again(world, tmp_path, cli, monkeypatch):
    old = tmp_path / "old"
    old.mkdir()
    for day in range(1, 13):
        (old / f"2019-03-{day:02}.txt").write_text(f"Session {day}.\n")
    script = (
        "import os, signal\n"
        "from vaultcli.work.imports import plan as importing\n"
        "importing.BATCH_NOTES = 3\n"
        "record = importing.Chart.record\n"
        "def stop(*args):\n"
        "    done = record(*args)\n"
        "    stop.count += 1\n"
        "    if stop.count == 2: os.kill(os.getpid(), signal.SIGINT)\n"
        "    return done\n"
        "stop.count = 0\n"
        "importing.Chart.record = stop\n"
        "from vaultcli.__main__ import main\n"
        "main()\n"
    )
    done = subprocess.run([sys.executable, "-c", script, "import", "ada", str(old), "--yes"], capture_output=True, text=True)
    assert done.returncode in (130, -signal.SIGINT), done.stderr
    assert len(world.notes("ada")) == 6
    assert cli("verify").code == 0
    again = cli("import", "ada", old, "--yes")
    assert again.code == 0
    assert again.out.count("imported ada") == 6
    assert len(world.notes("ada")) == 12
    assert cli("save").out == "nothing to save\n"
