"""What many tests begin with, made once in each process of the tests and copied from then on.

    world = shelf.of(("vault", people), tmp_path, lambda folder: make(folder / "vault", people))

A vault takes some thirty starts of git and ssh-keygen to make, and none to copy. What is copied is a folder, what the
making left in the home (pins, caches), and the value that it gave; wherever the place of the first one is named, in a text
of git or of ours or in the value, the copy names its own. A test that asks for the same thing twice is given two.
"""

from __future__ import annotations

import io
import os
import pickle
import tempfile
from collections import Counter
from collections.abc import Callable, Hashable
from pathlib import Path
from typing import Any, TypeVar
from unittest import mock

import pytest

from tests import isolation

T = TypeVar("T")
_SMALL = 64 * 1024
_AS_THEY_ARE = ("objects",)
"""Folders whose files name no place."""


class Shelf:
    """The first ones, of one process of the tests.

    Args:
        folder: where they lie.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._made: dict[Hashable, tuple[Path, bytes]] = {}
        self._given: Counter[Hashable] = Counter()
        self._making = False

    def next_test(self) -> None:
        """Another test begins, which may be given the first ones again."""
        self._given.clear()

    def give(self, key: Hashable, folder: Path, make: Callable[[Path], T]) -> T:
        """A copy of what is made; see `of`. What is made while something is made belongs to that alone."""
        if self._making:
            return make(folder)
        numbered = (key, self._given[key])
        self._given[key] += 1
        if numbered not in self._made:
            self._made[numbered] = self._first(make)
        top, value = self._made[numbered]
        places = {str(top / "place"): str(folder), str(top / "home"): os.environ["HOME"]}
        for old, new in places.items():
            _copy(old, new, {os.fsencode(old): os.fsencode(new) for old, new in places.items()})
        return _Reading(io.BytesIO(value), tuple(places.values())).load()  # type: ignore[no-any-return]

    def _first(self, make: Callable[[Path], T]) -> tuple[Path, bytes]:
        top = Path(tempfile.mkdtemp(dir=self.folder))
        for name in ("place", "home"):
            (top / name).mkdir(parents=True)
        self._making = True
        try:
            with mock.patch.dict(os.environ, isolation.home(top / "home")):
                value = make(top / "place")
        finally:
            self._making = False
        out = io.BytesIO()
        _Writing(out, (str(top / "place"), str(top / "home"))).dump(value)
        return top, out.getvalue()


SHELF: Shelf | None = None
"""The shelf of this process; None outside pytest, where everything is made where it is wanted."""


def of(key: Hashable, folder: Path, make: Callable[[Path], T]) -> T:
    """A copy of what is made, in a folder of its own.

    Args:
        key: what it is; the same key, the same thing.
        folder: the copy's; it may hold other things.
        make: makes the first one in an empty folder, and gives a value that pickle can hold; it is to depend on the key
            alone.
    """
    return SHELF.give(key, folder, make) if SHELF else make(folder)


def made_once(make: Callable[[Path], T]) -> Callable[..., T]:
    """A fixture that gives each test a copy, in its `tmp_path`, of what the function makes in a folder."""

    @pytest.fixture
    def given(tmp_path: Path) -> T:
        return of((make.__module__, make.__qualname__), tmp_path, make)

    given.__doc__ = make.__doc__
    return given  # type: ignore[no-any-return]


def _copy(old: str, new: str, places: dict[bytes, bytes]) -> None:
    there = os.path.isdir(new)
    os.makedirs(new, exist_ok=True)
    with os.scandir(old) as entries:
        for entry in entries:
            target = os.path.join(new, entry.name)
            if entry.is_symlink():
                os.symlink(os.readlink(entry.path), target)
            elif entry.is_dir():
                _copy(entry.path, target, {} if entry.name in _AS_THEY_ARE else places)
            else:
                _copy_file(entry, target, places)
    if not there:
        os.chmod(new, os.stat(old).st_mode & 0o7777)


def _copy_file(entry: os.DirEntry[str], target: str, places: dict[bytes, bytes]) -> None:
    found = entry.stat()
    with open(entry.path, "rb") as source:
        raw = source.read()
    if len(raw) < _SMALL:
        for old, new in places.items():
            raw = raw.replace(old, new)
    handle = os.open(target, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    try:
        os.write(handle, raw)
        os.fchmod(handle, found.st_mode & 0o7777)
        os.utime(handle, ns=(found.st_atime_ns, found.st_mtime_ns))
    finally:
        os.close(handle)


class _Writing(pickle.Pickler):
    """Writes a place, and what is in it, as where it is from there."""

    def __init__(self, out: io.BytesIO, tops: tuple[str, ...]) -> None:
        super().__init__(out)
        self._tops = tops

    def persistent_id(self, obj: object) -> Any:
        if isinstance(obj, Path | str):
            text = str(obj)
            for number, top in enumerate(self._tops):
                if text == top or text.startswith(top + os.sep):
                    return isinstance(obj, Path), number, text[len(top) :]
        return None


class _Reading(pickle.Unpickler):
    def __init__(self, source: io.BytesIO, places: tuple[str, ...]) -> None:
        super().__init__(source)
        self._places = places

    def persistent_load(self, pid: Any) -> object:
        is_path, number, rest = pid
        text = self._places[number] + rest
        return Path(text) if is_path else text
