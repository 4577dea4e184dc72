"""Acting with the policy role: successions, exceptions and settlements are signed by a key that holds it.

That is a founder's personal key, or the recovery signer's from its page.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from vaultcli.ground import files
from vaultcli.ground.errors import KeyTrouble
from vaultcli.ground.git.objects import Ident
from vaultcli.ground.ssh.askpass import AskPass, private_folder
from vaultcli.ground.ssh.keyfiles import KeyFile
from vaultcli.ground.ssh.sign import Signer
from vaultcli.places.chart.chart import Chart, Recorder
from vaultcli.places.machine import keystore
from vaultcli.record.practice.keyring import RECOVERY, RECOVERY_NAME, Entry
from vaultcli.record.practice.practice import Person

PAGE_LIMIT = 1 << 20


@dataclass(frozen=True)
class Authority:
    """A key with the policy role, ready to sign, and whose it is."""

    signer: Signer
    key: Entry
    person: Person

    @property
    def recorder(self) -> Recorder:
        """The key as one that records commits."""
        ident, signer = Ident(self.person.name, self.person.id), self.signer
        return Recorder(ident, self.key.key, lambda payload: signer.sign(payload, "git"), outside=signer.outside)


@contextmanager
def authority(chart: Chart, ask: AskPass | None, recovery: KeyFile | None = None) -> Iterator[Authority]:
    """The key with which the policy role is exercised.

    Args:
        chart: the chart.
        ask: asks for a passphrase or PIN.
        recovery: the recovery signer's key; the personal key of this machine when None.

    Raises:
        KeyTrouble: the key is not admitted, was revoked, or does not hold the role.
    """
    key_file = recovery or keystore.personal(chart.vault)
    public = keystore.public(key_file)
    entry = chart.policy.keyring.by_key(public)
    if entry is None or entry.kind != ("recovery" if recovery else "personal"):
        raise KeyTrouble(f"the key {public.fingerprint} is not admitted in this practice")
    if entry.revoked:
        raise KeyTrouble(f"the key {public.fingerprint} was revoked ({entry.reason})")
    if not entry.policy:
        raise KeyTrouble(
            f"the key {public.fingerprint} does not hold the policy role",
            hint="the founder does this, or whoever has the recovery page: --recovery-page FILE",
        )
    with Signer(key_file, ask) as signer:
        yield Authority(signer, entry, _person(chart, entry))


@contextmanager
def recovery_key(chart: Chart, page: Path | None) -> Iterator[KeyFile | None]:
    """The recovery signer's key from its page, in a folder of memory where there is one, for as long as it is needed.

    Args:
        chart: the chart, whose page it must be.
        page: the page's file; None gives None.

    Raises:
        BadInput: it is no such page, or a line of it does not fit its check.
        KeyTrouble: it is the page of another vault.
    """
    if page is None:
        yield None
        return
    from vaultcli.record.paper import recovery_page

    read = recovery_page.parse(files.read(page, PAGE_LIMIT).decode("utf-8", "replace"), str(page))
    if read.vault != chart.policy.practice.vault:
        raise KeyTrouble(f"{page} is the recovery page of another vault, {read.practice}")
    folder = private_folder()
    try:
        key = folder / "recovery"
        files.create(key, read.private)
        yield KeyFile(key)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _person(chart: Chart, entry: Entry) -> Person:
    if entry.principal == RECOVERY:
        return Person(RECOVERY, RECOVERY_NAME, "", (), "")
    person = chart.policy.practice.person(entry.principal)
    if person is None or person.until:
        raise KeyTrouble(f"{entry.principal} does not work in this practice any more")
    return person
