"""Whether anything of a client's may be destroyed: the one function that everything asks which deletes or destroys.

A hold forbids destruction, never disclosure. What cannot be read, does not verify, is not saved, or is not known to be all
that there is (a remote that was not asked) counts as a hold. `docs/spec/client.md`, "Holds".
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import suppress
from datetime import datetime

from vaultcli.ground import files
from vaultcli.ground.errors import BadInput, NotFound, Refused, VaultError
from vaultcli.ground.repository import remote as gitremote
from vaultcli.places.chart.chart import BRANCH, Chart
from vaultcli.places.remote import remotes
from vaultcli.record import message as messages
from vaultcli.record.finding import Finding
from vaultcli.record.notes import client as register
from vaultcli.record.notes import hold
from vaultcli.record.notes.hold import Free, Hold
from vaultcli.record.rules import succession

MISFILED = "misfiled-text"
"""The one ground on which something may be sealed away though a hold binds."""
_END = "`vaultcli client edit CLIENT --hold '' --hold-ended 'WHY, SINCE WHEN'` ends one on purpose; its history tells who did"


def free(chart: Chart, client_id: str, now: datetime, findings: Iterable[Finding]) -> Free:
    """That nothing forbids to destroy what is kept of a client; reads, asks every remote of the chart, and changes nothing.

    The remotes may take long: no lock is to be held.

    Args:
        chart: the chart.
        client_id: whose.
        now: the clock.
        findings: what verification of the vault, or of that line, has just found.

    Raises:
        Refused: a hold, a day of retention, or something because of which none could be seen.
    """
    for one in (client_id, *_members(chart, client_id)):
        _refuse(why(chart, one, now))
    _refuse(_unsynced(chart, client_id))
    _refuse(_unverified(findings, f"client/{client_id}"))
    return Free(client_id, now.date().isoformat())


def all_known(chart: Chart, findings: Iterable[Finding]) -> None:
    """That a client who is not in the register is in no remote's either, as far as can be seen.

    Raises:
        Refused: a remote has lines that are not here or cannot be asked, or the register does not verify.
    """
    here = chart.repository.lines()
    for one in remotes.listed(chart.repository.directory):
        try:
            there = gitremote.Remote(chart.repository.git, one.url).refs()
        except VaultError as error:
            _refuse(f"{one.name} cannot be asked whether it knows of a hold: {error.message}")
        else:
            if any(ref.removeprefix("refs/heads/") not in here for ref in there):
                _refuse(f"{one.name} has clients that are not here, and one may be held: sync first")
    for found in findings:
        _refuse(f"the chart does not verify, so that a hold could not be seen: {found.text()}")


def why(chart: Chart, client_id: str, now: datetime) -> str:
    """Why nothing of a client's is destroyed, as far as this copy of the chart tells; empty where nothing forbids it."""
    try:
        found = of(chart, client_id).why(now.date())
        return found or _unsaved(chart, client_id)
    except VaultError as error:
        return f"the register cannot be read, so that a hold could not be seen: {error.message}"


def of(chart: Chart, client_id: str, head: str = "") -> Hold:
    """What binds on a client's line, from every version of the entry on it.

    Args:
        chart: the chart.
        client_id: whose.
        head: up to which commit (bare id); the line's own when left out.

    Raises:
        NotFound: there is no such line.
    """
    return hold.bound(_versions(chart, client_id, head))


def lost_by(chart: Chart, client_id: str, new: str, now: datetime) -> str:
    """Why a succession that was made elsewhere is not followed here, where following deletes the line so far.

    What a hold binds may only go where a misfiled text was sealed away, and the new line says that it is held.

    Args:
        chart: the chart; the line is as it was.
        client_id: whose.
        new: the head that would replace it (bare id); its objects are here.
        now: the clock.
    """
    reason = why(chart, client_id, now)
    if not reason:
        return ""
    repository, line = chart.repository, chart.line(client_id)
    try:
        said = succession.parse((repository.read(new, succession.PATH) or b"").decode())
        after = hold.bound([register.parse(repository.read(new, register.PATH) or b"")])
    except (VaultError, ValueError) as error:
        return f"{reason}; and what would replace the line cannot be read: {error}"
    old = {messages.trailer(oid) for oid in (*line.oids, *line.old_oids)}
    made = [(said.ground, said.sealed), *((one.ground, one.sealed) for one in said.earlier if one.root not in old)]
    kept = all(ground == MISFILED and sealed for ground, sealed in made) and after.why(now.date())
    return "" if kept else reason


def _versions(chart: Chart, client_id: str, head: str = "") -> Iterator[register.Client | None]:
    repository, branch = chart.repository, f"client/{client_id}"
    head = head or repository.head(branch) or ""
    if not head:
        raise NotFound(f"no client with the id {client_id}")
    parent = None
    for oid in repository.git.rev_list(head):
        for change in repository.changes(parent, oid):
            if change.path == register.PATH and change.after is not None:
                raw = repository.objects.blob(change.after)
                try:
                    yield register.parse(raw, f"{branch}:{register.PATH}")
                except BadInput:
                    yield None
        parent = oid


def _members(chart: Chart, client_id: str) -> list[str]:
    """Everybody who ever belonged to a group: what is kept of it is kept of them."""
    with suppress(VaultError):
        found = {member for one in _versions(chart, client_id) if one for member in one.items("members")}
        return sorted(found & set(chart.client_ids()))
    return []


def _unsaved(chart: Chart, client_id: str) -> str:
    file = chart.folder(client_id) / register.PATH
    try:
        raw = files.read(file)
    except NotFound:
        return ""
    return "" if raw == chart.recorded(client_id, register.PATH) else f"{file} is not saved, and may say hold"


def _unsynced(chart: Chart, client_id: str) -> str:
    """Whether a remote has, or may have, what this copy does not know of the line."""
    branch = f"client/{client_id}"
    refs = chart.repository.git.refs("refs/remotes/")
    seen = [(ref.split("/")[2], oid) for ref, oid in refs.items() if ref.split("/", 3)[3] == branch]
    for one in remotes.listed(chart.repository.directory):
        try:
            there = gitremote.Remote(chart.repository.git, one.url).refs().get(f"refs/heads/{branch}")
        except VaultError as error:
            return f"{one.name} cannot be asked whether it knows of a hold: {error.message}"
        seen += [(one.name, there)] if there else []
    ours, old = chart.repository.head(branch) or "", chart.line(client_id).old_oids
    for name, oid in seen:
        known = chart.repository.objects.find(oid) is not None and chart.repository.git.is_ancestor(oid, ours)
        if not known and oid not in old:
            return f"{name} has something of this client's that is not here, and it may be a hold: sync first"
    return ""


def _unverified(findings: Iterable[Finding], branch: str) -> str:
    bad = next((one for one in sorted(findings) if one.branch in (branch, BRANCH, "")), None)
    return f"the line does not verify, so that a hold could not be seen: {bad.text()}" if bad else ""


def _refuse(reason: str) -> None:
    if reason:
        raise Refused(f"nothing of this client's is destroyed: {reason}", hint=_END if "says hold" in reason else _hint(reason))


def _hint(reason: str) -> str:
    if "cannot be asked" in reason:
        return "bring it within reach, or `vaultcli sync remove NAME` when it is gone for good"
    if "retain-until" in reason:
        return "a later version of the entry may name another day; its history tells who did"
    return "`vaultcli status` and `vaultcli verify` say more"
