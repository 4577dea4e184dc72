"""Files that are attached: the same bytes in the record, the folder, a clone, a bundle and an export; and no others."""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys
from datetime import timedelta
from pathlib import Path

import pytest

from tests import shelf, vaults
from tests.faults.command_oracle import acknowledged, untrue
from tests.work import lines
from vaultcli.ground import ids
from vaultcli.ground.errors import BadInput, Conflict, NotFound, Refused
from vaultcli.record.notes import attachment
from vaultcli.record.notes.client import Client
from vaultcli.record.view.entry import Entry
from vaultcli.work.notes import attach as note_attach
from vaultcli.work.notes import lookup, sign
from vaultcli.work.notes.attach import Attached, Wanted
from vaultcli.work.release import attachments, line_bundle

PDF = b"%PDF-1.4\r\n\0\0\n\r" + bytes(range(256)) + b"\r\n%%EOF\n"
JPEG = b"\xff\xd8\xff\xe0\0\x10JFIF\0\r\n" + bytes(reversed(range(256))) + b"\xff\xd9"
SHOWN = Wanted("scan", "2026-11-20", "From the clinic.")


@shelf.made_once
def world(tmp_path: Path) -> vaults.World:
    world = vaults.make(tmp_path / "vault")
    for name, raw in (("one.pdf", PDF), ("two.JPG", JPEG)):
        (tmp_path / name).write_bytes(raw)
    return world


def attach(world: vaults.World, *sources: Path, handle: str = "ada", again: bool = False) -> list[Attached]:
    with world.chart() as chart, sign.pen(chart, None) as pen, chart.recorder() as by:
        found = note_attach.look(sources)
        now, client = world.tick(), world.clients[handle]
        return [
            one
            for batch in note_attach.batches(found)
            for one in note_attach.attach(chart, client, batch, SHOWN, pen, by, now, "system", again=again)
        ]


def entries(world: vaults.World, handle: str = "ada") -> list[Entry]:
    with world.chart() as chart:
        return lookup.entries_of_id(chart, world.clients[handle])


def test_the_same_bytes_everywhere(world: vaults.World, tmp_path: Path, cli) -> None:
    one, two = attach(world, tmp_path / "one.pdf", tmp_path / "two.JPG")
    assert one.done.commit == two.done.commit
    wanted = {one.said.path: PDF, two.said.path: JPEG}
    assert {path: (world.folder("ada") / path).read_bytes() for path in wanted} == wanted
    assert (tmp_path / "one.pdf").read_bytes() == PDF
    with world.chart() as chart:
        head = chart.repository.head(f"client/{world.clients['ada']}")
        assert {path: chart.repository.read(head or "", path) for path in wanted} == wanted
        made = line_bundle.bundle(chart, world.clients["ada"], tmp_path / "ada.bundle")
        late = attachments.attached_bytes(chart, world.clients["ada"], [one.said, two.said])
        assert {late_bytes() for late_bytes in late.values()} == {PDF, JPEG}
    # somebody with other line end settings, who has plain git and nothing else
    (tmp_path / "other").mkdir()
    settings = '[core]\n\tautocrlf = true\n\teol = crlf\n[filter "lfs"]\n\tsmudge = rev\n\tclean = rev\n'
    (tmp_path / "gitconfig").write_text(settings)
    subprocess.run(
        ["git", "clone", "-q", made.path, "theirs"],
        cwd=tmp_path / "other",
        env={**os.environ, "GIT_CONFIG_GLOBAL": str(tmp_path / "gitconfig")},
        check=True,
    )
    theirs = tmp_path / "other" / "theirs"
    assert {path: (theirs / path).read_bytes() for path in wanted} == wanted
    for one_ in (one, two):
        line = f"{one_.said.sha256}  {one_.said.path}\n"
        subprocess.run(["sha256sum", "-c", "--quiet"], cwd=theirs, input=line.encode(), check=True)
    export = cli("export", "ada", "-o", tmp_path / "out", cwd=world.vault.root)
    assert export.code == 0, export.err
    given = {path.name: path.read_bytes() for path in (tmp_path / "out" / "attachments").iterdir()}
    assert given == {one.said.released_as: PDF, two.said.released_as: JPEG}
    check = subprocess.run(["sha256sum", "-c", "SHA256SUMS"], cwd=tmp_path / "out", check=True, capture_output=True, text=True)
    assert {f"attachments/{name}: OK" for name in given} <= set(check.stdout.splitlines())
    release = cli("verify", "--bundle", tmp_path / "ada.bundle", "--genesis", _genesis(world))
    assert release.code == 0, release.out
    assert cli("verify", "--cold", cwd=world.vault.root).code == 0


def _genesis(world: vaults.World) -> str:
    with world.chart() as chart:
        return chart.genesis


