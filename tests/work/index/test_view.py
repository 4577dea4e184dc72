"""The index answers as the record and the folders do, whatever happened to them, or to it, in between."""

import contextlib
import os
import random
import re
import shutil
import sqlite3
import stat
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

from tests import everyday, vaults
from tests.helpers import store_object
from tests.work import lines
from vaultcli.ground.errors import VaultError
from vaultcli.ground.repository.lock import Lock
from vaultcli.places import index
from vaultcli.places.index import Wanted
from vaultcli.record.view import values
from vaultcli.record.view.query import query
from vaultcli.work.index import view as views
from vaultcli.work.notes import lookup
from vaultcli.work.overview import search

WORDS = ("maple", "birch", "cedar", "Élan", "willow", "hazel", "rowan", "alder")
TICK = 0.03
"""Seconds after which a file's times are believed here; two seconds in earnest."""


@pytest.fixture(autouse=True)
def quick(monkeypatch):
    monkeypatch.setattr(views, "SETTLED", int(TICK * 1e9))


@pytest.fixture
def world(tmp_path):
    return vaults.make(tmp_path / "vault", people=(vaults.LEE, vaults.SAM), clients=("ada", "bo", "cy"))


def index_file(world) -> Path:
    return world.vault.chart / ".git" / "vaultcli" / index.NAME


def through_index(world, told=None):
    """What list and search say: rows, and for each word the texts that hold it."""
    telling = views.Telling(trouble=(told if told is not None else []).append)
    with world.chart() as chart:
        chart.repository.recover()
        with views.look(chart, telling=telling) as view:
            rows = [
                {**note._asdict(), "edited": view.edited(note), "handle": view.lines[note.client].handle}
                for note in view.notes(Wanted())
            ]
            found, kept = {}, {}
            for word in WORDS:
                hits, _ = search.search(view, query([word]), Wanted())
                found[word] = sorted((one.hit.note.path, one.hit.path) for one in hits)
                kept[word] = len(search.search(view, query([word]), Wanted(withdrawn=False))[0])
    return sorted(rows, key=lambda row: row["path"]), found, kept


def directly(world):
    """The same, by reading the whole record and every folder."""
    rows, found, kept = [], {word: [] for word in WORDS}, dict.fromkeys(WORDS, 0)
    with world.chart() as chart:
        chart.repository.recover()
        for client in chart.clients():
            for entry in lookup.entries_of(chart, client):
                rows.append({**values.row(client, entry), "attachment": None})
                standing = entry.corrections[-1].file.path if entry.corrections else entry.path
                added = [(one.file.path, one.raw) for one in entry.additions if one.kind != "correction"]
                texts = [(standing, entry.text), *added]
                for word in WORDS:
                    for path, raw in texts:
                        if re.search(rf"(?i)\b{word}\b", raw.decode()):
                            found[word].append((entry.path, path))
                            kept[word] += entry.withdrawal is None
    return sorted(rows, key=lambda row: row["path"]), {word: sorted(hits) for word, hits in found.items()}, kept


def agree(world, what=""):
    """The index as it is found, and once more when nothing moved since, against the record."""
    for _ in range(2):
        rows, found, kept = through_index(world)
        for row in rows:
            row["additions"] = list(row["additions"])
        assert (rows, found, kept) == directly(world), what
        time.sleep(TICK * 1.5)


def note(word: str) -> bytes:
    return vaults.NOTE.replace(b"She came on time", f"She spoke of the {word} tree".encode())


