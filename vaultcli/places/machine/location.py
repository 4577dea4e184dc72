"""Where a vault lies: in a folder that some service copies away, on a disk that a thief could read.

Only what the system says without asking a program or the network; where that is nothing, the answer is that we cannot
tell, never that all is well.
"""

from __future__ import annotations

import os
import re
from pathlib import Path

_SERVICES = {
    "dropbox": "Dropbox",
    "icloud drive": "iCloud",
    "mobile documents": "iCloud",
    "onedrive": "OneDrive",
    "google drive": "Google Drive",
    "googledrive": "Google Drive",
    "nextcloud": "Nextcloud",
    "owncloud": "ownCloud",
    "pcloud": "pCloud",
    "megasync": "MEGA",
    "syncthing": "Syncthing",
}
_MARKERS = {
    ".dropbox": "Dropbox",
    ".dropbox.cache": "Dropbox",
    ".stfolder": "Syncthing",
    ".nextcloudsync.log": "Nextcloud",
    ".owncloudsync.log": "ownCloud",
    ".tmp.driveupload": "Google Drive",
}


def synced(path: Path) -> str:
    """The service whose folder the path lies in, by its name or the marks that the service leaves; empty for none."""
    for folder in (path, *path.parents):
        name = folder.name.lower()
        for known, service in _SERVICES.items():
            if name == known or name.startswith((f"{known} -", f"{known} (", f"{known}-")):
                return service
        for marker, service in _MARKERS.items():
            if (folder / marker).exists():
                return service
        if folder == Path.home():
            break
    return ""


def encrypted(path: Path, root: Path = Path("/")) -> bool | None:
    """Whether the disk under a path is encrypted, as far as the kernel says; None where it does not.

    Args:
        path: exists, or one above it does.
        root: where `/proc` and `/sys` are.
    """
    while not path.exists():
        path = path.parent
    device = _device(path, root)
    if device is None:
        return None
    block = root / "sys/dev/block" / device
    return is_crypt(block) if block.exists() else None


_OVERLAYS = {"ecryptfs": "eCryptfs", "fuse.gocryptfs": "gocryptfs", "fuse.cryfs": "CryFS", "fuse.encfs": "EncFS"}


def overlay(path: Path, root: Path = Path("/")) -> str:
    """What encrypts the folder that a path lies in, file by file, by the name of its file system; empty for nothing known."""
    _, kind, _ = _mount(path, root)
    return _OVERLAYS.get(kind, "")


def _device(path: Path, root: Path) -> str | None:
    """`major:minor` of the file system that the path is on, from `mountinfo`, which knows it also for btrfs."""
    found, _, source = _mount(path, root)
    if found.startswith("0:"):
        return _number(source)
    return found or None


def _mount(path: Path, root: Path) -> tuple[str, str, str]:
    """`major:minor`, type and source of the file system that the path is on; empty where that cannot be told."""
    try:
        rows = (root / "proc/self/mountinfo").read_text(encoding="utf-8", errors="surrogateescape").splitlines()
    except OSError:
        return "", "", ""
    where = os.path.realpath(path)
    best, found = -1, ("", "", "")
    for row in rows:
        left, _, right = row.partition(" - ")
        words, last = left.split(), right.split()
        if len(words) < 5 or len(last) < 2:
            continue
        point = re.sub(r"\\([0-7]{3})", lambda match: chr(int(match[1], 8)), words[4])
        if (where == point or where.startswith(point.rstrip("/") + "/")) and len(point) >= best:
            best, found = len(point), (words[2], last[0], last[1])
    return found


def _number(source: str) -> str | None:
    try:
        status = os.stat(source)  # noqa: PTH116 - a device, whose numbers are wanted
    except OSError:
        return None
    return f"{os.major(status.st_rdev)}:{os.minor(status.st_rdev)}" if status.st_rdev else None


def is_crypt(block: Path) -> bool:
    """Whether a block device (its folder in `/sys`) is dm-crypt, or everything that it is built from is."""
    try:
        if (block / "dm/uuid").read_text().startswith("CRYPT-"):
            return True
    except OSError:
        pass
    below = sorted((block / "slaves").iterdir()) if (block / "slaves").is_dir() else []
    if not below and (block / "partition").exists():
        return is_crypt(block.resolve().parent)
    return bool(below) and all(is_crypt(one) for one in below)


def warnings(root: Path, keys: Path) -> list[str]:
    """What the owner of a vault in this place ought to know; one sentence each."""
    said = []
    for path, what in ((root, "the vault"), (keys, "the key store")):
        service = synced(path)
        if service:
            said.append(f"{what} lies in a folder of {service}, which copies it away and may damage it while it is written")
    state = encrypted(root)
    if state is False:
        said.append("the disk under the vault is not encrypted: whoever takes the machine can read the notes")
    elif state is None:
        said.append("whether the disk under the vault is encrypted cannot be told here: see to it that it is")
    return said


def history_line(environ: dict[str, str] | None = None) -> str:
    """The line that keeps vaultcli's arguments, which may be names, out of the shell's history, and where it goes."""
    shell = Path((environ if environ is not None else dict(os.environ)).get("SHELL", "bash")).name
    if shell == "zsh":
        return "in ~/.zshrc: zshaddhistory() { [[ $1 != vaultcli\\ * ]] }   # keeps names out of the shell's history"
    if shell == "fish":
        return "fish: begin commands that hold a name with a space; they stay out of the history"
    return "in ~/.bashrc: HISTIGNORE='vaultcli *'   # keeps names out of the shell's history"
