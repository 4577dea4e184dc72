"""A day of work with psychotherapy notes leaves no trace in the chart, nor in what leaves the chart; no import leads to them."""

from __future__ import annotations

import os
import subprocess
import sys
import tarfile
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest

import vaultcli
from tests.psychotherapy.proofs.desk import Desk, below, git, objects

CANARY = "lighthouse"
PACKAGE = Path(vaultcli.__file__).parent
APART = ("export", "api", "work", "verify")
"""Rooms that disclose, export or judge the chart."""


def modules(room: str) -> list[str]:
    """Every module of a room."""
    found = (path.relative_to(PACKAGE.parent).with_suffix("") for path in (PACKAGE / room).rglob("*.py"))
    return sorted(".".join(path.parts).removesuffix(".__init__") for path in found if "_data" not in path.parts)


def loaded(code: str, *args: str | Path, cwd: Path | None = None, env: dict[str, str] | None = None) -> set[str]:
    """The modules of ours on the sealed notes that are there once a script has run."""
    report = (
        "import atexit, sys\n"
        "say = lambda: print('LOADED', *(n for n in sys.modules if 'psychotherapy' in n or 'sealed' in n), file=sys.stderr)\n"
        "atexit.register(say)\n"
    )
    command = [sys.executable, "-c", report + code, *map(str, args)]
    done = subprocess.run(command, capture_output=True, text=True, cwd=cwd, env={**os.environ, **(env or {})})
    assert "LOADED" in done.stderr, done.stderr
    return {name for name in done.stderr.partition("LOADED")[2].split() if name.startswith("vaultcli")}


@pytest.mark.parametrize("room", APART)
def test_no_import_leads_there(room: str) -> None:
    """At run time, whole rooms imported; the reader of source code (`tests/floors.py`) sees what is imported late."""
    names = modules(room)
    assert len(names) > 3
    assert loaded(f"import importlib\nfor name in {names!r}: importlib.import_module(name)") == set()


@pytest.mark.parametrize("room", APART)
def test_no_late_import_leads_there(room: str) -> None:
    for path in (PACKAGE / room).rglob("*.py"):
        if "_data" not in path.parts:
            text = path.read_text()
            assert "vaultcli.psychotherapy" not in text, path
            assert "places.sealed" not in text, path
            assert "record.sealed" not in text, path


def test_the_probe_sees_what_it_should() -> None:
    assert "vaultcli.psychotherapy.notes.files" in loaded("import vaultcli.psychotherapy.notes.files")


def test_no_command_that_discloses_loads_them(tmp_path: Path) -> None:
    desk = worked(tmp_path)
    code = "sys.argv = ['vaultcli', *sys.argv[1:]]\nfrom vaultcli.__main__ import main\nmain()"
    env = desk.environment()
    commands: list[list[str | Path]] = [
        ["export", "ada", "--drafts", "--html", "-o", tmp_path / "out"],
        ["export", "--all", "--jsonl", "-o", tmp_path / "all"],
        ["backup", tmp_path / "stick"], ["list"], ["show", "ada"], ["log", "ada"],
        ["search", "home"], ["verify", "--chart"],
    ]  # fmt: skip
    (tmp_path / "stick").mkdir()
    for command in commands:
        assert loaded(code, *command, cwd=desk.root, env=env) == set(), command


def worked(tmp_path: Path) -> Desk:
    """A day: chart notes and psychotherapy notes, one after the other."""
    desk = Desk(tmp_path / "desk")
    desk.begin("ada", "bo")
    desk.run("new", "ada", "09:00-09:53", "--place", "office", "-m", "She spoke of home.")
    desk.begin_sealed()
    desk.new("ada", f"The {CANARY}.\n")
    return desk


def a_day(desk: Desk, away: Path) -> None:
    """Everything that is done with psychotherapy notes in a day, through the commands."""
    scan = away / "scan.pdf"
    scan.write_bytes(b"%PDF " + CANARY.encode())
    apart = desk.apart
    first = desk.new("ada", f"The {CANARY} again.\n")
    apart("edit", first, "-m", "-", stdin=f"The {CANARY} once more, and longer.\n")
    apart("add", "ada", "-m", "-", stdin=f"An addition: {CANARY}.\n")
    apart("attach", "ada", scan)
    desk.new("bo", f"Bo's {CANARY}.\n")
    apart("list")
    apart("list", "ada")
    apart("show", "ada")
    apart("diff", first)
    apart("search", CANARY)
    apart("check", "ada", code=None)
    apart("log", "ada")
    apart("log", "--access")
    editor = away / "editor"
    editor.write_text('#!/bin/sh\necho "Half of it." >> "$1"\nsleep 0.3\nexit 1\n')
    editor.chmod(0o755)
    apart("new", "bo", code=13, EDITOR=str(editor))
    copy = next(desk.state().glob("autosaves/*/*-*.age")).stem.partition("-")[2]
    apart("recover")
    apart("recover", copy)
    (away / "blue").mkdir()
    desk.run("keys", "copies", "add", away / "blue")
    desk.run("keys", "test-recovery", "--page", desk.top / "page.html")
    key = away / "supervisor"
    subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", key], check=True)
    apart("share", "ada", "--with", f"{key}.pub", "--basis", "supervision", "-o", away / "share.age", "--yes")
    apart("revoke", "ada", "--with", f"{key}.pub", "--yes")
    apart("sync", "init-bare", away / "sealed.git")
    apart("sync", "add", "disk", away / "sealed.git", "--own-machine")
    apart("sync")
    apart("hooks")
    apart("verify", "--unlocked")
    words = ["--certificate", away / "c.toml", "--page", away / "new.html", "--old-page", desk.top / "page.html"]
    apart("destroy", "bo", *words, "--yes-destroy", "bo", code=1)
    desk.run("lock")


