"""`vaultcli psychotherapy init --adopt`: take the sealed notes over from a copy, with the paper or with a stick."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from vaultcli.cli.psychotherapy import open_store
from vaultcli.cli.psychotherapy.init_options import identity, originator, placed
from vaultcli.cli.ui import clock, new_passphrase, terminal

if TYPE_CHECKING:
    from vaultcli.cli.door import Options
    from vaultcli.psychotherapy.keys.adopt import Adopted


def run(options: Options, given: dict[str, Any]) -> None:
    """Take over, and tell what came of it."""
    from vaultcli.cli.open_chart import find_vault
    from vaultcli.psychotherapy.keys import adopt, recovery_page

    for name in ("copy", "label", "single_copy"):
        if given[name]:
            raise click.UsageError(f"--{name.replace('_', '-')} is for new notes; `vaultcli keys copies add` adds a copy later")
    if bool(given["page"]) == bool(given["epoch"]):
        raise click.UsageError("--adopt needs --page FILE, or --genesis ID and --epoch FILE")
    page = recovery_page.read(given["page"].expanduser()) if given["page"] else None
    if page is None and not given["genesis"]:
        raise click.UsageError("--epoch needs --genesis ID: a stick does not say which notes are yours")
    root = find_vault(options).root
    wanted = adopt.Wanted(
        root=root,
        by=originator(options, given),
        source=given["adopt"],
        repository=placed(given["repository"]) or root / "psychotherapy",
        genesis=given["genesis"] or (page.genesis if page else ""),
        page=page,
        epoch=placed(given["epoch"]),
        identity=identity(given["identity"]),
        keys=placed(given["keys"]),
    )
    done = adopt.adopt(wanted, clock.now(), open_store.ask, new_passphrase.asker(given["passphrase_file"]))
    if given["as_json"]:
        terminal.emit_json(_as_json(done))
    else:
        _tell(done, paper=page is not None)


def _as_json(done: Adopted) -> dict[str, Any]:
    return {
        "repository": str(done.settings.repository),
        "keys": str(done.settings.keys),
        "commits": done.commits,
        "drawers": done.drawers,
        "admitted": done.admitted,
        "key": done.line,
        "made": done.made,
    }


def _tell(done: Adopted, *, paper: bool) -> None:
    from vaultcli.ground.ssh.sshsig import PublicKey

    known = done.settings
    judged = f"{terminal.counted(done.commits, 'commit')} judged, " if done.commits else ""
    opened = terminal.counted(done.drawers, "drawer")
    terminal.say(terminal.escape(f"took over {known.repository}: {judged}the keys open {opened}", keep=""))
    if done.made:
        terminal.say(f"made {', '.join(done.made)}")
    terminal.say("\nnext:")
    if done.admitted:
        terminal.say("  vaultcli keys list                          # is a machine there that is lost?")
        terminal.say("  vaultcli keys revoke MACHINE --reason lost")
    else:
        terminal.say("  this machine may read, and records nothing until another one lets it in. There:")
        terminal.say(f"  vaultcli keys admit {done.line}")
        terminal.say(f"  its fingerprint: {PublicKey.parse(done.line).fingerprint}; then both sync")
    if paper:
        terminal.say("  delete the file with the page; keep the paper")