class Day:
    """Things that happen to a vault, each by chance."""

    def __init__(self, world, seed: int) -> None:
        self.world, self.chance = world, random.Random(seed)

    def word(self) -> str:
        return self.chance.choice(WORDS)

    def handle(self) -> str:
        return self.chance.choice(list(self.world.clients))

    def open(self) -> list[tuple[str, Path]]:
        """Recorded drafts, and those that never were, with whose they are."""
        found = []
        for handle in self.world.clients:
            with self.world.chart() as chart:
                entries = lookup.entries_of_id(chart, self.world.clients[handle])
                found += [(handle, self.world.folder(handle) / entry.path) for entry in entries if entry.open]
        return [(handle, path) for handle, path in found if path.exists()]

    def signed(self) -> list[tuple[str, str]]:
        found = []
        for handle in self.world.clients:
            with self.world.chart() as chart:
                entries = lookup.entries_of_id(chart, self.world.clients[handle])
                found += [(handle, entry.path) for entry in entries if entry.signed and not entry.withdrawal]
        return found

    # what happens

    def draft(self) -> None:
        self.world.write(self.handle(), note(self.word()))

    def unrecorded(self) -> None:
        self.world.write(self.handle(), note(self.word()), record=False)

    def sign(self) -> None:
        lines.sign(self.world, self.handle(), f"He named the {self.word()} again.")

    def edit_in_place(self) -> None:
        """The same size, and the old time put back: only the change time tells."""
        for _, path in self.open()[:1]:
            before = path.stat()
            word = self.word().encode()
            with path.open("r+b") as file:
                raw = file.read()
                old = re.search(rb"(?<=of the ).{5,6}(?= tree)", raw)
                if old is not None:
                    file.seek(old.start())
                    file.write(word[: len(old[0])].ljust(len(old[0]), b"x"))
            os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns))

    def replace(self) -> None:
        for _, path in self.open()[-1:]:
            beside = path.with_name(".other")
            beside.write_bytes(path.read_bytes() + f"\n{self.word()} at last\n".encode())
            beside.replace(path)

    def delete(self) -> None:
        for _, path in self.open()[-1:]:
            path.unlink()

    def restore_old_text(self) -> None:
        for handle, path in self.open()[:1]:
            with self.world.chart() as chart:
                raw = chart.recorded(self.world.clients[handle], f"notes/{path.name}")
            if raw is not None:
                path.write_bytes(raw)

    def save(self) -> None:
        for handle, path in self.open()[:1]:
            with self.world.chart() as chart:
                recorded = chart.recorded(self.world.clients[handle], f"notes/{path.name}")
            if recorded not in (None, path.read_bytes()):
                path_, raw = f"notes/{path.name}", path.read_bytes()
                path.write_bytes(recorded)
                lines.redraft(self.world, handle, path_, raw)

    def correct(self) -> None:
        for handle, path in self.signed()[:1]:
            lines.correct(self.world, handle, path, f"Mood follows the {self.word()}.")

    def withdraw(self) -> None:
        for handle, path in self.signed()[-1:]:
            lines.withdraw(self.world, handle, path, remark=f"was about a {self.word()}")

    def commit_with_plain_git(self) -> None:
        for handle, path in self.open()[:1]:
            path.write_bytes(path.read_bytes() + f"\nplain {self.word()}\n".encode())
            folder = self.world.folder(handle)
            lines.git(folder, "add", "--", f"notes/{path.name}")
            lines.git(folder, "-c", "user.name=A", "-c", "user.email=a", "commit", "-q", "-n", "-m", "x", check=False)

    def write_over_signed(self) -> None:
        for handle, path in self.signed()[:1]:
            (self.world.folder(handle) / path).write_bytes(note(self.word()))

    def lose_folder(self) -> None:
        shutil.rmtree(self.world.folder(self.handle()) / "notes", ignore_errors=True)

    def lose_worktree(self) -> None:
        shutil.rmtree(self.world.folder(self.handle()), ignore_errors=True)

    def link_instead_of_draft(self) -> None:
        for _, path in self.open()[-1:]:
            elsewhere = self.world.vault.root / "elsewhere.md"
            elsewhere.write_bytes(note(self.word()))
            path.unlink()
            path.symlink_to(elsewhere)

    def delete_index(self) -> None:
        index_file(self.world).unlink(missing_ok=True)

    def damage_index(self) -> None:
        """Bytes in the middle, the old time put back."""
        file = index_file(self.world)
        before = file.stat()
        with file.open("r+b") as handle:
            handle.seek(self.chance.randrange(before.st_size))
            handle.write(self.chance.randbytes(4096))
        os.utime(file, ns=(before.st_atime_ns, before.st_mtime_ns))

    def cut_index(self) -> None:
        os.truncate(index_file(self.world), self.chance.randrange(index_file(self.world).stat().st_size))

    def other_index(self) -> None:
        """A whole index, as it was a while ago."""
        file = index_file(self.world)
        old = file.with_name("old")
        if old.exists():
            shutil.copy2(old, file)
        else:
            shutil.copy2(file, old)


HAPPENS = sorted(name for name in vars(Day) if not name.startswith("_") and name not in ("word", "handle", "open", "signed"))


@pytest.mark.parametrize("seed", everyday.these(range(1, 9), [1]))
def test_whatever_happens_the_index_answers_as_the_record_does(world, seed):
    day = Day(world, seed)
    day.draft()
    day.sign()
    agree(world, "at first")
    order = HAPPENS * 2
    day.chance.shuffle(order)
    for what in order:
        # what the rules refuse, such as building on a commit of plain git's, has not happened
        with contextlib.suppress(VaultError):
            getattr(day, what)()
        agree(world, what)


