"""One function over many items in a few processes: copies of this one, so that nothing has to be handed over first."""

from __future__ import annotations

import gc
import os
from collections.abc import Callable, Iterator, Sequence
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
