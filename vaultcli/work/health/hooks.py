"""Whether git's hooks guard the chart against plain git."""

from collections.abc import Iterator

from vaultcli.places.remote import hooks
from vaultcli.work.health.situation import Health, Situation, advice, ok, problem

_WHY = "they keep plain git, a script or an editor's git button from recording what the rules do not admit"


def look(s: Situation) -> Iterator[Health]:
    """Hooks that are missing, somebody else's, of another version, or switched off."""
    found = hooks.standing(s.vault.chart / ".git", hooks.CHART)
    missing, stale, foreign = (
        ", ".join(name for name, how in found.items() if how == which) for which in (hooks.MISSING, hooks.STALE, hooks.FOREIGN)
    )
    if missing:
        yield problem(f"hooks are missing: {missing}", _WHY, "`vaultcli init` in the vault puts them back")
    if stale:
        what = f"hooks of another version or another place: {stale}"
        yield advice(what, "they may not find this vaultcli", "`vaultcli init` in the vault brings them up to date")
    if foreign:
        what = f"hooks of somebody else's: {foreign}"
        yield advice(what, f"{_WHY}; these do something else", "move them away, then `vaultcli init` in the vault")
    if not (missing or stale or foreign):
        yield ok("hooks in place")
