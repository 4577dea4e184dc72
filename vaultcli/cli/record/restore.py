"""`vaultcli restore`: a vault from a backup, or a backup tried without making anything."""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from vaultcli.cli.ui import clock, passphrase, terminal
from vaultcli.ground.errors import OK

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from vaultcli.ground.repository.bundle import Copy
    from vaultcli.verify.verdict import Verdict
    from vaultcli.work.backup.restore import Behind, Opened

_SHOWN = 10
_BROKEN = ("damaged-object", "missing-object", "genesis", "policy-unknown")
"""Findings that say that this is not the record, or not all of it; any other was in the record when it was saved."""
_EXAMPLES = """\b
Examples:
  vaultcli restore /media/usb --genesis sha256:6b1f... --try
  vaultcli restore /media/usb practice --recovery-page page.txt
  vaultcli restore /media/usb/vaultcli-6b1f1c2e-20261122T221804Z-k3v9 \\
      practice --genesis sha256:6b1f..."""


@click.command("restore", epilog=_EXAMPLES)
@click.argument("source", type=click.Path(path_type=Path))
@click.argument("target", required=False, type=click.Path(path_type=Path))
@click.option("--genesis", metavar="ID", help="The first commit, from the recovery page.")
@click.option("--try", "only_try", is_flag=True, help="Try the backup, and make nothing.")
@click.option("--older", is_flag=True, help="Go on though this machine has seen more than the backup holds.")
@click.option("--identity", type=click.Path(path_type=Path), metavar="FILE", help="Opens a sealed backup.")
@click.option("--recovery-page", type=click.Path(path_type=Path), metavar="FILE", help="Names the genesis; lets this machine in.")
@click.option("--as", "principal", metavar="ID", help="Whose machine this is.")
@click.option("--name", help="Your name, if you are new in the practice.")
@click.option("--credentials", help="Your credentials, likewise.")
@click.option("--key", metavar="PATH|agent[:FPR]|token|new", help="The key you sign notes with. Default: a new one.")
@click.option("--passphrase-file", type=click.File("r"), metavar="FILE", help="Its first line is the new key's passphrase.")
@click.option("--keys", type=click.Path(path_type=Path), metavar="DIR", help="The key store. Default: your data folder.")
@click.option("--yes", is_flag=True, help="Ask nothing.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON; docs/json.md describes the keys.")
def command(source: Path, target: Path | None, only_try: bool, older: bool, **given: object) -> int:
    """Make a vault in TARGET, a new folder, of the backup in SOURCE: its folder, or a place with several.

    Everything is checked before anything is made: sums, objects, the first commit against --genesis, every signature, and
    what this machine has seen of that vault before. A vault that is there is never touched. Then this machine is let in, as
    `vaultcli init --adopt` does it. With --try nothing is made: do that now and then, with the recovery page in hand.
    """
    from vaultcli.ground.age import tarball
    from vaultcli.work.backup import restore

    if (target is None) != only_try:
        raise click.UsageError("name the new folder, or --try")
    source, now = _absolute(source), clock.now()
    genesis = _genesis(given)
    root = _absolute(target) if target is not None else None
    if root is not None:
        restore.check_target(root, genesis)
    file = given["identity"]
    keys = tarball.identities(Path(str(file)).expanduser(), passphrase.asker()) if file else ()
    with restore.opened(source, genesis, keys) as backup:
        with restore.tried(backup, genesis) as copy:
            verdict = _judge(backup, copy, genesis, now)
            behind = restore.behind(copy, genesis)
        if root is None:
            return _tell_tried(backup, verdict, behind, as_json=bool(given["as_json"]))
        if behind and not older:
            _refuse_older(backup, behind)
        return _restore(root, backup, given, verdict, behind, now)


def _absolute(path: Path) -> Path:
    """The path without `..`; links stay links."""
    return Path(os.path.abspath(path.expanduser()))  # noqa: PTH100


def _genesis(given: dict[str, Any]) -> str:
    from vaultcli.record import message
    from vaultcli.work.vault import adopt

    page = adopt.read_page(Path(given["recovery_page"]).expanduser()) if given["recovery_page"] else None
    genesis = str(given["genesis"] or (page.genesis if page else ""))
    if not genesis:
        raise click.UsageError("--genesis ID or --recovery-page FILE is needed: a backup does not vouch for itself")
    if re.fullmatch(message.COMMIT, genesis) is None:
        raise click.UsageError("--genesis is a whole id with its algorithm, as on the recovery page: sha256: and 64 digits")
    given["genesis"] = genesis
    return genesis