# the file itself


def opened(world) -> sqlite3.Connection:
    return sqlite3.connect(index_file(world))


def test_an_index_that_is_current_is_only_read(world):
    Day(world, 1).sign()
    through_index(world)
    time.sleep(TICK * 1.5)
    through_index(world)
    before = index_file(world).stat()
    through_index(world)
    after = index_file(world).stat()
    assert (before.st_ino, before.st_ctime_ns) == (after.st_ino, after.st_ctime_ns)


def test_only_the_owner_can_read_it(world):
    through_index(world)
    assert stat.S_IMODE(index_file(world).stat().st_mode) == 0o600
    index_file(world).chmod(0o644)
    agree(world)
    assert stat.S_IMODE(index_file(world).stat().st_mode) == 0o600


def test_rows_that_somebody_changed_are_not_believed(world):
    """A sound file with other rows in it: what the seal is for."""
    Day(world, 1).sign()
    through_index(world)
    with opened(world) as db:
        db.execute("UPDATE note SET state = 'withdrawn', date = '1999-01-01'")
    db.close()
    agree(world)


def test_an_index_that_came_with_a_chart_is_not_believed(world, monkeypatch, tmp_path):
    Day(world, 1).sign()
    through_index(world)
    with opened(world) as db:
        db.execute("DELETE FROM note")
    db.close()
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "another machine"))
    agree(world)


def test_a_link_in_its_place_is_not_followed(world, tmp_path):
    through_index(world)
    index_file(world).rename(tmp_path / "elsewhere")
    index_file(world).symlink_to(tmp_path / "elsewhere")
    agree(world)
    assert not index_file(world).is_symlink()


def test_a_vault_that_was_moved_is_read_right(world, tmp_path):
    Day(world, 1).sign()
    through_index(world)
    moved = world.vault.root.rename(tmp_path / "moved")
    world.vault = vaults.Vault(moved, moved / "chart", world.vault.keys, world.vault.principal)
    agree(world)


def test_a_copied_vault_and_the_first_one_keep_out_of_each_others_way(world, tmp_path):
    day = Day(world, 1)
    day.sign()
    through_index(world)
    shutil.copytree(world.vault.root, tmp_path / "copy", symlinks=True)
    first = world.vault
    world.vault = vaults.Vault(tmp_path / "copy", tmp_path / "copy" / "chart", first.keys, first.principal)
    agree(world)
    assert world.notes("ada") or world.notes("bo") or world.notes("cy")
    world.vault = first
    before = index_file(world).stat().st_ino
    agree(world)
    assert index_file(world).stat().st_ino == before


def test_where_nothing_can_be_written_the_record_is_read_and_it_is_told_once(world, monkeypatch):
    Day(world, 1).sign()
    monkeypatch.setattr(views, "BATCH", 1)

    def full(*_: object, **__: object) -> None:
        raise sqlite3.OperationalError("database or disk is full")

    monkeypatch.setattr(index.Store, "_set_lines", full)
    real = index.Store.put

    def put(self, line, *rest):
        in_memory = self.db.execute("PRAGMA database_list").fetchone()[2] == ""
        monkeypatch.setattr(index.Store, "_set_lines", (lambda *_: None) if in_memory else full)
        real(self, line, *rest)

    monkeypatch.setattr(index.Store, "put", put)
    told: list[str] = []
    _, found, _ = through_index(world, told)
    assert len(told) == 1
    assert "disk is full" in told[0]
    assert found == directly(world)[1]
    monkeypatch.undo()
    agree(world)


def test_a_folder_that_may_not_be_written_to(world, monkeypatch):
    Day(world, 1).sign()

    def denied(*_: object, **__: object) -> int:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(index.Index, "_begin", denied)
    told: list[str] = []
    assert through_index(world, told)[1] == directly(world)[1]
    assert len(told) == 1
    assert not index_file(world).exists()


def test_an_index_that_another_program_locks_is_replaced(world, monkeypatch):
    Day(world, 1).sign()
    through_index(world)
    monkeypatch.setattr(index, "PATIENCE", 0.05)
    holder = opened(world)
    holder.execute("BEGIN EXCLUSIVE")
    told: list[str] = []
    try:
        assert through_index(world, told)[1] == directly(world)[1]
    finally:
        holder.rollback()
        holder.close()
    assert told == []
    agree(world)


