"""What must hold of a register entry when a commit records it, and of everything else on a group's line.

`docs/spec/client.md`, parts "How it is judged" and "Groups"; 3.23 of `docs/spec/verify.md`.
"""

from __future__ import annotations

from vaultcli.ground.errors import BadInput
from vaultcli.record.history.line import Line
from vaultcli.record.notes import client
from vaultcli.record.rules.judge import REGISTER, Judge

OF_A_GROUP = frozenset(("open", "register", "settle", "exception", "succeed"))
"""Events that a group's line may have."""


def take(judge: Judge, oid: str) -> None:
    """Judge a new entry by its blob id; only one that can be read as this line's is in force."""
    line = judge.line
    problem = _problem(line, judge.read(oid))
    if isinstance(problem, str):
        judge.report("register", problem, REGISTER)
        return
    if not line.entry:
        line.group = problem.kind == client.GROUP
    line.entry, line.kind = oid, problem.kind


def _problem(line: Line, raw: bytes) -> client.Client | str:
    try:
        made = client.parse(raw)
    except BadInput as error:
        return f"cannot be read as a register entry ({error.message.partition(': ')[2]})"
    if made.id != line.client:
        return "has the id of another line"
    if line.entry and (made.kind == client.GROUP) != (line.kind == client.GROUP):
        return "turns a client into a group, or a group into a client"
    return made


def group(judge: Judge, event: str, paths: list[str]) -> None:
    """A group's line holds its entry and nothing else: whatever is written there would be exported nowhere.

    Args:
        judge: the commit.
        event: its event word; empty where it has none.
        paths: what it records.
    """
    if not judge.line.group:
        return
    if event and event not in OF_A_GROUP:
        judge.report("group", f"the event {event} does not belong to a group's line")
    for path in paths:
        if path.startswith(("notes/", "attachments/")):
            judge.report("group", "does not belong on a group's line", path)
