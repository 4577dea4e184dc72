"""Whether the same vault is on this computer twice."""

from collections.abc import Iterator
from pathlib import Path

from vaultcli.ground.errors import VaultError
from vaultcli.ground.git import config as gitconfig
from vaultcli.places.machine import pins, settings, vault
from vaultcli.work.health.situation import Health, Situation, advice, ok, problem


def look(s: Situation) -> Iterator[Health]:
    """The other vaults of the user's settings: copies of this one, by their copy's id or by their first commit."""
    mine, genesis = s.chart.repository.clone_id, s.chart.policies.genesis
    found = False
    for root in settings.vaults():
        clone = _clone(root, s)
        if clone == mine:
            found = True
            why = (
                "both call themselves the same copy and share their pins: what is recorded in one looks like a loss in the other"
            )
            yield problem(
                f"{root} is this vault's folder, copied",
                why,
                "move one of the two away; `vaultcli init --adopt` makes a second copy",
            )
        elif clone and any(one.genesis == genesis for one in pins.find(clone)):
            found = True
            why = "what is written in one is not in the other until both are synced"
            yield advice(
                f"{root} is another copy of this vault", why, "work in one of them, or keep both in step with `vaultcli sync`"
            )
    if not found:
        yield ok("one copy of this vault on this computer, as far as your settings know")


def _clone(root: Path, s: Situation) -> str:
    """The copy's id of another vault; empty where there is none, or where it is this one."""
    try:
        if not (root / vault.NAME).is_file() or root.resolve() == s.vault.root.resolve():
            return ""
        return gitconfig.read_settings(vault.load(root).chart / ".git").values.get("vaultcli.clone", "")
    except (VaultError, OSError):
        return ""
