"""This machine's place in an adopted vault: its settings and keys, and how they are let in.

By the recovery signer, by the person's own key where it holds the policy role, else by whoever admits the request that is
written here. Rules: `docs/spec/enrolment.md`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path

from vaultcli.ground import files
from vaultcli.ground.errors import BadInput, Conflict, KeyTrouble, NotFound, Refused
from vaultcli.ground.repository.repository import Repository
from vaultcli.ground.ssh.askpass import AskPass
from vaultcli.ground.ssh.generate import PaperSigner
from vaultcli.ground.ssh.sign import Signer
from vaultcli.ground.ssh.sshsig import PublicKey
from vaultcli.places.chart import replay
from vaultcli.places.chart.chart import LAYOUT, Chart
from vaultcli.places.machine import keystore
from vaultcli.places.machine.vault import NAME, Vault, load
from vaultcli.record.finding import Finding
from vaultcli.record.paper.recovery_page import RecoveryPage
from vaultcli.record.practice import enrolment
from vaultcli.record.practice.enrolment import Request
from vaultcli.record.practice.keyring import RECOVERY, RECOVERY_NAME, Entry
from vaultcli.record.practice.practice import Person, is_principal
from vaultcli.record.rules.policy import Policies
from vaultcli.work.people import keys as people_keys
from vaultcli.work.people import people as persons
from vaultcli.work.people.authority import Authority
from vaultcli.work.people.keys import KeyChoice

REQUEST = "enrolment-request.toml"
_NEW_FOLDER = "adopt into a new folder"


@dataclass(frozen=True)
class Wanted:
    """What is to be adopted, and by whom.

    Args:
        source: a path, a bundle, or a URL over ssh or https.
        genesis: the first commit (`sha256:HEX`), from the recovery page.
        principal: whose machine this is; found out where only one person works there.
        name, credentials: of a person who is not in the practice yet.
        key: where the personal key comes from.
        keys: the key store; the default place when None.
        page: the recovery page, where the recovery signer admits the new keys.
    """

    source: str
    genesis: str
    principal: str = ""
    name: str = ""
    credentials: str = ""
    key: KeyChoice = field(default_factory=KeyChoice)
    keys: Path | None = None
    page: RecoveryPage | None = None


@dataclass
class Adopted:
    """What `adopt` did.

    Attributes:
        vault: as this machine knows it.
        lines: how many lines came along.
        findings: what is wrong with them, told and not hidden; `vaultcli verify` judges in full.
        made: names of keys made.
        admitted: fingerprints let in by this command.
        request: the file with the request, where somebody else has to let this machine in.
        principal: whose machine it is.
    """

    vault: Vault
    principal: str
    lines: int = 0
    findings: tuple[Finding, ...] = ()
    made: tuple[str, ...] = ()
    admitted: tuple[str, ...] = ()
    request: Path | None = None
    hooks: tuple[str, ...] = ()


def settle_in(root: Path, wanted: Wanted, ask: AskPass | None) -> tuple[Vault, Adopted]:
    """`vault.toml` and the key store with its keys."""
    if (root / NAME).exists():
        vault = _renamed(load(root), wanted)
        return vault, Adopted(vault, vault.principal, made=people_keys.make_keys(vault, wanted.key, ask))
    with Repository.open(root / "chart", LAYOUT) as repository:
        policies, clone = replay.replay_practice(repository), repository.clone_id
    named = people_keys.named(wanted.key)
    principal = _principal(wanted) or _only_person(policies)
    if not is_principal(principal):
        raise BadInput(f"{principal} cannot be a person's id", hint="small letters, digits and -, as lee-example")
    if policies.head.practice.person(principal) is None and not wanted.name:
        raise BadInput(f"{principal} is not in this practice yet: a name is needed", hint="--name, and --credentials")
    keys = wanted.keys or keystore.default_folder(policies.head.practice.vault)
    if wanted.keys is None and (keys / "machine").exists():
        keys = keys.with_name(f"{keys.name}-{clone}")
    if keys.resolve().is_relative_to(root.resolve()):
        raise Refused(f"the key store {keys} would lie inside the vault", hint="keys never travel with the record")
    vault = Vault(root, root / "chart", keys, principal, personal_key=named)
    files.create(root / NAME, vault.text().encode())
    return vault, Adopted(vault, principal, made=people_keys.make_keys(vault, wanted.key, ask))


def _principal(wanted: Wanted) -> str:
    return wanted.principal or (people_keys.principal_of(wanted.name) if wanted.name else "")


def _renamed(vault: Vault, wanted: Wanted) -> Vault:
    """The settings for the person who is named now, as long as nobody has let this machine in as somebody else's.

    Raises:
        Conflict: somebody has.
    """
    principal = _principal(wanted)
    if principal in ("", vault.principal):
        return vault
    with Chart(vault) as chart:
        machine = vault.keys / vault.machine_key
        if machine.is_file() and chart.policy.keyring.by_key(keystore.public(keystore.machine(vault))) is not None:
            raise Conflict(f"{vault.root} is a machine of {vault.principal}", hint=_NEW_FOLDER)
    renamed = replace(vault, principal=principal)
    path = vault.root / NAME
    files.replace(path, renamed.text().encode(), expecting=files.digest_of(path))
    return renamed


def _only_person(policies: Policies) -> str:
    people = [person for person in policies.head.practice.people if not person.until]
    if len(people) == 1:
        return people[0].id
    listed = ", ".join(person.id for person in people)
    raise BadInput("more than one person works in this practice", hint=f"say whose machine this is with --as: {listed}")


def enrol(chart: Chart, wanted: Wanted, done: Adopted, now: datetime, ask: AskPass | None) -> None:
    """Let this machine's keys in, by the recovery signer or the person's own key; else write the request."""
    vault = chart.vault
    ring = chart.policy.keyring
    personal, machine = keystore.personal(vault), keystore.public(keystore.machine(vault))
    keys = {"personal": keystore.public(personal), "machine": machine}
    _check_keys(chart, keys.values())
    if all(ring.by_key(key) is not None for key in keys.values()):
        return
    if wanted.page is not None:
        done.admitted = _by_recovery(chart, wanted.page, done.principal, keys, now)
        return
    own = ring.by_key(keys["personal"])
    with Signer(personal, ask) as signer:
        entries = persons.admit_machine(chart, done.principal, keys, signer, now, policy=False)
        person = chart.policy.practice.person(done.principal)
        if own is not None and own.policy and person is not None:
            by = Authority(signer, own, person)
            persons.add(chart, None, entries, by, now)
            done.admitted = tuple(entry.fingerprint for entry in entries)
            return
    done.request = _write_request(chart, wanted, done.principal, entries)


def _check_keys(chart: Chart, keys: Iterable[PublicKey]) -> None:
    for key in keys:
        entry = chart.policy.keyring.by_key(key)
        if entry is not None and (entry.revoked or entry.principal != chart.vault.principal):
            what = f"was revoked ({entry.reason})" if entry.revoked else f"is a key of {entry.principal}"
            raise KeyTrouble(f"the key {entry.fingerprint} {what}", hint="name another one with --key")


def _by_recovery(
    chart: Chart, page: RecoveryPage, principal: str, keys: Mapping[str, PublicKey], now: datetime
) -> tuple[str, ...]:  # fmt: skip
    ring = chart.policy.keyring
    if chart.policy.practice.person(principal) is None:
        raise NotFound(f"nobody in this practice is {principal}", hint="a new person asks with a request")
    with PaperSigner(page.private, Path("the recovery page")) as signer:
        entry = ring.by_key(signer.public)
        if entry is None or entry.kind != RECOVERY or entry.revoked:
            raise KeyTrouble("the key on the recovery page is not admitted in this practice, or was revoked")
        policy = persons.holds_policy(ring, principal)
        entries: tuple[Entry, ...] = persons.admit_machine(chart, principal, keys, signer, now, policy=policy)
        by = Authority(signer, entry, Person(RECOVERY, RECOVERY_NAME, "", (), ""))
        persons.add(chart, None, entries, by, now)
    return tuple(one.fingerprint for one in entries)


def _write_request(chart: Chart, wanted: Wanted, principal: str, entries: tuple[Entry, ...]) -> Path:
    known = chart.policy.practice.person(principal)
    name, credentials = ("", "") if known else (wanted.name, wanted.credentials)
    request = Request(chart.genesis, principal, name, credentials, entries)
    path = chart.vault.root / REQUEST
    files.put(path, enrolment.render(request).encode())
    return path
