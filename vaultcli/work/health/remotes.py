"""Whether somebody holds the record without an agreement."""

from collections.abc import Iterator

from vaultcli.work.health.situation import Health, Situation, ok, problem
from vaultcli.work.sync import remotes


def look(s: Situation) -> Iterator[Health]:
    """Remotes with nothing noted of the right by which they may hold clinical records."""
    there = remotes.listed(s.chart)
    for one in there:
        if not one.agreement:
            yield problem(
                f"nothing is recorded of the right by which {one.name} may hold the record",
                "whoever keeps clinical records for you, sealed ones too, needs a business associate agreement first"
                " (45 CFR 164.308(b), 164.502(e))",
                f"`vaultcli sync add {one.name} {one.url}` with --own-machine or --agreement, or `git remote remove {one.name}`",
            )
    if all(one.agreement for one in there):
        yield ok(f"remotes with their agreements: {', '.join(one.name for one in there)}" if there else "no remotes")
