"""Adopting a vault from elsewhere: its objects into a repository of our own, judged from the genesis that the user names.

Nothing of the other repository but its objects comes along: no configuration, hook, attribute or branch name decides
anything here. Every commit is judged, signatures included, before a working file of its line is written.
"""

from __future__ import annotations

import re
import shutil
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path

from vaultcli.ground import files, git, gitconfig
from vaultcli.ground.askpass import AskPass
from vaultcli.ground.errors import BadInput, Conflict, KeyTrouble, NotFound, Refused
from vaultcli.ground.repository import Repository
from vaultcli.ground.ssh import Signer
from vaultcli.ground.sshmaking import PaperSigner
from vaultcli.ground.sshsig import PublicKey
from vaultcli.places import arriving, history, keystore, pins, settings
from vaultcli.places.chart import LAYOUT, Chart
from vaultcli.places.vault import NAME, Vault, load
from vaultcli.record import enrolment, recovery_page
from vaultcli.record import message as messages
from vaultcli.record.enrolment import Request
from vaultcli.record.finding import Finding
from vaultcli.record.keyring import RECOVERY, RECOVERY_NAME, Entry
from vaultcli.record.policy import BRANCH, Policies
from vaultcli.record.practice import Person, is_principal
from vaultcli.record.recovery_page import RecoveryPage
from vaultcli.work import enrolling, hooking, peopling
from vaultcli.work.authority import Authority
from vaultcli.work.enrolling import KeyChoice

REQUEST = "enrolment-request.toml"
_FETCHED = "refs/vaultcli/adopting/"
_SPECS = (f"+refs/heads/*:{_FETCHED}heads/*", f"+refs/remotes/origin/*:{_FETCHED}origin/*")
_URL = re.compile(r"[a-z+]+://|[^/]+@?[^/]+:")
_LIMIT = 1 << 20


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


def read_page(path: Path) -> RecoveryPage:
    """The recovery page in a file."""
    return recovery_page.parse(files.read(path, _LIMIT).decode("utf-8", "replace"), str(path))


def adopt(
    root: Path, wanted: Wanted, now: datetime, ask: AskPass | None, progress: Callable[[str], None] = lambda _: None
) -> Adopted:
    """Adopt a vault into a new folder, and enrol this machine; what was interrupted is completed.

    Args:
        root: the new vault's folder, absolute.
        wanted: what, and by whom.
        now: the clock.
        ask: asks for the personal key's passphrase.
        progress: receives git's own lines.

    Raises:
        Refused: it is not the vault of that genesis, or its policy breaks the rules; what was made is removed.
        GitTrouble: it cannot be reached, or an object in it is malformed; what was made is removed.
        Conflict: the folder holds something else.
    """
    git.version()
    if re.fullmatch(messages.COMMIT, wanted.genesis) is None:
        raise BadInput("--genesis is a whole id with its algorithm, as on the recovery page", hint="sha256: and 64 digits")
    if wanted.page is not None and wanted.page.genesis != wanted.genesis:
        raise Refused("the recovery page belongs to another vault than --genesis names")
    found: tuple[Finding, ...] = ()
    if not (root / NAME).exists():
        _check_free(root)
        found = _bring(root, wanted, now, progress)
    vault, done = _settle_in(root, wanted, ask)
    done.findings = found
    with Chart(vault) as chart:
        if chart.genesis != wanted.genesis:
            raise Conflict(f"{root} holds another vault already", hint="adopt into a new folder")
        done.lines = len(chart.client_ids()) + 1
        _enrol(chart, wanted, done, now, enrolling.asker(wanted.key, done.made, ask))
    done.hooks = hooking.install(vault).foreign
    settings.add_vault(vault.root)
    return done


def _check_free(root: Path) -> None:
    there = sorted(path.name for path in root.iterdir()) if root.is_dir() else []
    if there not in ([], ["chart"]) or (there and not _is_half(root / "chart")):
        raise Conflict(f"{root} is not empty: {there[0]} is there", hint="adopt into a new folder")


def _is_half(chart: Path) -> bool:
    """Whether it is a chart that an interrupted adoption left: ours, or not even begun."""
    config = chart / ".git" / "config"
    if not config.is_file():
        return not any(chart.iterdir())
    values = gitconfig.read_settings(chart / ".git").values
    return "vaultcli.clone" in values or not (chart / ".git" / "refs" / "heads" / BRANCH).exists()


def _bring(root: Path, wanted: Wanted, now: datetime, progress: Callable[[str], None]) -> tuple[Finding, ...]:
    """Fetch, judge, and set up every line; on refusal nothing stays."""
    fresh = not root.exists()
    try:
        return _fetch(root, wanted, now, progress)
    except Exception:
        shutil.rmtree(root / "chart", ignore_errors=True)
        if fresh:
            shutil.rmtree(root, ignore_errors=True)
        raise


