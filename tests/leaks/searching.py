"""The search for words that must be nowhere: in files, their names and links, in raw disks, in the process list."""

from __future__ import annotations

import base64
import os
import secrets
import stat
import threading
from collections.abc import Iterator
from pathlib import Path
from types import TracebackType
from typing import Self

CHUNK = 1 << 20


def canary(what: str) -> str:
    """A word that no disk has."""
    return f"{what}" + "".join(secrets.choice("ABCDEFGHJKLMNPQRSTUVWXYZ") for _ in range(14))


def forms(word: str) -> list[bytes]:
    """How a word may lie on a disk: UTF-8, UTF-16, and Base64 from each of the three places where it can begin."""
    raw = word.encode()
    coded = [base64.b64encode(b"\0" * skip + raw)[4 if skip else 0 : -4] for skip in range(3)]
    return [raw, word.encode("utf-16-le"), word.encode("utf-16-be"), *coded]


class Search:
    """A search for several words.

    Args:
        words: what must not be found.
    """

    def __init__(self, words: list[str]) -> None:
        self.words = words
        self._forms = [form for word in words for form in forms(word)]
        self._longest = max(map(len, self._forms))

    def hits(self, raw: bytes) -> bool:
        """Whether any form of any word is in the bytes."""
        return any(form in raw for form in self._forms)

    def folders(self, tops: list[Path], since: float = 0.0) -> list[str]:
        """Files below the folders whose bytes, name or target have one of the words.

        Args:
            tops: where to look.
            since: files that were last changed before this time are left out.
        """
        return sorted({str(path) for top in tops for path in _below(top) if self._in_file(path, since)})

    def _in_file(self, path: Path, since: float) -> bool:
        try:
            found = path.lstat()
            if self.hits(os.fsencode(path.name)):
                return True
            if stat.S_ISLNK(found.st_mode):
                return self.hits(os.fsencode(os.readlink(path)))
            return stat.S_ISREG(found.st_mode) and found.st_ctime >= since and self.raw(path)
        except OSError:
            return False

    def raw(self, path: Path) -> bool:
        """Whether a file or a disk image has one of the words anywhere in its bytes."""
        before = b""
        with path.open("rb") as stream:
            while part := stream.read(CHUNK):
                if self.hits(before + part):
                    return True
                before = part[-self._longest :]
        return False


OTHERS = "pytest-of-"
"""How the folders of all tests begin: what other tests do there is no concern of this one."""


def _below(top: Path) -> Iterator[Path]:
    for folder, folders, names in os.walk(top):
        folders[:] = [name for name in folders if not name.startswith(OTHERS)]
        yield from (Path(folder, name) for name in (*folders, *names))


class Processes:
    """Looks at every process's command line and environment again and again while a test runs; a context manager.

    Attributes:
        found: what had one of the words.
        looks: how many processes were looked at.
    """

    def __init__(self, search: Search, pause: float = 0.03) -> None:
        self._search = search
        self._pause = pause
        self._done = threading.Event()
        self._thread = threading.Thread(target=self._watch, daemon=True)
        self.found: set[str] = set()
        self.looks = 0
        self._kernels: set[str] = set()
        self._seen: dict[str, bytes] = {}

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self._done.set()
        self._thread.join()

    def _watch(self) -> None:
        while not self._done.wait(self._pause):
            for process in filter(str.isdigit, os.listdir("/proc")):
                if process not in self._kernels:
                    self._look(process)

    def _look(self, process: str) -> None:
        for name in ("cmdline", "environ"):
            path = f"/proc/{process}/{name}"
            try:
                with open(path, "rb") as stream:
                    raw = stream.read()
            except OSError:
                continue
            self.looks += 1
            if not raw and name == "cmdline" and not os.path.exists(f"/proc/{process}/exe"):
                self._kernels.add(process)  # a thread of the kernel, which never has any
                return
            if raw != self._seen.get(path):
                self._seen[path] = raw
                if self._search.hits(raw):
                    self.found.add(path)
