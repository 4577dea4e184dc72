"""Whether git's hooks guard the chart against plain git."""

from collections.abc import Iterator

from vaultcli.ground import files
from vaultcli.ground.errors import VaultError
from vaultcli.work import hooking
from vaultcli.work.health.situation import Health, Situation, advice, ok, problem

_WHY = "they keep plain git, a script or an editor's git button from recording what the rules do not admit"


def look(s: Situation) -> Iterator[Health]:
    """Hooks that are missing, somebody else's, of another version, or switched off."""
    folder = s.vault.chart / ".git" / "hooks"
    kinds: dict[str, list[str]] = {"missing": [], "foreign": [], "stale": []}
    for name in hooking.HERE:
        try:
            raw = files.read(folder / name)
        except VaultError:
            kinds["missing"].append(name)
            continue
        if not hooking.is_ours(raw):
            kinds["foreign"].append(name)
        elif raw != hooking.shim(name).encode() or not (folder / name).stat().st_mode & 0o100:
            kinds["stale"].append(name)
    if kinds["missing"]:
        yield problem(f"hooks are missing: {', '.join(kinds['missing'])}", _WHY, "`vaultcli init` in the vault puts them back")
    if kinds["stale"]:
        what = f"hooks of another version or another place: {', '.join(kinds['stale'])}"
        yield advice(what, "they may not find this vaultcli", "`vaultcli init` in the vault brings them up to date")
    if kinds["foreign"]:
        what = f"hooks of somebody else's: {', '.join(kinds['foreign'])}"
        yield advice(what, f"{_WHY}; these do something else", "move them away, then `vaultcli init` in the vault")
    if not any(kinds.values()):
        yield ok("hooks in place")
