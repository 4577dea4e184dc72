"""Whether there is a copy for the day when the disk dies, and how old it is."""

from collections.abc import Iterator
from datetime import timedelta

from vaultcli.work.backup import last
from vaultcli.work.backup.last import LastBackup
from vaultcli.work.health.situation import Health, Situation, advice, ok, problem

SOON, LATE = timedelta(days=7), timedelta(days=30)
"""After how long without a backup it is said, and after how long it is a problem, if something was recorded since."""
_WHY = "retrievable exact copies are asked of you by law (45 CFR 164.308(a)(7)), and disks die without notice"
_DO = "`vaultcli backup DIR`, DIR on another disk; try a restore now and then"


def look(s: Situation) -> Iterator[Health]:
    """The newest clean backup of this copy."""
    found = last.last(s.chart)
    if found is None:
        some = bool(s.chart.client_ids())
        yield (problem if some else advice)("this machine knows of no backup", _WHY, _DO)
        return
    age = s.machine.now - found.time
    what = _words(found, age)
    if age > LATE and found.since:
        yield problem(what, _WHY, _DO)
    elif age > SOON and found.since:
        yield advice(what, _WHY, _DO)
    else:
        yield ok(what)
    if not found.apart:
        yield advice(f"the newest backup lies on the vault's own disk: {found.place}", "it dies with that disk", _DO)


def _words(found: LastBackup, age: timedelta) -> str:
    days = max(0, age.days)
    old = "today" if not days else "1 day old" if days == 1 else f"{days} days old"
    since = f", {found.since} commits recorded since" if found.since else ", nothing recorded since"
    return f"backup {old}{since}; places: {found.places}"