def test_what_a_chart_shows_of_them(world: vaults.World, tmp_path: Path) -> None:
    attach(world, tmp_path / "one.pdf")
    (entry,) = entries(world)
    said = entry.attachment
    assert said is not None
    assert (said.kind, said.name, said.media_type, said.size) == ("scan", "one.pdf", "application/pdf", len(PDF))
    assert said.sha256 == hashlib.sha256(PDF).hexdigest()
    assert entry.state == "signed"
    with world.chart() as chart:
        assert note_attach.bytes_of(chart, entry) == PDF
        assert note_attach.take_out(chart, entry, tmp_path).name == said.released_as
        with pytest.raises(Conflict):
            note_attach.take_out(chart, entry, tmp_path / "one.pdf")
        with pytest.raises(NotFound):
            note_attach.take_out(chart, entry, tmp_path / "no" / "folder.pdf")
    assert (tmp_path / said.released_as).read_bytes() == PDF


def test_equal_bytes_are_not_recorded_twice(world: vaults.World, tmp_path: Path) -> None:
    (first,) = attach(world, tmp_path / "one.pdf")
    assert attach(world, tmp_path / "one.pdf") == []
    with world.chart() as chart:
        assert note_attach.there(chart, world.clients["ada"])[first.said.sha256].path == first.path
        assert note_attach.there(chart, world.clients["bo"]) == {}
    assert len(attach(world, tmp_path / "one.pdf", again=True)) == 1
    assert len(attach(world, tmp_path / "one.pdf", handle="bo")) == 1
    assert len(entries(world)) == 2


def test_withdrawn_bytes_do_not_leave_and_may_be_attached_again(world: vaults.World, tmp_path: Path, cli) -> None:
    attach(world, tmp_path / "one.pdf")
    (entry,) = entries(world)
    assert cli("withdraw", entry.id, "--reason", "duplicate", "--yes", cwd=world.vault.root).code == 0
    out = tmp_path / "out"
    assert cli("export", "ada", "-o", out, cwd=world.vault.root).code == 0
    assert not [path for path in out.rglob("*") if path.is_file() and PDF in path.read_bytes()]
    assert not [path for path in out.rglob("*") if entry.id in path.name]
    assert cli("show", entry.id, "--save", tmp_path / "x", cwd=world.vault.root).code == Refused.exit_code
    world.now += timedelta(days=7)
    assert len(attach(world, tmp_path / "one.pdf")) == 1


def test_what_is_no_file_is_not_read(tmp_path: Path) -> None:
    (tmp_path / "link").symlink_to("one.pdf")
    (tmp_path / "one.pdf").write_bytes(PDF)
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "empty").touch()
    for name in ("link", "pipe", "empty", "."):
        with pytest.raises(BadInput):
            note_attach.look([tmp_path / "one.pdf", tmp_path / name])
    with pytest.raises(NotFound):
        note_attach.look([tmp_path / "gone"])


def test_twenty_five_megabytes_are_too_large(tmp_path: Path) -> None:
    for size in (attachment.LIMIT - 1, attachment.LIMIT):
        with (tmp_path / str(size)).open("wb") as file:
            file.truncate(size)
    (found,) = note_attach.look([tmp_path / str(attachment.LIMIT - 1)])
    assert found.size == 24_999_999
    with pytest.raises(Refused, match="25 MB"):
        note_attach.look([tmp_path / str(attachment.LIMIT)])


@pytest.mark.parametrize("change", ["grows", "goes", "changes", "becomes a link"])
def test_a_file_that_changes_while_it_is_read_is_not_attached(world: vaults.World, tmp_path: Path, change: str) -> None:
    file = tmp_path / "one.pdf"
    with world.chart() as chart, sign.pen(chart, None) as pen, chart.recorder() as by:
        before = chart.line(world.clients["ada"]).head
        found = note_attach.look([file])
        if change == "grows":
            file.write_bytes(PDF + b"more")
        elif change == "changes":
            file.write_bytes(PDF.replace(b"EOF", b"FOE"))
        else:
            file.rename(tmp_path / "aside")
            if change == "becomes a link":
                file.symlink_to("aside")
        with pytest.raises(Conflict, match="changed while"):
            note_attach.attach(chart, world.clients["ada"], found, SHOWN, pen, by, world.tick(), "system")
        assert chart.line(world.clients["ada"]).head == before
    assert not (world.folder("ada") / "attachments").exists()


def test_many_files_are_recorded_in_commits_that_fit_into_memory(tmp_path: Path) -> None:
    sizes = (20_000_000, 4_000_000, 4_000_000, 24_999_999, *[1] * 60)
    for number, size in enumerate(sizes):
        with (tmp_path / str(number)).open("wb") as file:
            file.truncate(size)
    found = note_attach.look(tmp_path / str(number) for number in range(len(sizes)))
    made = list(note_attach.batches(found))
    assert [one for batch in made for one in batch] == found
    assert [len(batch) for batch in made] == [2, 1, 1, 50, 10]
    assert all(sum(one.size for one in batch) < attachment.LIMIT or len(batch) == 1 for batch in made)


