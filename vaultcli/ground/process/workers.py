"""One function over many items in a few processes: copies of this one, so that nothing has to be handed over first."""

from __future__ import annotations

import contextlib
import gc
import marshal
import os
import signal
from collections.abc import Callable, Iterator, Sequence
from types import TracebackType
from typing import Any, TypeVar

Item = TypeVar("Item")
Result = TypeVar("Result")

MOST = 8
_job: tuple[Callable[[Any], Any], Sequence[Any]] | None = None


def available() -> int:
    """How many processes can work at once."""
    try:
        count = len(os.sched_getaffinity(0))
    except AttributeError:
        count = os.cpu_count() or 1
    return max(1, min(MOST, count))


def spread(work: Callable[[Item], Result], items: Sequence[Item], processes: int) -> Iterator[Result]:
    """The results for all items, as they come.

    Args:
        work: called in a copy of this process, made when the work starts; what it returns travels back pickled.
        items: the pieces of work, the largest best first.
        processes: how many copies; with one, or one item, everything happens here.
    """
    if processes < 2 or len(items) < 2:
        yield from map(work, items)
        return
    import multiprocessing

    global _job
    _job = (work, items)
    try:
        # a copy lives for seconds: what it leaves lying about goes with it
        with multiprocessing.get_context("fork").Pool(min(processes, len(items)), gc.disable) as pool:
            yield from pool.imap_unordered(_one, range(len(items)))
    finally:
        _job = None


def _one(index: int) -> Any:  # noqa: ANN401 - whatever the work returns
    assert _job is not None
    work, items = _job
    return work(items[index])


class Aside:
    """Work that copies of this process do while it goes on with something else; a context manager.

    Nothing is imported for it and no thread runs: it is for a command that has to be quick. A copy only looks; whatever it
    changes stays in it.

    Args:
        work: called with one item; what it returns are plain values (`marshal`).
        items: the pieces of work.
        processes: how many copies; with none everything is done when it is asked for.
    """

    def __init__(self, work: Callable[[str], Any], items: Sequence[str], processes: int) -> None:
        self._work = work
        count = min(processes, len(items))
        self._parts = [list(items[number::count]) for number in range(count)] if count else [list(items)]
        self._copies = [self._begin(part) for part in self._parts] if count else []

    def __enter__(self) -> Aside:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        for process, handle in self._copies:
            os.close(handle)
            with contextlib.suppress(ProcessLookupError):
                os.kill(process, signal.SIGKILL)
            with contextlib.suppress(ChildProcessError):
                os.waitpid(process, 0)
        self._copies = []

    def _begin(self, part: list[str]) -> tuple[int, int]:
        ours, theirs = os.pipe()
        process = os.fork()
        if process:
            os.close(theirs)
            return process, ours
        code = 1
        try:
            gc.disable()
            os.close(ours)
            with open(theirs, "wb") as pipe:  # noqa: PTH123 - a descriptor
                pipe.write(marshal.dumps([self._work(item) for item in part]))
            code = 0
        finally:
            # neither buffers nor exit handlers of the first process are this one's to run
            os._exit(code)

    def results(self) -> dict[str, Any]:
        """What became of each item; what a copy did not finish is done here."""
        found: dict[str, Any] = {}
        for part in self._parts:
            made = self._end() if self._copies else None
            found.update(zip(part, made if made is not None else map(self._work, part), strict=True))
        return found

    def _end(self) -> list[Any] | None:
        process, handle = self._copies.pop(0)
        with open(handle, "rb") as pipe:  # noqa: PTH123 - a descriptor
            raw = pipe.read()
        _, status = os.waitpid(process, 0)
        return list(marshal.loads(raw)) if status == 0 and raw else None  # noqa: S302 - from a copy of this process
