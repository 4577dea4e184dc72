"""A file system in memory that only one process and its children see: ramfs in user and mount namespaces of their own.

ramfs is never written to swap, nobody else's `ls` reaches it, and it is gone when the last process in it is, however
that came. In the same namespace every other mount is made read-only, and there is no network. Needs no rights where the
kernel lets users have namespaces; some distributions do not, so it is tried first, in a process that ends at once.
"""

from __future__ import annotations

import os
from contextlib import suppress
from pathlib import Path

from vaultcli.ground.process import linux

FILE_SYSTEM = "ramfs"


def possible(folder: Path) -> bool:
    """Whether this machine gives a user such a file system; tried in a process of its own.

    Args:
        folder: an empty one, to mount it on.
    """
    process = os.fork()
    if process:
        return os.waitstatus_to_exitcode(os.waitpid(process, 0)[1]) == 0
    try:
        enter(folder)
        (folder / "tried").touch()
        os._exit(0)
    finally:
        os._exit(1)


def enter(folder: Path) -> bool:
    """Put this process into namespaces of its own and mount the file system on a folder; it cannot leave again.

    Args:
        folder: an empty one.

    Returns:
        whether all other mounts are read-only there.

    Raises:
        OSError: the kernel does not give it; this process may be half in, and can only end.
    """
    user, group = os.getuid(), os.getgid()
    with suppress(OSError):
        linux.prctl(linux.DUMPABLE, 1)  # its own maps are root's to write otherwise
    linux.unshare(linux.NEW_USER | linux.NEW_MOUNTS | linux.NEW_NETWORK | linux.NEW_IPC)
    Path("/proc/self/setgroups").write_text("deny", encoding="ascii")
    Path("/proc/self/uid_map").write_text(f"{user} {user} 1", encoding="ascii")
    Path("/proc/self/gid_map").write_text(f"{group} {group} 1", encoding="ascii")
    linux.mount(None, "/", linux.RECURSIVE | linux.PRIVATE)
    shut = True
    try:
        linux.all_mounts_read_only()
    except OSError:
        shut = False
    linux.mount(FILE_SYSTEM, str(folder), linux.NO_SUID | linux.NO_DEVICES, "mode=700")
    return shut