def test_while_another_process_is_writing_it_for_long_it_is_done_without(world, monkeypatch):
    Day(world, 1).sign()
    through_index(world)
    Day(world, 2).sign()
    monkeypatch.setattr(index, "WAIT", 0.05)
    told: list[str] = []
    with Lock(world.vault.chart / ".git", "vaultcli/indexing", "index-writing").hold():
        assert through_index(world, told)[1] == directly(world)[1]
    assert len(told) == 1
    agree(world)


def test_a_writer_that_is_killed_in_the_middle_leaves_nothing_that_is_believed(world):
    Day(world, 1).sign()
    through_index(world)
    Day(world, 2).sign()
    code = (
        "import os, sys\n"
        "from pathlib import Path\n"
        "from vaultcli.places import index\nfrom vaultcli.places.machine import vault\n"
        "from vaultcli.places.chart.chart import Chart\n"
        "from vaultcli.work.index import view as views\n"
        "real = index.Store.put\n"
        "def put(self, *rest):\n"
        "    self.db.execute('PRAGMA cache_spill = 1'); self.db.execute('PRAGMA cache_size = 1')\n"
        "    real(self, *rest)\n"
        "    os.kill(os.getpid(), 9)\n"
        "index.Store.put = put\n"
        "with Chart(vault.load(Path(sys.argv[1]))) as chart:\n"
        "    views.look(chart)\n"
    )
    done = subprocess.run([sys.executable, "-c", code, world.vault.root], check=False, capture_output=True)
    assert done.returncode == -9, done.stderr
    agree(world)


def test_deleted_while_it_is_read_and_while_it_is_written(world):
    day = Day(world, 1)
    day.sign()
    with world.chart() as chart, views.look(chart) as view:
        index_file(world).unlink()
        day.sign()
        assert len(view.notes(Wanted())) == 1
    agree(world)


def test_several_at_once_while_notes_are_written(world):
    """Readers in threads and processes of their own, each with its own look, none of them ever wrong."""
    day = Day(world, 1)
    day.sign()
    wrong: list[object] = []
    stop = threading.Event()

    def look() -> None:
        least = 0
        while not stop.is_set():
            try:
                with world.chart() as chart, views.look(chart) as view:
                    found = len(view.notes(Wanted()))
                if found < least:
                    wrong.append((found, least))
                least = found
            except Exception as error:
                wrong.append(error)

    threads = [threading.Thread(target=look) for _ in range(2)]
    for thread in threads:
        thread.start()
    code = (
        "import sys\nfrom pathlib import Path\nfrom vaultcli.places.machine import vault\n"
        "from vaultcli.places.chart.chart import Chart\n"
        "from vaultcli.places.index import Wanted\nfrom vaultcli.work.index import view as views\n"
        "for _ in range(10):\n"
        "    with Chart(vault.load(Path(sys.argv[1]))) as chart, views.look(chart) as view:\n"
        "        assert view.notes(Wanted())\n"
    )
    other = subprocess.Popen([sys.executable, "-c", code, world.vault.root], stderr=subprocess.PIPE)
    for number in range(6):
        day.draft()
        if number == 3:
            day.delete_index()
    _, err = other.communicate(timeout=120)
    stop.set()
    for thread in threads:
        thread.join()
    assert (wrong, other.returncode, err) == ([], 0, b"")
    agree(world)


# words that must go


def holds(world, word: str) -> bool:
    """Whether the index has a word, in its rows or anywhere in its file."""
    return word.encode() in b"".join(path.read_bytes() for path in index_file(world).parent.glob(index.NAME + "*"))


def test_what_a_succession_left_out_is_not_in_the_file(world):
    path = lines.sign(world, "ada", "A zugzwang that a court wants gone.")
    lines.sign(world, "ada", "Another day.")
    through_index(world)
    assert holds(world, "zugzwang")
    with world.chart() as chart:
        line = chart.line(world.clients["ada"])
        head = chart.repository.commit(line.oids[0])
        assert path in line.files
        # the line's first commit again, and nothing after it: what no text of the index lies in any more
        tree = head.tree
        raw = f"tree {tree}\nauthor A <a> 1800000000 +0000\ncommitter A <a> 1800000000 +0000\n\nsucceed\n".encode()
        oid = store_object(chart.repository.git, raw, "commit")
        chart.repository.git.update_ref(f"refs/heads/client/{world.clients['ada']}", oid, line.head)
    through_index(world)
    assert not holds(world, "zugzwang")
    agree(world)


