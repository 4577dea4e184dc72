"""`vaultcli sync now`: fetch, judge, follow, send."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from vaultcli.cli.door import Options, pass_options
from vaultcli.cli.ui import clock, terminal
from vaultcli.cli.ui.remotes import progress, tell_away
from vaultcli.ground import errors

if TYPE_CHECKING:
    from collections.abc import Callable

    from vaultcli.places.chart.incoming import Arrival
    from vaultcli.work.sync.sync import Outcome


TRIES = 2
"""How often a sync is begun anew because a line moved meanwhile."""


@click.command("now")
@click.argument("remote", required=False)
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@pass_options
def command(options: Options, remote: str | None, as_json: bool) -> int:
    """Fetch from REMOTE (or from each remote), judge every new commit, follow it, and send what is new here.

    Nothing is merged or rewritten: a line that went on in two places stays as it is on both. Files that you are
    writing are never touched.
    """
    from vaultcli.cli.open_chart import open_chart
    from vaultcli.cli.record.sync_remotes import refuse_psychotherapy
    from vaultcli.work.sync import remotes, sync

    codes: list[int] = [errors.OK]
    rows: list[dict[str, object]] = []
    with open_chart(options) as chart:
        names: list[str | None] = [one.name for one in remotes.listed(chart)] if remote is None else [remote]
        for name in names or [remote]:
            try:
                (one,) = remotes.chosen(chart, name)
                refuse_psychotherapy(chart.vault.root, one.url)
                outcome = _synced(lambda one=one: sync.sync(chart, one, clock.now(), progress))  # type: ignore[misc]
            except errors.VaultError as error:
                # one that is away keeps nobody from the others
                if len(names) < 2:
                    raise
                tell_away(name, error)
                codes.append(error.exit_code)
                rows.append({"remote": name, "in_step": False, "error": error.message})
                continue
            codes.append(errors.Conflict.exit_code if outcome.diverged else errors.OK if outcome.whole else errors.FINDINGS)
            rows.append(_plain(outcome))
            if not as_json:
                _tell(outcome)
    if as_json:
        terminal.emit_json(rows)
    return max(codes)


def _synced(sync: Callable[[], Outcome]) -> Outcome:
    """Sync; somebody who was there a moment before us is no reason to give up."""
    for _ in range(TRIES):
        try:
            return sync()
        except errors.Conflict as error:
            if "moved" not in error.message:
                raise
    return sync()


def _tell(outcome: Outcome) -> None:
    name = terminal.escape(outcome.remote, keep="")
    for branch in outcome.lost:
        terminal.warn(f"{name} had lost commits of {branch} that it once showed; they are sent again")
    for one in outcome.received:
        how = "succeeded" if one.succession else ("received" if one.old else "new here:")
        terminal.say(f"{how} {one.branch}  {_commits(one)}")
        _tell_excused(one)
    for one in outcome.sent:
        terminal.say(f"sent {one.branch}  {_commits(one)}")
    for path in outcome.kept:
        terminal.warn(f"{path}: you have edited this; your text stays, and the record has another one")
    for ref in outcome.ignored[:10]:
        terminal.warn(terminal.escape(f"{outcome.remote} also has {ref}, which is no line of this record; ignored", keep=""))
    if len(outcome.ignored) > 10:
        terminal.warn(f"and {len(outcome.ignored) - 10} more such")
    _tell_trouble(outcome, name)
    if outcome.whole:
        moved = outcome.received or outcome.sent
        terminal.say(f"in step with {name}" if moved else f"nothing new; in step with {name}")


def _tell_trouble(outcome: Outcome, name: str) -> None:
    for one in outcome.refused:
        terminal.warn(f"refused {one.branch} from {name}; nothing of it was followed:")
        _tell_findings(one)
    for one in outcome.held:
        terminal.warn(f"not sent: {one.branch} has commits here that {name} would refuse:")
        _tell_findings(one)
    for line in outcome.diverged:
        terminal.warn(f"diverged: {line.branch} is at {line.ours[:12]} here and at {line.theirs[:12]} on {name}; nothing moved")
        terminal.warn("  signing on that line is refused until it is one line again; docs/sync.md says how to go on")


def _tell_findings(one: Arrival) -> None:
    for finding in one.findings[:10]:
        terminal.warn(terminal.escape(f"  {finding.text()}", keep=""))
    if len(one.findings) > 10:
        terminal.warn(f"  and {len(one.findings) - 10} more")


def _tell_excused(one: Arrival) -> None:
    for finding in one.excused:
        terminal.say(terminal.escape(f"  excused by a signed exception: {finding.text()}", keep=""))


def _commits(one: Arrival) -> str:
    return f"{one.commits} commit{'' if one.commits == 1 else 's'}"


def _plain(outcome: Outcome) -> dict[str, object]:
    """The JSON of one sync, version 1 (`docs/sync.md`)."""
    from vaultcli.record.message import trailer

    def arrival(one: Arrival) -> dict[str, object]:
        return {
            "line": one.branch,
            "from": trailer(one.old) if one.old else None,
            "to": trailer(one.new),
            "commits": one.commits,
            "succession": one.succession,
            "findings": [finding.text() for finding in one.findings],
            "excused": [finding.text() for finding in one.excused],
        }

    return {
        "remote": outcome.remote,
        "in_step": outcome.whole,
        "received": list(map(arrival, outcome.received)),
        "sent": list(map(arrival, outcome.sent)),
        "refused": list(map(arrival, outcome.refused)),
        "held": list(map(arrival, outcome.held)),
        "diverged": [{"line": one.branch, "here": trailer(one.ours), "there": trailer(one.theirs)} for one in outcome.diverged],
        "kept": outcome.kept,
        "ignored": outcome.ignored,
        "lost": outcome.lost,
    }
