"""Whether git's object store is tidy: loose objects and packs."""

from collections.abc import Iterator

from vaultcli.ground.repository.repository import MANY
from vaultcli.work.health.situation import Health, Situation, advice, ok

_PACKS = 50


def look(s: Situation) -> Iterator[Health]:
    """Loose objects and packs, which slow everything down when there are many."""
    repository = s.chart.repository
    loose = repository.git.loose()
    packs = len(list((repository.directory / "objects" / "pack").glob("*.pack")))
    if loose >= MANY * 2 or packs > _PACKS:
        what = f"{loose} loose objects, {packs} packs"
        yield advice(
            what,
            "git gets slow with thousands of small files",
            "`git -C chart repack -d -l --keep-unreachable`; never `gc --prune`",
        )
    else:
        yield ok(f"{loose} loose objects, {packs} packs")
