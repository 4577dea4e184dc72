"""Whether a cloud service copies the vault or the keys away."""

from collections.abc import Iterator

from vaultcli.places.machine import location
from vaultcli.work.health.situation import Health, Situation, ok, problem


def look(s: Situation) -> Iterator[Health]:
    """The folders of services that are known by name or by what they leave there."""
    found = False
    for path, what in ((s.vault.root, "the vault"), (s.vault.chart, "the chart"), (s.vault.keys, "the key store")):
        service = location.synced(path)
        if service and not (what == "the chart" and found):
            found = True
            yield problem(
                f"{what} lies in a folder of {service}",
                "it is copied to somebody who needs an agreement with you (45 CFR 164.308(b)), and files that are copied"
                " while git writes them come back damaged",
                "move it out of there; `vaultcli sync` brings machines together, `vaultcli backup --to` makes sealed copies",
            )
    if not found:
        yield ok("in no folder that a known service copies away")
