"""`vaultcli psychotherapy destroy`: one client's notes open for nobody any more."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from vaultcli.cli.door import Options, pass_options
from vaultcli.cli.psychotherapy import giving, open_store
from vaultcli.cli.ui import clock, prompt, terminal
from vaultcli.ground.errors import FINDINGS, OK, NotFound, Refused, VaultError

if TYPE_CHECKING:
    from vaultcli.places.sealed.store import Store
    from vaultcli.psychotherapy.handover.destroy import Step, Wanted
    from vaultcli.psychotherapy.notes.people import Person
    from vaultcli.record.notes.hold import Free
    from vaultcli.record.sealed.destruction import Destruction

_EXAMPLES = """\b
Examples:
  vaultcli psychotherapy destroy ada \\
      --certificate /media/usb/certificate.toml \\
      --page /media/usb/page.html --old-page old.txt
  vaultcli psychotherapy destroy --status
  vaultcli psychotherapy destroy --confirm "recovery page"   it is burnt"""


@click.command("destroy", epilog=_EXAMPLES)
@click.argument("client", required=False)
@click.option("--certificate", type=click.Path(path_type=Path), metavar="FILE", help="Where the certificate goes.")
@click.option("--page", type=click.Path(path_type=Path), metavar="FILE", help="Where the new recovery page goes; a new file.")
@click.option("--old-page", type=click.Path(path_type=Path), metavar="FILE", help="The page so far; then burn it.")
@click.option("--yes-destroy", default="", metavar="HANDLE", help="Answer both questions: for scripts. --yes is not enough.")
@click.option("--yes", is_flag=True, hidden=True)
@click.option("--status", is_flag=True, help="What is outstanding of every destruction; goes on with what can be done now.")
@click.option("--confirm", "label", default="", metavar="LABEL", help="Declare that a place keeps no old epoch.age any more.")
@click.option("--json", "as_json", is_flag=True, help="Print it as JSON; docs/json.md describes the keys.")
@pass_options
def command(
    options: Options,
    client: str | None,
    certificate: Path | None,
    page: Path | None,
    old_page: Path | None,
    yes_destroy: str,
    yes: bool,
    status: bool,
    label: str,
    as_json: bool,
) -> int:
    """Destroy one client's psychotherapy notes: what opened them goes, here and wherever can be reached.

    The sealed files and their history stay, and open for nobody. What cannot be reached is named on the certificate and stays
    pending until you plug it in or confirm it. Hand-over files are beyond control. Other machines: sync, `keys receive`.
    The new page is made from the old one, scanned or typed; no file is ever written over.
    """
    if bool(client) + status + bool(label) != 1:
        raise click.UsageError("CLIENT, --status or --confirm LABEL; one of them")
    with open_store.open_store(options) as store:
        if client:
            if certificate is None:
                raise click.UsageError("--certificate FILE says where the certificate goes")
            if yes and not yes_destroy:
                raise click.UsageError("--yes does not destroy anything; --yes-destroy HANDLE does")
            step = _destroy(options, store, client, (certificate, page, old_page), yes_destroy)
        else:
            giving.unlock(store)
            step = _go_on(store, label, certificate)
        vault, head = store.vault, store.state.epochs.number
    if as_json:
        terminal.emit_json({"vault": vault, "epoch": head, "destructions": [_as_json(row) for row in step.rows]})
    else:
        _tell(step)
    return OK if all(row.certificates and not row.pending for row in step.rows) else FINDINGS


def _destroy(options: Options, store: Store, client: str, places: tuple[Path, Path | None, Path | None], typed: str) -> Step:
    from vaultcli.psychotherapy.handover import destroy, share
    from vaultcli.psychotherapy.handover.destroy import Wanted
    from vaultcli.psychotherapy.keys import recovery_page
    from vaultcli.psychotherapy.unlock.epoch import open_epoch

    certificate, page, old_page = (path.expanduser() if path else None for path in places)
    assert certificate is not None
    old = recovery_page.read(old_page) if old_page else None
    _sync(store)
    unlocked, identities = giving.unlock(store)
    person, known = giving.whose(options, unlocked, client)
    free = _free(options, person)
    refuse_name(person, certificate)
    shares = tuple(one.text for one in share.handed(store, unlocked, known.token))
    wanted = Wanted(known, free, certificate, page, old, shares)
    destroy.check(store, wanted)
    _ask(store, person, wanted, typed)
    giving.log(store, unlocked, "destroy", known.token)
    with store.machine() as (entry, signer):
        destroy.destroy(store, unlocked, lambda raw: open_epoch(raw, identities), wanted, clock.now(), entry, signer)
        step = destroy.go_on(store, clock.now(), entry, signer)
    terminal.warn(terminal.escape(f"destroyed the notes of {person.name}", keep=""))
    _sync(store)
    return step


def _sync(store: Store) -> None:
    done, silent = giving.sync(store)
    if silent:
        terminal.warn(f"not in step: {', '.join(silent)}; sync before the other machines write")
    elif done:
        terminal.say(f"in step with {', '.join(done)}")


def _go_on(store: Store, label: str, certificate: Path | None) -> Step:
    from vaultcli.psychotherapy.handover import destroy

    with store.machine() as (entry, signer):
        if label:
            return destroy.confirm(store, label, clock.now(), entry, signer, certificate.expanduser() if certificate else None)
        return destroy.go_on(store, clock.now(), entry, signer, certificate.expanduser() if certificate else None)


def _free(options: Options, person: Person) -> Free:
    """Stop where a hold says that nothing of this client's is destroyed, or none could be seen.

    Raises:
        Refused: it does, or the register cannot be read.
    """
    from vaultcli.cli.open_chart import find_vault
    from vaultcli.places.chart.chart import Chart
    from vaultcli.record.notes.hold import Free
    from vaultcli.verify import vault as verification
    from vaultcli.work.people import holds

    now, vault = clock.now(), find_vault(options)
    if not (vault.chart / ".git").is_dir():
        raise Refused("the chart is not here, so that a hold could not be seen", hint="destroy where the chart is")
    try:
        chart = Chart(vault)
        known = person.id if person.id and person.id in chart.client_ids() else ""
        found = verification.verify(vault.chart, now=now, only=f"client/{known}" if known else "").findings
    except VaultError as error:
        raise Refused(f"the register cannot be read, so that a hold could not be seen: {error.message}") from None
    try:
        if known:
            return holds.free(chart, known, now, found)
        holds.all_known(chart, found)
    finally:
        # not the chart's own way out, which keeps its house in order
        chart.repository.close()
    terminal.warn("the register has no such client: whether a hold or a retention period applies, it cannot say")
    return Free("", now.date().isoformat())


def refuse_name(person: Person, certificate: Path) -> None:
    """A certificate names its drawer by the token alone, and its path stays in the key store.

    Raises:
        Refused: the path names the client.
    """
    import re

    def words(text: str) -> set[str]:
        return {word for word in re.findall(r"[^\W_]+", text.casefold()) if not word.isdigit()}

    # the number of a handle, as in bo-2, names nobody
    if words(f"{person.handle} {person.name}") & words(certificate.name):
        raise Refused("the certificate's file would be called after the client", hint="one that says nothing")


def _ask(store: Store, person: Person, wanted: Wanted, typed: str) -> None:
    """The two questions.

    Raises:
        Refused: one was answered otherwise.
    """
    word = person.handle or person.name
    if typed:
        if typed != word:
            raise Refused(f"--yes-destroy names another client than {terminal.escape(word, keep='')}; nothing was destroyed")
        return
    count = terminal.counted(len(store.files(wanted.known.token)), "sealed file")
    terminal.warn(terminal.escape(f"{person.name}: {count}. Afterwards nothing opens them, in no copy of any age.", keep=""))
    for row in wanted.shares:
        terminal.warn(f"beyond control: handed over {terminal.escape(row, keep='')}")
    if not prompt.confirm("destroy them?", default=False):
        raise Refused("nothing was destroyed")
    if prompt.ask_line(f"type {word} to destroy these notes").strip() != word:
        raise Refused("nothing was destroyed")


def _tell(step: Step) -> None:
    if not step.rows:
        raise NotFound("nothing was destroyed from this machine")
    for label in step.replaced:
        terminal.say(terminal.escape(f"{label} holds the new epoch.age", keep=""))
    for row in step.rows:
        terminal.say(f"drawer {row.token}, destroyed {terminal.moment(row.made)}, epoch {row.epoch}: {row.state}")
        terminal.say(terminal.table([["", one.kind, one.label, one.state] for one in row.listed]))
    for path in step.written:
        terminal.say(terminal.escape(f"certificate {terminal.near(path)}", keep=""))
    for why in step.trouble:
        terminal.warn(terminal.escape(why, keep=""))
    if any(one.kind == "page" for row in step.rows for one in row.pending):
        terminal.say("print the new page, burn the old one and every file of it, and say so: --confirm LABEL")


def _as_json(row: Destruction) -> dict[str, Any]:
    return {
        "token": row.token,
        "epoch": row.epoch,
        "made": row.made,
        "state": row.state,
        "certificates": row.certificates,
        "certificate": row.certificate,
        "places": [{"kind": one.kind, "label": one.label, "state": one.state} for one in row.listed],
    }