def test_a_group_has_no_files(world: vaults.World) -> None:
    with world.chart() as chart:
        client = chart.client("ada")
        assert isinstance(client, Client)
        note_attach.check_client(client)
        object.__setattr__(client, "kind", "group")
        with pytest.raises(Refused):
            note_attach.check_client(client)


def test_a_note_is_still_meant_by_a_clients_name(world: vaults.World, tmp_path: Path, cli) -> None:
    note = lines.sign(world, "ada", "A session.")
    attach(world, tmp_path / "one.pdf")
    shown = cli("show", "ada", "--raw", cwd=world.vault.root)
    assert "A session." in shown.out
    assert Path(note).stem.rpartition("-")[2] in shown.out


def test_another_copy_and_plain_git(world: vaults.World, tmp_path: Path, cli) -> None:
    from vaultcli.work.sync import remotes, sync

    attach(world, tmp_path / "one.pdf")
    bare = tmp_path / "usb"
    with world.chart() as chart:
        remotes.init_bare(bare, object_format=chart.repository.object_format, genesis=chart.genesis)
        remotes.add(chart, "usb", str(bare), remotes.OWN, tmp_path)
        sync.sync(chart, remotes.chosen(chart, "usb")[0], world.tick())
        (path,) = (world.folder("ada") / "attachments").iterdir()
        head = chart.repository.head(f"client/{world.clients['ada']}")
    show = ["git", "-C", str(bare), "show", f"{head}:attachments/{path.name}"]
    assert subprocess.run(show, capture_output=True, check=True).stdout == PDF
    # a file that was put there by hand is no attachment: what is staged is looked at before there is a commit
    (path.parent / f"{ids.new()}.pdf").write_bytes(JPEG)
    assert cli("hook", "install", cwd=world.vault.root).code == 0
    subprocess.run(["git", "add", "attachments"], cwd=world.folder("ada"), check=True)
    refused = subprocess.run(["git", "commit", "-m", "x"], cwd=world.folder("ada"), capture_output=True, text=True)
    assert refused.returncode != 0
    assert "comes without a note that describes it" in refused.stderr
    assert "`vaultcli attach`" in refused.stderr


MEASURE = """
import re, sys
from pathlib import Path
from tests.helpers import run_here
def peak():
    # of this program alone: getrusage counts from the size of the process that started it
    return int(re.search(r"VmHWM:[^0-9]+([0-9]+) kB", Path("/proc/self/status").read_text())[1])
before = peak()
done = run_here(sys.argv[1:])
assert done.code == 0, done.err
print((peak() - before) // 1024)
"""


@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="needs the kernel's own measure of a process")
def test_a_large_file_is_verified_in_pieces(world: vaults.World, tmp_path: Path) -> None:
    (tmp_path / "large.pdf").write_bytes(b"%PDF-" + os.urandom(24_000_000))

    def used(*args: str) -> int:
        env = {**os.environ, "PYTHONPATH": str(Path(__file__).parents[3])}
        argv = [sys.executable, "-c", MEASURE, "--vault", str(world.vault.root), *args]
        done = subprocess.run(argv, cwd=tmp_path, env=env, capture_output=True, text=True, check=True)
        return int(done.stdout.split()[-1])

    assert used("attach", "ada", "large.pdf", "--kind", "scan") < 140
    assert used("verify", "--cold") < 40
    assert used("new", "ada", "09:00-09:53", "-m", "Short.", "--sign") < 40
    assert used("list", "ada") < 40


ATTACH = """
import sys
from tests.helpers import run_here
done = run_here(["--vault", sys.argv[1], "attach", *sys.argv[2:]])
print(done.out, flush=True)
sys.stderr.write(done.err)
sys.exit(done.code)
"""


def test_two_terminals_attach_at_once(world: vaults.World, tmp_path: Path, cli) -> None:
    env = {**os.environ, "PYTHONPATH": str(Path(__file__).parents[3])}
    argv = [sys.executable, "-c", ATTACH, str(world.vault.root), "ada", "one.pdf", "two.JPG", "--kind", "scan"]
    pipe = subprocess.PIPE
    both = [subprocess.Popen(argv, cwd=tmp_path, env=env, stdout=pipe, stderr=pipe, text=True) for _ in range(2)]
    ended = [one.communicate(timeout=120) for one in both]
    assert [one.returncode for one in both] == [0, 0], ended
    said = acknowledged("".join(out for out, _ in ended))
    assert len(said) == 2
    assert sum(err.count("attached already") for _, err in ended) == 2
    assert untrue(tmp_path, said) == []
    assert len(entries(world)) == 2
    assert cli("verify", cwd=world.vault.root).code == 0