def marks(desk: Desk) -> list[bytes]:
    """Words that only the psychotherapy notes have."""
    names = [path.name for path in desk.sealed.iterdir() if len(path.name) == 16]
    names += [path.stem for path in desk.sealed.glob("*/*.age") if len(path.stem) == 16]
    commits = git(desk.sealed, "rev-list", "--all").split()
    people = [str(one["recipient"]) for one in desk.people()]
    keys = [line.split()[-1] for line in (desk.sealed / "allowed_signers").read_text().splitlines()]
    found = [CANARY, "psychotherapy-", *names, *commits, *people, *keys, *(key[:20] for key in commits)]
    return [word.encode() for word in found]


def chart_side(desk: Desk) -> dict[str, tuple[int, bytes]]:
    """Every file of the chart's, and of what this machine remembers of it: time of change, and bytes."""
    keys = next(line.split('"')[1] for line in (desk.root / "vault.toml").read_text().splitlines() if line.startswith("keys ="))
    others = ("access-log", "autosaves", "editing-psychotherapy", "pins-psychotherapy", "vaultcli-agent")
    state = [path for path in desk.state().iterdir() if path.name not in others]
    assert state
    tops = [desk.chart, Path(keys), desk.root / "vault.toml", *state]
    return {str(path): (path.stat().st_mtime_ns, path.read_bytes()) for path in below(*tops) if path.is_file()}


def test_a_day_changes_nothing_in_the_chart(tmp_path: Path) -> None:
    desk = worked(tmp_path)
    away = tmp_path / "away"
    away.mkdir()
    heads, before = git(desk.chart, "for-each-ref"), chart_side(desk)
    assert len(before) > 25
    a_day(desk, away)
    after = chart_side(desk)
    assert {path for path in {*before, *after} if before.get(path) != after.get(path)} == set()
    assert git(desk.chart, "for-each-ref") == heads
    found = marks(desk)
    assert len(found) > 30
    everything = [raw for _, raw in after.values()] + [objects(desk.chart)]
    assert [word for word in found if any(word in raw for raw in everything)] == []
    # the control: the same marks are found where they belong
    sealed = b"".join(path.read_bytes() for path in below(desk.sealed) if path.is_file()) + objects(desk.sealed)
    assert sum(word in sealed for word in found) > 20
    # what this machine keeps of the day outside of both names the client nowhere
    ours = {str(path): path.read_bytes() for path in below(desk.state(), desk.key_store()) if path.is_file()}
    assert [path for path, raw in ours.items() if CANARY.encode() in raw or b"Ada Example" in raw] == []


def test_what_leaves_the_chart_has_no_trace(tmp_path: Path) -> None:
    desk = worked(tmp_path)
    away, out = tmp_path / "away", tmp_path / "out"
    away.mkdir()
    out.mkdir()
    a_day(desk, away)
    desk.run("new", "ada", "10:00-10:53", "--place", "office", "-m", "She came on time.")
    desk.run("sync", "init-bare", out / "chart.git")
    desk.run("sync", "add", "disk", out / "chart.git", "--own-machine")
    desk.run("sync")
    (out / "backup").mkdir()
    desk.run("backup", out / "backup")
    formats = ("--markdown", "--html", "--jsonl", "--csv")
    desk.run("export", "ada", "--drafts", *formats, "-o", out / "ada")
    desk.run("export", "ada", "--bundle", out / "ada.bundle")
    desk.run("export", "--all", "--jsonl", "--drafts", "-o", out / "all")
    assert b"came on time" in (out / "ada/chart.md").read_bytes()
    looks = (["list"], ["show", "ada"], ["log", "ada"], ["status"], ["verify", "--chart"], ["verify", "--json"])
    said = "".join(desk.run(*args, code=None).out for args in looks)
    raws = {str(path): raw for path, raw in _inside(out)}
    assert len(raws) > 20
    raws["objects"] = objects(out / "chart.git")
    (bundle,) = out.glob("backup/**/*.bundle")
    git(out, "clone", "-q", "--mirror", bundle, out / "restored.git")
    raws["bundle"] = objects(out / "restored.git")
    assert b"She came on time" in raws["bundle"]
    words = [word for word in marks(desk) if word != b"psychotherapy-"]
    assert [(word, path) for path, raw in raws.items() for word in words if word in raw] == []
    assert [word for word in words if word in said.encode()] == []


def _inside(top: Path) -> Iterator[tuple[str, bytes]]:
    """Every file below, and what archives hold."""
    for path in below(top):
        if not path.is_file():
            continue
        yield str(path), path.read_bytes()
        if zipfile.is_zipfile(path):
            with zipfile.ZipFile(path) as archive:
                yield from ((f"{path}:{name}", archive.read(name)) for name in archive.namelist())
        elif tarfile.is_tarfile(path):
            with tarfile.open(path) as tar:
                yield from ((f"{path}:{one.name}", tar.extractfile(one).read()) for one in tar if one.isfile())  # type: ignore[union-attr]
