"""Signing what somebody decided to sign: looked at once more, one prompt in all, one commit for each client's line."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, nullcontext
from typing import TYPE_CHECKING

from vaultcli.ground.errors import Refused
from vaultcli.work.notes import draft
from vaultcli.work.notes import sign as signatures
from vaultcli.work.notes.sign import (
    Batch,
    Done,
    Pen,
    Ready,
)

if TYPE_CHECKING:
    from vaultcli.api.clock import Clock
    from vaultcli.ground.ssh.askpass import AskPass
    from vaultcli.places.chart.chart import Chart
    from vaultcli.record.view.entry import Entry

Agreed = Sequence[tuple["Entry", Ready]]
"""Notes with what is to be signed of each."""


def ready(chart: Chart, entry: Entry) -> Ready:
    """A draft as it would be signed.

    Raises:
        Refused: it is finished, somebody is still writing it, it is another's, or it holds no words.
        BadInput: it cannot be read as a note.
    """
    if not entry.open:
        raise Refused(f"{entry.path}: is {entry.state}", hint="`vaultcli amend` adds to a signed note")
    draft.check_closed(chart, entry)
    return signatures.ready(chart, entry.client, entry.path, entry.raw)


def uncounted(_many: int) -> AbstractContextManager[Callable[[], None]]:
    """No progress."""
    return nullcontext(lambda: None)


def sign(
    chart: Chart,
    agreed: Agreed,
    ask: AskPass | None,
    clock: Clock,
    source: str,
    before: Callable[[Pen], None] = lambda _: None,
    counting: Callable[[int], AbstractContextManager[Callable[[], None]]] = uncounted,
) -> Iterator[Done]:
    """Sign and record, one client after the other in the order given; each is told as soon as it is durable.

    Args:
        chart: the chart.
        agreed: the notes; none of a client's is recorded unless all of that client's are.
        ask: how to ask for a passphrase, or None where nobody can be asked.
        clock: gives the time of each signature.
        source: what sets it, `system` or `set`.
        before: called with the key before the first signature.
        counting: gives, for a number of signatures of one client, a context manager with a function that counts them.
    """
    if not agreed:
        return
    batches: dict[str, list[Ready]] = {}
    for entry, one in agreed:
        batches.setdefault(entry.client, []).append(one)
    with signatures.pen(chart, ask) as pen, chart.recorder() as by:
        before(pen)
        for client, ones in batches.items():
            seen = {one.unsigned.path: one.seen for one in ones}
            batch = Batch(client, "sign", [one.unsigned for one in ones], seen)
            with counting(len(ones)) as step:
                done = signatures.sign(chart, batch, pen, by, clock(), source, step)
            yield done
