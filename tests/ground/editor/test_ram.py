"""Private folders: in memory for certain, and gone when nobody uses them."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from vaultcli.ground.editor import ram, ramfs
from vaultcli.ground.errors import DiskTrouble

pytestmark = pytest.mark.skipif(not sys.platform.startswith("linux"), reason="SKIPPED: memory was NOT tried on this system")


@pytest.fixture
def memory(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder that passes for memory, as the only one."""
    monkeypatch.setattr(ram, "parents", lambda: [tmp_path])
    monkeypatch.setattr(ram, "file_system", lambda _: "tmpfs")
    monkeypatch.setattr(ramfs, "possible", lambda _: False)
    monkeypatch.setattr(ram, "_SWAPS", tmp_path / "none")
    return tmp_path


def test_the_kernel_is_asked_what_a_folder_is_on() -> None:
    assert ram.file_system(Path("/proc")) == "proc"
    assert ram.file_system(Path("/nowhere")) == ""
    if Path("/dev/shm").is_dir():
        assert ram.file_system(Path("/dev/shm")) == "tmpfs"


def test_a_folder_on_a_disk_is_passed_over(tmp_path: Path, memory: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    disk = tmp_path / "disk"
    disk.mkdir()
    monkeypatch.setattr(ram, "parents", lambda: [disk, memory])
    monkeypatch.setattr(ram, "file_system", lambda path: "ext4" if path == disk else "tmpfs")
    taken = ram.take(0)
    assert taken.folder.parent == memory
    taken.free()


def test_a_folder_is_ours_alone_and_named_at_random(memory: Path) -> None:
    one, two = ram.take(0), ram.take(0)
    assert one.folder != two.folder
    assert one.folder.stat().st_mode & 0o777 == 0o700
    assert not one.own
    assert any("folder on tmpfs" in said for said in one.told)
    (one.folder / "deep").mkdir()
    (one.folder / "deep" / "note.md").touch()
    one.free()
    two.free()
    assert list(memory.iterdir()) == []


def test_a_full_memory_is_told_before_anybody_types(memory: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ram, "free_bytes", lambda _: ram.LEAST - 1)
    with pytest.raises(DiskTrouble, match="memory for files is full"):
        ram.take(0)
    monkeypatch.setattr(ram, "free_bytes", lambda _: ram.LEAST)
    with pytest.raises(DiskTrouble):
        ram.take(ram.LEAST)
    ram.take(1).free()


def test_a_sweep_takes_what_nobody_uses_and_nothing_else(memory: Path) -> None:
    used = ram.take(0)
    left = memory / f"{ram.PREFIX}left"
    left.mkdir()
    (left / "note.md").write_text("x")
    other = memory / "vaultcli-other"
    other.mkdir()
    outside = memory / "outside"
    outside.mkdir()
    (memory / f"{ram.PREFIX}link").symlink_to(outside)
    assert ram.sweep() == 1
    assert {path.name for path in memory.iterdir()} == {used.folder.name, other.name, outside.name, f"{ram.PREFIX}link"}
    used.free()


def test_what_a_killed_process_left_is_swept(memory: Path) -> None:
    code = (
        "import os, pathlib, sys; from vaultcli.ground.editor import ram, ramfs; ramfs.possible = lambda _: False;"
        "ram.parents = lambda: [pathlib.Path(sys.argv[1])]; ram.file_system = lambda _: 'tmpfs';"
        "taken = ram.take(0); (taken.folder / 'note.md').write_text('x'); print('there', flush=True); os.read(0, 1)"
    )
    process = subprocess.Popen([sys.executable, "-c", code, str(memory)], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    assert process.stdout
    assert process.stdout.readline() == b"there\n"
    assert ram.sweep() == 0, "it is in use"
    process.kill()
    process.communicate()
    assert len(list(memory.glob(f"{ram.PREFIX}*/note.md"))) == 1
    assert ram.sweep() == 1
    assert list(memory.iterdir()) == []


@pytest.mark.parametrize(
    ("swaps", "named"),
    [
        ("Filename Type Size Used Priority\n", []),
        ("Filename Type Size Used Priority\n/dev/zram0 partition 9 0 100\n", []),
        ("Filename Type Size Used Priority\n/swapfile file 9 0 -2\n/dev/zram0 partition 9 0 100\n", ["/swapfile"]),
    ],
)
def test_swap_is_said(memory: Path, monkeypatch: pytest.MonkeyPatch, swaps: str, named: list[str]) -> None:
    file = memory / "swaps"
    file.write_text(swaps)
    monkeypatch.setattr(ram, "_SWAPS", file)
    assert ram.swaps() == named
    taken = ram.take(0)
    assert any("swap is on" in said for said in taken.told) is bool(named)
    taken.free()


def test_nobody_sees_a_file_system_of_ones_own() -> None:
    if not (taken := ram.take(0)).own:
        taken.free()
        pytest.skip("SKIPPED: this machine gives no file system of one's own, so it was NOT tried")
    ours, theirs = os.pipe()
    go, on = os.pipe()
    process = os.fork()
    if not process:
        ramfs.enter(taken.folder)
        (taken.folder / "note.md").write_text("x")
        kind = ram.file_system(taken.folder)
        os.write(theirs, kind.encode())
        os.close(on)
        os.read(go, 1)
        os._exit(0)
    assert os.read(ours, 9) == b"ramfs"
    assert list(taken.folder.iterdir()) == []
    os.close(on)
    os.waitpid(process, 0)
    taken.free()
    assert not taken.folder.exists()
