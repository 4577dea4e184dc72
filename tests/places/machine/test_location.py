"""Where a vault lies: synced folders by their names and marks, encryption by what the kernel says."""

from __future__ import annotations

import os

import pytest

from tests import isolation
from vaultcli.places.machine import location


@pytest.mark.parametrize(
    ("folder", "service"),
    [
        ("Dropbox/notes", "Dropbox"),
        ("OneDrive - Clinic/notes", "OneDrive"),
        ("Library/Mobile Documents/x", "iCloud"),
        ("Nextcloud", "Nextcloud"),
        ("notes", ""),
        ("dropboxes/notes", ""),
    ],
)
def test_a_synced_folder_is_known_by_its_name(tmp_path, folder, service):
    assert location.synced(tmp_path / folder) == service


def test_and_by_the_marks_of_the_service(tmp_path):
    (tmp_path / "mine" / "deep").mkdir(parents=True)
    (tmp_path / "mine" / ".stfolder").mkdir()
    assert location.synced(tmp_path / "mine" / "deep" / "vault") == "Syncthing"


def _system(root, uuid: str | None, *, below: str = "") -> None:
    """A kernel's own files, for a disk 8:1 that may be dm-crypt, or a volume upon one."""
    info = root / "proc/self"
    info.mkdir(parents=True)
    (info / "mountinfo").write_text("22 1 8:1 / / rw - ext4 /dev/sda1 rw\n25 22 0:5 / /proc rw - proc proc rw\n")
    block = root / "sys/dev/block/8:1"
    (block / "dm").mkdir(parents=True)
    if uuid is not None:
        (block / "dm/uuid").write_text(uuid)
    if below:
        (block / "slaves/dm-0/dm").mkdir(parents=True)
        (block / "slaves/dm-0/dm/uuid").write_text(below)


@pytest.mark.parametrize(
    ("uuid", "below", "answer"),
    [
        ("CRYPT-LUKS2-abc-root\n", "", True),
        ("LVM-abc\n", "CRYPT-LUKS2-abc\n", True),
        ("LVM-abc\n", "LVM-def\n", False),
        (None, "", False),
    ],
)
def test_encryption_is_what_the_kernel_says(tmp_path, uuid, below, answer):
    _system(tmp_path, uuid, below=below)
    assert location.encrypted(tmp_path, tmp_path) is answer


def test_where_the_kernel_says_nothing_nobody_can_tell(tmp_path):
    assert location.encrypted(tmp_path, tmp_path) is None


def test_the_line_for_the_shell_that_runs():
    assert "HISTIGNORE" in location.history_line({"SHELL": "/bin/bash"})
    assert "zshaddhistory" in location.history_line({"SHELL": "/usr/bin/zsh"})


def test_bash_keeps_names_out_with_that_line(tmp_path):
    line = location.history_line({"SHELL": "/bin/bash"}).split(": ", 1)[1].split("   #")[0]
    lines = (f"HISTFILE={tmp_path}/h", "set -o history", line, "vaultcli() { :; }")
    script = "\n".join((*lines, "vaultcli client add Ada", "echo kept", "history -w", ""))
    import subprocess

    env = {**isolation.plain(), "PATH": os.environ["PATH"]}
    subprocess.run(["bash", "--norc"], input=script, text=True, env=env, capture_output=True, check=True)
    said = (tmp_path / "h").read_text()
    assert "echo kept" in said
    assert "Ada" not in said
