"""Whether each client's folder is tied to its line."""

from collections.abc import Iterator

from vaultcli.work.health.situation import Health, Situation, advice, ok


def look(s: Situation) -> Iterator[Health]:
    """Folders of a vault that was moved, and what an interrupted command left; the next command mends both."""
    repository = s.chart.repository
    lines = repository.lines()
    loose = [line for line in lines if not repository.worktrees.is_linked(line)]
    behind = [line for line, head in lines.items() if line not in loose and repository.marks.get(line) != head]
    why = "plain git would not show them as what they are"
    if loose:
        yield advice(
            f"folders to be tied again: {len(loose)}",
            f"the vault has moved, or is incomplete; {why}",
            "`vaultcli status` mends it",
        )
    if behind:
        yield advice(
            f"lines whose files are behind: {len(behind)}", f"a command was interrupted; {why}", "`vaultcli status` mends it"
        )
    if not loose and not behind:
        yield ok(f"each of {len(lines)} lines has its folder")
