"""Whether the git folder holds what we did not put there: settings, grafts, borrowed objects."""

from collections.abc import Iterator

from vaultcli.work.health.situation import Health, Situation, advice, ok


def look(s: Situation) -> Iterator[Health]:
    """What the repository itself finds odd; settings that could run a program were refused before."""
    found = s.chart.repository.oddities()
    if s.chart.repository.settings.values.get("extensions.preciousobjects") != "true":
        why = "`git gc --prune=now` beside a save may delete what is just being recorded"
        yield advice("stock git may delete objects here", why, "`vaultcli init` in the vault tells git not to")
    for text in found:
        why = "vaultcli takes no notice of it; plain git may show another history, or do something else"
        yield advice(text, why, "find out who put it there, and take it out")
    if not found:
        yield ok("nothing foreign in it; settings that run programs are switched off for every call")
