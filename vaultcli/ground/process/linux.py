"""Calls of the Linux kernel that Python 3.11 has no names for; elsewhere each raises `OSError` (`ENOSYS`).

Numbers and flags are those of `<linux/prctl.h>`, `<linux/sched.h>`, `<linux/mount.h>` and `<linux/landlock.h>`; system
calls above 424 have the same number on every architecture.
"""

from __future__ import annotations

import ctypes
import errno
import functools
import os
import struct
import sys

NEW_MOUNTS, NEW_IPC, NEW_USER, NEW_NETWORK = 0x00020000, 0x08000000, 0x10000000, 0x40000000

NO_SUID, NO_DEVICES, RECURSIVE, PRIVATE = 0x2, 0x4, 0x4000, 0x40000

PARENT_DIES, DUMPABLE, DROP_CAPABILITY, ADOPT_ORPHANS, NO_NEW_PRIVILEGES = 1, 4, 24, 36, 38

_MOUNT_SETATTR, _LANDLOCK_CREATE, _LANDLOCK_ADD, _LANDLOCK_RESTRICT = 442, 444, 445, 446
_HERE, _EMPTY_WHOLE_TREE, _READ_ONLY = -100, 0x8000, 0x1
_VERSION_PLEASE = 1


@functools.cache
def _libc() -> ctypes.CDLL:
    if not sys.platform.startswith("linux"):
        raise OSError(errno.ENOSYS, os.strerror(errno.ENOSYS))
    return ctypes.CDLL(None, use_errno=True)


def _checked(result: int) -> int:
    if result < 0:
        number = ctypes.get_errno()
        raise OSError(number, os.strerror(number))
    return result


def prctl(option: int, value: int) -> int:
    """Change something about this process."""
    zero = ctypes.c_ulong(0)
    return _checked(_libc().prctl(ctypes.c_int(option), ctypes.c_ulong(value), zero, zero, zero))


def unshare(flags: int) -> None:
    """Leave the namespaces that this process shares with others."""
    _checked(_libc().unshare(ctypes.c_int(flags)))


def mount(kind: str | None, target: str, flags: int, options: str = "") -> None:
    """Mount a file system that has no device, or change how mounts are passed on."""
    name = kind.encode() if kind else None
    _checked(_libc().mount(name, os.fsencode(target), name, ctypes.c_ulong(flags), options.encode() or None))


def all_mounts_read_only() -> None:
    """Make every mount of this namespace read-only (Linux 5.12)."""
    attributes = ctypes.create_string_buffer(struct.pack("QQQQ", _READ_ONLY, 0, 0, 0), 32)
    size = ctypes.c_size_t(32)
    _checked(_libc().syscall(_MOUNT_SETATTR, _HERE, b"/", ctypes.c_uint(_EMPTY_WHOLE_TREE), attributes, size))


def landlock_version() -> int:
    """The version of Landlock's interface; 0 where the kernel has none, or has it switched off."""
    try:
        return _checked(_libc().syscall(_LANDLOCK_CREATE, None, ctypes.c_size_t(0), ctypes.c_uint(_VERSION_PLEASE)))
    except OSError:
        return 0


def landlock_create(attributes: bytes) -> int:
    """A set of rules that forbids what the attributes name; its descriptor."""
    buffer = ctypes.create_string_buffer(attributes, len(attributes))
    return _checked(_libc().syscall(_LANDLOCK_CREATE, buffer, ctypes.c_size_t(len(attributes)), ctypes.c_uint(0)))


def landlock_allow(rules: int, allowed: int, below: int) -> None:
    """Allow these accesses below the file or folder of a descriptor."""
    rule = struct.pack("=Qi", allowed, below)
    buffer = ctypes.create_string_buffer(rule, len(rule))
    _checked(_libc().syscall(_LANDLOCK_ADD, rules, ctypes.c_int(1), buffer, ctypes.c_uint(0)))


def landlock_restrict(rules: int) -> None:
    """Put this process, and all it will start, under the rules for good."""
    _checked(_libc().syscall(_LANDLOCK_RESTRICT, rules, ctypes.c_uint(0)))
