"""A text lent to an editor: what comes back, what the editor cannot do, and that nothing of it stays."""

from __future__ import annotations

import os
import shutil
import signal
import socket
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from vaultcli.ground.editor import jail, jobcontrol, ram, ramfs, supervisor
from vaultcli.ground.editor.command import Editor
from vaultcli.ground.errors import BadInput, DiskTrouble, EditorTrouble, KeyTrouble, Refused
from vaultcli.ground.process import linux
from vaultcli.places.machine import settings
from vaultcli.psychotherapy.notes import edit as edits
from vaultcli.psychotherapy.notes.edit import Result, Unconfirmed

pytestmark = pytest.mark.skipif(not sys.platform.startswith("linux"), reason="SKIPPED: private editing was NOT tried here")
START = b"first\n"
WAYS = ("space", "jail", "both", "neither")
"""What holds the editor: a file system of one's own with all others read-only, Landlock, both, or nothing (the control)."""


@pytest.fixture(autouse=True)
def no_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    """The terminal of whoever runs the tests stays theirs; real ones are in tests/editors/test_private.py."""
    monkeypatch.setattr(jobcontrol, "DEVICE", "/nowhere/tty")


@pytest.fixture(autouse=True)
def memory(monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A folder in memory for this test alone; after it, the private folders in it are gone."""
    if ram.file_system(Path("/dev/shm")) != "tmpfs":
        pytest.skip("SKIPPED: /dev/shm is not in memory here, so private editing was NOT tried")
    folder = Path(tempfile.mkdtemp(prefix="vaultcli-test-", dir="/dev/shm"))
    monkeypatch.setattr(ram, "parents", lambda: [folder])
    yield folder
    left = list(folder.iterdir())
    shutil.rmtree(folder)
    assert left == []


def held_by(way: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Leave only one of the two walls, or none; says loudly when this machine lacks the one that is wanted."""
    if way in ("jail", "both") and not jail.can_jail():
        pytest.skip("SKIPPED: this kernel has no Landlock, so the jail was NOT tried")
    if way in ("space", "both") and not space_is_given():
        pytest.skip("SKIPPED: no file system of one's own here, so it was NOT tried")
    if way in ("jail", "neither"):
        monkeypatch.setattr(ramfs, "possible", lambda _: False)
    if way in ("space", "neither"):
        monkeypatch.setattr(linux, "landlock_version", lambda: 0)
        monkeypatch.setattr(edits, "confirmation", lambda _: None)


def space_is_given() -> bool:
    found = ram.take(0)
    found.free()
    return found.own


def script(folder: Path, body: str, name: str = "typist") -> Editor:
    path = folder / name
    path.write_text(f"#!/bin/sh\n{body}\n")
    path.chmod(0o755)
    return Editor((str(path),), name)


def edit(editor: Editor, autosave: Callable[[bytes], None] = lambda _: None, prove: Callable[[], None] = lambda: None) -> Result:
    return edits.edit(START, editor=editor, autosave=autosave, prove=prove)


def test_every_saved_state_is_handed_on_in_order(tmp_path: Path) -> None:
    states: list[bytes] = []
    body = 'echo one >> "$1"; sleep 0.4; echo two > "$1.new"; mv "$1.new" "$1"; sleep 0.4; echo three >> "$1"'
    done = edit(script(tmp_path, body), states.append)
    assert states == [START + b"one\n", b"two\n", b"two\nthree\n"]
    assert (done.text, done.changed, done.returned_at_once, done.trouble) == (states[-1], True, False, "")


def test_an_editor_that_returned_at_once_is_noticed(tmp_path: Path) -> None:
    assert edit(script(tmp_path, "exit 0")).returned_at_once
    assert not edit(script(tmp_path, 'echo x >> "$1"')).returned_at_once
    assert not edit(script(tmp_path, "exit 1")).returned_at_once
    slow = edit(script(tmp_path, "sleep 1.1"))
    assert (slow.text, slow.changed, slow.returned_at_once) == (START, False, False)


def test_nothing_is_started_before_sealing_is_proven(tmp_path: Path) -> None:
    def prove() -> None:
        raise KeyTrouble("no key")

    with pytest.raises(KeyTrouble):
        edit(script(tmp_path, f"touch {tmp_path}/../started"), prove=prove)


@pytest.mark.parametrize(("body", "how"), [("exit 3", "code 3"), ("kill -9 $$", "signal 9")])
def test_what_was_saved_counts_also_when_the_editor_fails(tmp_path: Path, body: str, how: str) -> None:
    done = edit(script(tmp_path, f'echo kept >> "$1"; {body}'))
    assert (done.text, done.trouble) == (START + b"kept\n", how)


def test_an_editor_that_cannot_be_started_is_trouble(tmp_path: Path) -> None:
    with pytest.raises(EditorTrouble, match="cannot start the editor"):
        edit(Editor((str(tmp_path / "nothing"),), "nothing"))


def test_sealing_that_fails_does_not_end_the_editing(tmp_path: Path) -> None:
    tried: list[bytes] = []

    def autosave(text: bytes) -> None:
        tried.append(text)
        raise DiskTrouble("the disk is full")

    done = edit(script(tmp_path, 'echo one >> "$1"; sleep 0.4; echo two >> "$1"'), autosave)
    assert done.text == START + b"one\ntwo\n"
    assert tried == [START + b"one\n", done.text, done.text], "the last state is tried once more"
    assert "the last state could not be sealed: the disk is full" in done.told


def test_a_fault_of_ours_ends_the_editor_and_leaves_nothing(tmp_path: Path) -> None:
    def autosave(_: bytes) -> None:
        raise ZeroDivisionError

    began = time.monotonic()
    with pytest.raises(ZeroDivisionError):
        edit(script(tmp_path, 'echo one >> "$1"; sleep 30'), autosave)
    assert time.monotonic() - began < 10


def test_what_the_editor_left_running_is_killed(tmp_path: Path) -> None:
    done = edit(script(tmp_path, '(setsid sleep 60 & echo $! >> "$1"); kill -0 $(tail -n 1 "$1") && echo alive >> "$1"'))
    process, alive = done.text.split()[-2:]
    assert alive == b"alive"
    assert not Path(f"/proc/{int(process)}").exists()


@pytest.mark.parametrize("way", WAYS)
def test_the_editor_can_write_nowhere_else(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, way: str) -> None:
    held_by(way, monkeypatch)
    there, shared = tmp_path / "kept", Path("/dev/shm", f"vaultcli-test-{os.getpid()}")
    there.write_text("before")
    body = f"""cp "$1" {tmp_path}/copy; cp "$1" {shared}; ln -s "$1" {tmp_path}/link; mv {there} {tmp_path}/moved
    cat /dev/null > {there}; rm -f {there}; mkdir {tmp_path}/folder; touch "$TMPDIR/may"; ls "$TMPDIR" >> "$1"; pwd >> "$1\""""
    done = edit(script(tmp_path, body + " 2>/dev/null"))
    found = {path.name for path in tmp_path.iterdir()} | ({"shared"} if shared.exists() else set())
    shared.unlink(missing_ok=True)
    assert done.text.startswith(START + b"may\n")
    assert Path(done.text.decode().splitlines()[-1]).name.startswith(ram.PREFIX)
    if way == "neither":
        assert {"copy", "link", "moved", "folder", "shared"} <= found, "the control wrote nothing: the test says nothing"
        assert any("no jail" in said for said in done.told)
    else:
        assert found == {"kept", "typist"}
        assert there.read_text() == "before"


@pytest.mark.parametrize("way", ["space", "jail", "neither"])
def test_the_editor_has_no_network(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, way: str) -> None:
    held_by(way, monkeypatch)
    if way == "jail" and linux.landlock_version() < 4:
        pytest.skip("SKIPPED: this kernel's Landlock knows no network, so it was NOT tried")
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        call = f"import socket; socket.create_connection(('127.0.0.1', {port}), 5)"
        done = edit(script(tmp_path, f'{sys.executable} -c "{call}" 2>/dev/null && echo called >> "$1"; exit 0'))
    assert (b"called" in done.text) is (way == "neither")


def test_the_environment_says_nothing_and_reaches_nobody(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("SSH_AUTH_SOCK", "DISPLAY", "TMUX", "DBUS_SESSION_BUS_ADDRESS", "LD_PRELOAD_X", "A_SECRET", "NVIM"):
        monkeypatch.setenv(name, "somewhere")
    done = edit(script(tmp_path, 'env >> "$1"'))
    lines = done.text.decode().splitlines()
    given = dict(line.split("=", 1) for line in lines if "=" in line)
    assert "somewhere" not in given.values()
    assert given["HOME"] == os.environ["HOME"]
    for name in ("TMPDIR", "XDG_STATE_HOME", "XDG_CACHE_HOME", "XDG_RUNTIME_DIR"):
        assert f"/{ram.PREFIX}" in given[name]


def test_a_crash_leaves_no_core(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Neither a file nor a pipe to a collector, and the editor cannot change that; tried where writing is not forbidden."""
    held_by("neither", monkeypatch)
    limit = f'{sys.executable} -c "import resource as r; print(*r.getrlimit(r.RLIMIT_CORE))"'
    crash = f'{sys.executable} -c "import os; os.abort()" 2>/dev/null'
    done = edit(script(tmp_path, f'{limit} >> "$1"; cd {tmp_path}; {crash}; ls >> "$1"; exit 0'))
    assert done.text == START + b"1 1\ntypist\n"


def test_what_is_no_plain_file_any_more_is_not_read(tmp_path: Path) -> None:
    done = edit(script(tmp_path, 'echo good >> "$1"; sleep 0.4; rm "$1"; ln -s /etc/passwd "$1"'))
    assert done.text == START + b"good\n"
    assert edit(script(tmp_path, 'rm "$1"')).text == START


SLEEP = f"1.0{os.getpid()}"
"""Seconds by which the process list tells that an editor's script has written, and waits."""


def when_it_sleeps(work: Callable[[], None]) -> None:
    """Do something beside the editor, as soon as its script sleeps."""

    def watch() -> None:
        limit = time.monotonic() + 20
        while time.monotonic() < limit and not any(map(sleeps, Path("/proc").glob("[0-9]*/cmdline"))):
            time.sleep(0.05)
        work()

    def sleeps(command: Path) -> bool:
        try:
            return command.read_bytes() == f"sleep\0{SLEEP}\0".encode()
        except OSError:  # it has ended
            return False

    threading.Thread(target=watch, daemon=True).start()


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_a_signal_ends_the_editor_and_what_was_saved_arrives(tmp_path: Path, number: signal.Signals) -> None:
    states: list[bytes] = []

    class Came(BaseException):
        pass

    def came(*_: object) -> None:
        raise Came

    before = signal.signal(number, came)
    try:
        when_it_sleeps(lambda: os.kill(os.getpid(), number))
        with pytest.raises(Came):
            edit(script(tmp_path, f'trap "" HUP; echo one >> "$1"; while :; do sleep {SLEEP}; done'), states.append)
    finally:
        signal.signal(number, before)
    assert states == [START + b"one\n"]


@pytest.mark.parametrize("way", ["both", "jail"])
def test_a_killed_keeper_takes_the_editor_with_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, way: str) -> None:
    held_by(way, monkeypatch)
    editors: list[int] = []

    def autosave(text: bytes) -> None:
        editors.append(int(text.split()[-1]))
        assert Path(f"/proc/{editors[0]}").exists()
        for keeping in Path(f"/proc/self/task/{os.getpid()}/children").read_text().split():
            os.kill(int(keeping), signal.SIGKILL)

    done = edit(script(tmp_path, 'echo $$ >> "$1"; while :; do sleep 0.1; done'), autosave)
    assert done.trouble == "signal 9"
    assert done.text == START + f"{editors[0]}\n".encode()
    limit = time.monotonic() + 5
    while Path(f"/proc/{editors[0]}").exists() and time.monotonic() < limit:
        time.sleep(0.01)
    assert not Path(f"/proc/{editors[0]}").exists()


def test_an_editor_with_windows_is_refused_until_it_is_confirmed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("VAULTCLI_SETTINGS", str(tmp_path / "settings.toml"))
    (tmp_path / "settings.toml").write_text("# mine\nvaults = []\n")
    monkeypatch.setenv("DISPLAY", ":7")
    window = script(tmp_path, f'echo "$DISPLAY" >> "$2"; touch {tmp_path}/anywhere', "gedit")
    assert edits.confirmation(window)
    with pytest.raises(Unconfirmed) as refused:
        edit(window)
    assert refused.value.editor == "gedit"
    assert "private-editors" in refused.value.hint
    settings.confirm_editor("gedit")
    settings.confirm_editor("gedit")
    assert (tmp_path / "settings.toml").read_text() == '# mine\nvaults = []\nprivate-editors = ["gedit"]\n'
    done = edit(window)
    assert done.text == START + b":7\n"
    assert (tmp_path / "anywhere").exists(), "it was jailed, and could not have worked"
    assert any("not held by anything" in said for said in done.told)


def test_a_program_with_windows_is_let_go_on(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """It may have other work open; what it holds of the text is said to the user."""
    monkeypatch.setattr(settings, "private_editors", lambda: ("gedit",))
    edit(script(tmp_path, f"sleep 30 & echo $! > {tmp_path}/window; sleep 0.2", "gedit"))
    window = int((tmp_path / "window").read_text())
    os.kill(window, signal.SIGKILL)  # raises where it is gone


def test_an_unknown_editor_is_held_and_named_or_else_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    editor = script(tmp_path, "exit 0", "oddity")
    assert any("oddity is not known to us" in said for said in edit(editor).told)
    monkeypatch.setattr(linux, "landlock_version", lambda: 0)
    with pytest.raises(Unconfirmed, match="no jail"):
        edit(editor)


def test_settings_that_are_no_list_are_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("VAULTCLI_SETTINGS", str(tmp_path / "settings.toml"))
    (tmp_path / "settings.toml").write_text('private-editors = "code"\n')
    with pytest.raises(BadInput, match="no list of names"):
        settings.private_editors()


def test_without_a_place_in_memory_it_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ramfs, "possible", lambda _: False)
    monkeypatch.setattr(ram, "parents", lambda: [Path("/"), Path.home(), tmp_path / "nowhere"])
    monkeypatch.setattr(ram, "MEMORY", frozenset({"no such kind"}))
    with pytest.raises(Refused, match="no place in memory") as refused:
        edit(script(tmp_path, "exit 0"))
    assert "tmpfs" in refused.value.hint


def test_a_text_that_was_cut_off_for_want_of_room_is_not_taken(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = tmp_path / "note.md"
    watch = supervisor.Watch(file, b"the whole text\n")
    file.write_bytes(b"the wh")
    monkeypatch.setattr(ram, "free_bytes", lambda _: 0)
    assert watch.last() is None
    assert watch.short
    file.write_bytes(b"the whole text, and more\n")
    assert watch.last() == b"the whole text, and more\n"
    assert not watch.short
    monkeypatch.undo()
    file.write_bytes(b"short")
    assert watch.last() == b"short", "there is room: it was meant so"


def test_a_file_that_is_being_written_is_let_be(tmp_path: Path) -> None:
    file = tmp_path / "note.md"
    watch = supervisor.Watch(file, b"")
    file.write_bytes(b"ha")
    assert watch.changed() is None
    file.write_bytes(b"half")
    assert watch.changed() is None
    assert watch.changed() == b"half"
    assert watch.changed() is None
