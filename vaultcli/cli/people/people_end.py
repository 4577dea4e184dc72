"""`vaultcli people end`: a person leaves, or a key is lost."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from vaultcli.cli.door import Options, pass_options
from vaultcli.cli.ui import clock, terminal

if TYPE_CHECKING:
    from vaultcli.places.chart.chart import Chart
    from vaultcli.work.people.people import Ended, Ending, Settled


@click.command("end")
@click.argument("person", metavar="PERSON")
@click.option("--key", "fingerprints", multiple=True, metavar="SHA256:...", help="Only this key; the person stays. Repeatable.")
@click.option("--reason", type=click.Choice(["lost", "left", "replaced", "compromised"]), help="Default: left; with --key, lost.")
@click.option("--last-good", metavar="COMMIT", help="On practice, the last commit that counts. Default: its head.")
@click.option("--good-until", metavar="TIME", help="On every line, what was recorded later does not count. Default: all counts.")
@click.option("--line", "lines", multiple=True, metavar="CLIENT=COMMIT", help="The last commit that counts on a client's line.")
@click.option("--recovery-page", type=click.Path(path_type=Path), metavar="FILE", help="Sign with the recovery signer.")
@pass_options
def command(
    options: Options, person: str, fingerprints: tuple[str, ...], reason: str | None, last_good: str | None,
    good_until: str | None, lines: tuple[str, ...], recovery_page: Path | None,
) -> int:  # fmt: skip
    """End a person or a key, and settle every line that it signed.

    What was signed before keeps counting. What a thief may have signed since does not have to: --good-until says from
    when on, for all lines; --line for one of them. One prompt in all; interrupted, run it again.

    Dates of commits are the author's own clock: of a key that may be in wrong hands, look at the lines themselves.
    """
    from vaultcli.cli.open_chart import open_chart
    from vaultcli.cli.people.policy_key import holder
    from vaultcli.work.people import people
    from vaultcli.work.people.people import Ending

    with open_chart(options) as chart:
        ending = Ending(
            principal=person,
            fingerprints=fingerprints,
            reason=reason or ("lost" if fingerprints else "left"),
            last_good=_commit(chart, "practice", last_good) if last_good else "",
            until=_moment(good_until) if good_until else None,
            lines=dict(_line(chart, word) for word in lines),
        )
        with holder(chart, recovery_page) as by, terminal.progress("settling lines", len(chart.client_ids())) as bar:
            done = people.end(chart, ending, by, clock.now(), lambda: bar.update(1))
        _tell(chart, ending, done)
    return 0


def _judged(one: Settled) -> tuple[str, str]:
    lapsed = _commits(one.lapsed, "no longer does", "no longer do") if one.lapsed else ""
    return _commits(one.counts, "counts", "count"), lapsed


def _commits(number: int, one: str, many: str) -> str:
    return f"{number} commit {one}" if number == 1 else f"{number} commits {many}"


def _moment(text: str) -> datetime:
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise click.UsageError(f"{text} is no time; write it like 2026-11-22T14:00") from None
    return moment.astimezone()


def _line(chart: Chart, word: str) -> tuple[str, str]:
    name, found, commit = word.partition("=")
    if not found:
        raise click.UsageError(f"--line takes CLIENT=COMMIT, not {word}")
    client = chart.client(name)
    return client.id, _commit(chart, client.branch, commit)


def _commit(chart: Chart, branch: str, word: str) -> str:
    """A commit of a line by its id or the beginning of it, named with its algorithm."""
    from vaultcli.ground.errors import NotFound
    from vaultcli.record import message as messages

    start = word.partition(":")[2] or word
    found = [commit.oid for commit in chart.repository.history(branch) if len(start) >= 4 and commit.oid.startswith(start)]
    if len(found) != 1:
        raise NotFound(f"{len(found)} commits of {branch} begin with {start}", hint=f"git log {branch} shows them")
    return messages.trailer(found[0])


def _tell(chart: Chart, ending: Ending, done: Ended) -> None:
    if done.person:
        terminal.say(f"ended {ending.principal}")
    for fingerprint in done.revoked:
        terminal.say(f"revoked {fingerprint} ({ending.reason})")
    handles = {client: chart.register(client).handle for client in {one.client for one in done.settled}}
    rows = [(handles[one.client], one.fingerprint[:15], *_judged(one)) for one in done.settled]
    if rows:
        terminal.say(f"settled {len(handles)} {'line' if len(handles) == 1 else 'lines'}:")
        terminal.say(terminal.table(rows))
    if not (done.person or done.revoked or done.settled):
        terminal.say("nothing was left to do")
