"""Whether this machine's pins are there: what it remembers of the record."""

from collections.abc import Iterator

from vaultcli.ground.errors import BadInput
from vaultcli.places.machine import pins
from vaultcli.work.health.situation import Health, Situation, ok, problem

_WHY = "without them an older state, or another history, put in the place of this one would look right"


def look(s: Situation) -> Iterator[Health]:
    """The pins of this copy."""
    try:
        known = pins.load(s.chart.policies.genesis, s.chart.repository.clone_id)
    except BadInput as error:
        yield problem(error.message, _WHY, error.hint)
        return
    if known is None:
        yield problem(
            "this machine has no pin for this vault", _WHY, "adopt it into a new folder, with --genesis from the recovery page"
        )
    else:
        yield ok(f"pinned since {known.since[:10]} ({known.how})")
