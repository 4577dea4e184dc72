"""`vaultcli init --adopt`: a vault from a copy, and this machine let into it."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from vaultcli.cli.people.key_choice import key_choice
from vaultcli.cli.ui import clock, passphrase, terminal

if TYPE_CHECKING:
    from vaultcli.work.vault.admit_machine import Adopted, Wanted

_SHOWN = 5


def run(root: Path, given: dict[str, Any]) -> None:
    """Adopt, and tell what came of it."""
    from vaultcli.work.vault import adopt

    if given["practice"]:
        raise click.UsageError("--practice names a new practice; an adopted one has its name")
    done = adopt.adopt(root, wanted(given), clock.now(), passphrase.asker(), progress=lambda _: None)
    if given["as_json"]:
        terminal.emit_json(as_json(done))
    else:
        tell(done)


def wanted(given: dict[str, Any]) -> Wanted:
    """What the options ask for."""
    from vaultcli.work.vault import adopt
    from vaultcli.work.vault.admit_machine import Wanted

    page = adopt.read_page(Path(given["recovery_page"]).expanduser()) if given["recovery_page"] else None
    if not given["genesis"] and page is None:
        raise click.UsageError("--adopt needs --genesis ID: it is printed on the recovery page")
    return Wanted(
        source=given["adopt"],
        genesis=given["genesis"] or (page.genesis if page else ""),
        principal=given["principal"] or "",
        name=given["name"] or "",
        credentials=given["credentials"] or "",
        key=key_choice(given, asking=not given["yes"] and terminal.is_interactive()),
        keys=Path(given["keys"]).expanduser().absolute() if given["keys"] else None,
        page=page,
    )


def as_json(done: Adopted) -> dict[str, Any]:
    """What came of it, for programs."""
    return {
        "vault": str(done.vault.root),
        "keys": str(done.vault.keys),
        "principal": done.principal,
        "lines": done.lines,
        "findings": [{"path": one.path, "rule": one.rule, "message": one.message} for one in done.findings],
        "made": list(done.made),
        "admitted": list(done.admitted),
        "request": str(done.request) if done.request else None,
    }


def tell(done: Adopted, verb: str = "adopted") -> None:
    """Say what came of it, and what comes next."""
    root = terminal.escape(str(done.vault.root), keep="")
    many = "1 line" if done.lines == 1 else f"{done.lines} lines"
    terminal.say(f"{verb} {root}: {many}, each commit judged, heads pinned as found")
    for finding in done.findings[:_SHOWN]:
        terminal.warn(terminal.escape(finding.text(), keep=""))
    if len(done.findings) > _SHOWN:
        terminal.warn(f"... and {len(done.findings) - _SHOWN} more findings: vaultcli verify")
    for name in done.made:
        terminal.say(f"made key {name}")
    for fingerprint in done.admitted:
        terminal.say(f"admitted {fingerprint}")
    for name in done.hooks:
        terminal.warn(f"the hook {name} is somebody else's and was left alone")
    if done.request is not None:
        _tell_request(done)
        return
    terminal.say("\nnext:")
    if done.admitted:
        terminal.say("  vaultcli people list            # is a key there that is lost?")
        terminal.say(f"  vaultcli people end {done.principal} --key SHA256:... --reason lost")
    terminal.say("  vaultcli sync add NAME URL      # where the practice's machines meet; see docs/sync.md")


def _tell_request(done: Adopted) -> None:
    from vaultcli.places.machine import keystore

    file = terminal.escape(str(done.request), keep="")
    terminal.say("\nthis machine may read, and record nothing until it is let in. Send this file to whoever may change the")
    terminal.say(f"policy, and read them the fingerprints by telephone: {file}")
    for kind, key in (("personal", keystore.personal(done.vault)), ("machine", keystore.machine(done.vault))):
        terminal.say(f"  {kind:8}  {keystore.public(key).fingerprint}")
    terminal.say("they run: vaultcli people add --request FILE; then both of you sync")