def test_a_line_that_is_gone_takes_its_words_with_it(world):
    lines.sign(world, "ada", "A zugzwang.")
    through_index(world)
    with world.chart() as chart:
        head = chart.repository.head(f"client/{world.clients['ada']}")
        chart.repository.git.update_ref(f"refs/heads/client/{world.clients['ada']}", None, head)
        # nothing knows of the line any more, else the next command would bring it back
        (chart.repository.directory / "vaultcli" / "heads" / "client" / world.clients["ada"]).unlink()
    shutil.rmtree(world.folder("ada"))
    through_index(world)
    assert not holds(world, "zugzwang")
    agree(world)


def test_what_was_never_recorded_is_never_in_the_file(world):
    world.write("ada", vaults.NOTE + b"zugzwang\n", record=False)
    with world.chart() as chart, views.look(chart) as view:
        assert search.search(view, query(["zugzwang"]), Wanted())[1] == 1
    assert not holds(world, "zugzwang")


def test_forgetting_deletes_it(world):
    through_index(world)
    with world.chart() as chart:
        views.forget(chart)
        assert not index_file(world).exists()
        views.forget(chart)
    agree(world)


def test_without_fts5_lists_work_and_searching_says_why(world, monkeypatch):
    Day(world, 1).sign()
    monkeypatch.setattr(index, "_WORDS", index._WORDS.replace("USING fts5", "USING nofts5"))
    with world.chart() as chart, views.look(chart) as view:
        assert len(view.notes(Wanted())) == 1
        with pytest.raises(VaultError, match="FTS5"):
            search.search(view, query(["maple"]), Wanted())


# a part of it


def test_a_phrase_from_the_front_matter_into_a_text_without_a_last_line_end_is_shown_and_ends(world):
    raw = b"---\ndate: 2026-11-22\nid: {id}\nimported:\n  from: omega.txt\n---\nhello"
    world.write("ada", raw)
    with world.chart() as chart, views.look(chart) as view:
        ((_, across),), _ = search.search(view, query(["txt hello"]), Wanted())
        ((_, below),), _ = search.search(view, query(["hello"]), Wanted())
    assert [(one.line, one.passage) for one in across] == [(5, "from: omega.txt --- hello")]
    assert [(one.line, one.passage) for one in below] == [(7, "hello")]


def test_a_client_is_looked_at_without_reading_the_others(world, monkeypatch):
    lines.sign(world, "ada", "One.")
    lines.sign(world, "bo", "Two.")
    read: list[str] = []
    real = views._reading
    monkeypatch.setattr(views, "_reading", lambda chart, client, *rest: (read.append(client), real(chart, client, *rest))[1])
    ada = world.clients["ada"]
    with world.chart() as chart, views.look(chart, only=[ada]) as view:
        assert [note.client for note in view.notes(Wanted(client=ada))] == [ada]
    assert read == [ada]
    agree(world)


def test_a_handle_is_found_in_an_index_that_has_every_client_as_last_recorded(world):
    with world.chart() as chart:
        assert views.whose(chart, "ada") == ""
    through_index(world)
    with world.chart() as chart:
        assert views.whose(chart, "ada") == world.clients["ada"] == views.whose(chart, world.clients["ada"])
        assert views.whose(chart, "ad") == ""
        world.clients["dee"] = vaults.add_client(chart, "dee", world.tick())
    with world.chart() as chart:
        assert views.whose(chart, "ada") == ""


def test_a_line_that_is_not_worth_reading_does_not_show_its_old_rows(world):
    lines.sign(world, "ada", "One.")
    lines.sign(world, "bo", "Two.")
    through_index(world)
    lines.sign(world, "ada", "Three.")
    with world.chart() as chart, views.look(chart, worth=lambda _: False) as view:
        assert {note.client for note in view.notes(Wanted())} == {world.clients["bo"]}
        assert world.clients["ada"] not in view.lines


def test_a_text_that_no_longer_stands_is_taken_out_of_the_words(world):
    """Not only out of the rows: its number may be another text's later."""
    path = world.write("ada", note("zugzwang"))
    through_index(world)
    lines.redraft(world, "ada", f"notes/{path.name}", note("maple").replace(b"{id}", path.stem.rpartition("-")[2].encode()))
    through_index(world)
    with contextlib.closing(opened(world)) as db:
        assert db.execute("SELECT rowid FROM words WHERE words MATCH 'zugzwang'").fetchall() == []
        assert len(db.execute("SELECT rowid FROM words WHERE words MATCH 'maple'").fetchall()) == 1


def test_many_lines_are_read_in_several_processes(world, monkeypatch):
    monkeypatch.setattr(views, "MANY", 2)
    monkeypatch.setattr("vaultcli.ground.process.workers.available", lambda: 2)
    for handle in world.clients:
        lines.sign(world, handle, "The maple tree.")
    agree(world)