def _fetch(root: Path, wanted: Wanted, now: datetime, progress: Callable[[str], None]) -> tuple[Finding, ...]:
    files.make_dirs(root)
    path = root / "chart"
    if path.is_dir() and "vaultcli.clone" in _values(path):
        repository = Repository.open(path, LAYOUT)
    else:
        algorithm = wanted.genesis.partition(":")[0]
        repository = Repository.create(path, LAYOUT, object_format=algorithm)
    with repository:
        repository.git.fetch(_absolute(wanted.source), _SPECS, progress)
        heads = _heads(repository)
        if BRANCH not in heads:
            raise Refused(f"{wanted.source} is no vault: it has no line called {BRANCH}")
        found = _judge(repository, heads, wanted.genesis, now)
        for branch, oid in heads.items():
            if repository.head(branch) is None:
                repository.advance(branch, oid, expecting=None)
        for ref, oid in repository.git.refs(_FETCHED).items():
            repository.git.update_ref(ref, None, oid)
        genesis = messages.oid_of(wanted.genesis)
        if pins.load(genesis, repository.clone_id) is None:
            pins.create(genesis, repository.clone_id, heads, how=pins.ADOPTED, now=now)
        return found


def _values(path: Path) -> dict[str, str]:
    return gitconfig.read_settings(path / ".git").values if (path / ".git" / "config").is_file() else {}


def _absolute(source: str) -> str:
    """The source as git gets it: a vault's folder stands for its chart, and a relative path would lead elsewhere."""
    if _URL.match(source) and not Path(source).exists():
        return source
    path = Path(source).expanduser().absolute()
    if not path.exists():
        raise NotFound(f"there is nothing to adopt at {path}")
    return str(load(path).chart) if (path / NAME).is_file() else str(path)


def _heads(repository: Repository) -> dict[str, str]:
    """The newest head of every line that came, of the source's own branches or those that it tracks; `practice` first."""
    found: dict[str, str] = {}
    for ref, oid in repository.git.refs(_FETCHED).items():
        branch = ref.removeprefix(_FETCHED).partition("/")[2]
        if not arriving.is_line(branch):
            continue
        other = found.get(branch)
        if other is None or (other != oid and repository.git.is_ancestor(other, oid)):
            found[branch] = oid
    return dict(sorted(found.items(), key=lambda item: (item[0] != BRANCH, item[0])))


def _judge(repository: Repository, heads: dict[str, str], genesis: str, now: datetime) -> tuple[Finding, ...]:
    """What is wrong with each line; a line with findings is still adopted, as nothing recorded is ever lost.

    Raises:
        Refused: the first commit is another one, or the policy itself breaks the rules.
    """
    first = repository.git.rev_list(heads[BRANCH])[0]
    if messages.trailer(first) != genesis:
        raise Refused(
            f"this is another vault: its first commit is {messages.trailer(first)}",
            hint="compare --genesis with the recovery page; nothing was kept",
        )
    gate = arriving.Gate(repository, int(now.timestamp()), messages.oid_of(genesis))
    practice = gate.judge(BRANCH, heads[BRANCH])
    if practice.findings:
        raise Refused(
            f"its policy breaks the rules: {practice.findings[0].text()}", hint="fetch it from a place that you trust more"
        )
    found: list[Finding] = []
    for branch, oid in heads.items():
        if branch != BRANCH:
            found += gate.judge(branch, oid).findings
    return tuple(found)


# this machine


def _settle_in(root: Path, wanted: Wanted, ask: AskPass | None) -> tuple[Vault, Adopted]:
    """`vault.toml` and the key store with its keys."""
    if (root / NAME).exists():
        vault = _renamed(load(root), wanted)
        return vault, Adopted(vault, vault.principal, made=enrolling.make_keys(vault, wanted.key, ask))
    with Repository.open(root / "chart", LAYOUT) as repository:
        policies, clone = history.replay_practice(repository), repository.clone_id
    named = enrolling.named(wanted.key)
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
    return vault, Adopted(vault, principal, made=enrolling.make_keys(vault, wanted.key, ask))


def _principal(wanted: Wanted) -> str:
    return wanted.principal or (enrolling.principal_of(wanted.name) if wanted.name else "")


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
            raise Conflict(f"{vault.root} is a machine of {vault.principal}", hint="adopt into a new folder")
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


def _enrol(chart: Chart, wanted: Wanted, done: Adopted, now: datetime, ask: AskPass | None) -> None:
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
        entries = peopling.admit_machine(chart, done.principal, keys, signer, now, policy=False)
        person = chart.policy.practice.person(done.principal)
        if own is not None and own.policy and person is not None:
            by = Authority(signer, own, person)
            peopling.add(chart, None, entries, by, now)
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
        policy = peopling.holds_policy(ring, principal)
        entries: tuple[Entry, ...] = peopling.admit_machine(chart, principal, keys, signer, now, policy=policy)
        by = Authority(signer, entry, Person(RECOVERY, RECOVERY_NAME, "", (), ""))
        peopling.add(chart, None, entries, by, now)
    return tuple(one.fingerprint for one in entries)


def _write_request(chart: Chart, wanted: Wanted, principal: str, entries: tuple[Entry, ...]) -> Path:
    known = chart.policy.practice.person(principal)
    name, credentials = ("", "") if known else (wanted.name, wanted.credentials)
    request = Request(chart.genesis, principal, name, credentials, entries)
    path = chart.vault.root / REQUEST
    files.put(path, enrolment.render(request).encode())
    return path