def _judge(backup: Opened, copy: Copy, genesis: str, now: datetime) -> Verdict:
    """The verdict on the copy; what is broken in it ends here."""
    from vaultcli.ground.errors import GitTrouble
    from vaultcli.verify import offline

    verdict = offline.judge(copy.git, now=now, genesis=genesis, scope=offline.BACKUP)
    for one in verdict.findings:
        if one.rule in _BROKEN:
            raise GitTrouble(f"{backup.name} cannot be restored: {one.text()}", hint="take another backup; nothing was made")
    return verdict


def _refuse_older(backup: Opened, behind: Sequence[Behind]) -> None:
    from vaultcli.ground.errors import Refused

    rows = [f"{one.line}: {'is not in it' if one.missing else f'{one.head[:12]} is not in it'}" for one in behind[:_SHOWN]]
    if len(behind) > _SHOWN:
        rows.append(f"... and {len(behind) - _SHOWN} more")
    raise Refused(
        f"{backup.name} is older than what this machine has seen:\n  " + "\n  ".join(rows),
        hint="take a newer backup, or another copy of the vault; --older restores this one all the same. Nothing was made",
    )


def _restore(
    root: Path, backup: Opened, given: dict[str, Any], verdict: Verdict, behind: Sequence[Behind], now: datetime
) -> int:  # fmt: skip
    from vaultcli.cli.people import init_adopt
    from vaultcli.verify import vault
    from vaultcli.work.backup import restore

    done = restore.restore(root, backup, init_adopt.wanted({**given, "adopt": str(backup.bundle)}), now, passphrase.asker())
    after = vault.verify(done.vault.chart, now=clock.now())
    back = restore.kept_back(root, backup)
    unrecorded = sorted(set(backup.manifest.unrecorded) - set(back)) if backup.manifest is not None else []
    if given["as_json"]:
        told = {"backup": backup.name, "unrecorded": unrecorded, "kept_back": back, "behind": [one.line for one in behind]}
        terminal.emit_json(init_adopt.as_json(done) | told | {"verdict": after.word, "exit": after.exit_code})
        return after.exit_code
    init_adopt.tell(done, "restored")
    if unrecorded:
        terminal.say(f"\n{terminal.counted(len(unrecorded), 'file')} that had not been saved: `vaultcli status` shows them")
    for path in back:
        terminal.warn(f"an edit of {path} that was not recorded was not put back; it is in the backup, in unrecorded/")
    if behind:
        terminal.warn(f"{terminal.counted(len(behind), 'line')} had gone further on this machine than the backup goes")
    terminal.say()
    _verdict(after)
    return after.exit_code


def _tell_tried(backup: Opened, verdict: Verdict, behind: Sequence[Behind], *, as_json: bool) -> int:
    made = backup.manifest.made if backup.manifest is not None else ""
    if as_json:
        told = {"backup": backup.name, "made": made or None, "behind": [one.line for one in behind]}
        terminal.emit_json(told | {"verdict": verdict.word, "exit": verdict.exit_code, "lines": len(verdict.lines)})
        return verdict.exit_code
    when = f", made {terminal.moment(made)}" if made else ", which has no manifest: nothing says which lines it should have"
    terminal.say(terminal.escape(f"{backup.name}{when}", keep=""))
    _verdict(verdict)
    if behind:
        terminal.warn(f"this machine has seen more of {terminal.counted(len(behind), 'line')} than the backup holds")
    if verdict.exit_code == OK:
        terminal.say("it can be restored; nothing was made")
    return verdict.exit_code


def _verdict(verdict: Verdict) -> None:
    for one in verdict.findings[:_SHOWN]:
        terminal.warn(terminal.escape(one.text(), keep=""))
    if len(verdict.findings) > _SHOWN:
        terminal.warn(f"... and {len(verdict.findings) - _SHOWN} more findings")
    words = {"verified": "VERIFIED", "excepted": "VERIFIED WITH EXCEPTIONS", "unpinned": "UNPINNED", "findings": "NOT VERIFIED"}
    terminal.say(words[verdict.word])
    for word, text in (("who", verdict.who), ("when", verdict.when), ("unchanged", verdict.unchanged)):
        terminal.say(f"{word:<10} {terminal.escape(text, keep='')}")
