"""Adopting a vault from elsewhere: its objects into a repository of our own, judged from the genesis that the user names.

Nothing of the other repository but its objects comes along: no configuration, hook, attribute or branch name decides
anything here. Every commit is judged, signatures included, before a working file of its line is written.
"""

from __future__ import annotations

import re
import shutil
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from vaultcli.ground import files
from vaultcli.ground.errors import BadInput, Conflict, NotFound, Refused
from vaultcli.ground.git import config as gitconfig
from vaultcli.ground.git import plumbing
from vaultcli.ground.git.history import History
from vaultcli.ground.repository.remote import Remote, address, is_local
from vaultcli.ground.repository.repository import Repository
from vaultcli.ground.ssh.askpass import AskPass
from vaultcli.places.chart import incoming
from vaultcli.places.chart.chart import LAYOUT, Chart
from vaultcli.places.machine import pins, settings
from vaultcli.places.machine.vault import NAME, Vault, load
from vaultcli.places.remote import hooks
from vaultcli.record import message as messages
from vaultcli.record.finding import Finding
from vaultcli.record.history.line import BRANCH
from vaultcli.record.paper import recovery_page
from vaultcli.record.paper.recovery_page import RecoveryPage
from vaultcli.work.people import keys
from vaultcli.work.vault import admit_machine
from vaultcli.work.vault.admit_machine import Adopted, Wanted

_FETCHED = "refs/vaultcli/adopting/"
_SPECS = (f"+refs/heads/*:{_FETCHED}heads/*", f"+refs/remotes/origin/*:{_FETCHED}origin/*")
_UNREACHED = "is it the right address, and may you read there? `git ls-remote` tries it"
_LIMIT = 1 << 20
_NEW_FOLDER = "adopt into a new folder"


@dataclass(frozen=True)
class Manner:
    """How a copy is taken over.

    Args:
        how: what its pins say of it, of `pins.HOW`.
        specs: what is fetched, to below `refs/vaultcli/adopting/`.
        then: called with the repository when every line stands, before there is a vault; again after an interruption.
    """

    how: str = pins.ADOPTED
    specs: Sequence[str] = _SPECS
    then: Callable[[Repository], None] = lambda _: None


ADOPTING = Manner()


def read_page(path: Path) -> RecoveryPage:
    """The recovery page in a file."""
    return recovery_page.parse(files.read(path, _LIMIT).decode("utf-8", "replace"), str(path))


def adopt(
    root: Path,
    wanted: Wanted,
    now: datetime,
    ask: AskPass | None,
    progress: Callable[[str], None] = lambda _: None,
    manner: Manner = ADOPTING,
) -> Adopted:
    """Adopt a vault into a new folder, and enrol this machine; what was interrupted is completed.

    Args:
        root: the new vault's folder, absolute.
        wanted: what, and by whom.
        now: the clock.
        ask: asks for the personal key's passphrase.
        progress: receives git's own lines.
        manner: how; a backup is restored in another one.

    Raises:
        Refused: it is not the vault of that genesis, or its policy breaks the rules; what was made is removed.
        GitTrouble: it cannot be reached, or an object in it is malformed; what was made is removed.
        Conflict: the folder holds something else.
    """
    plumbing.version()
    if re.fullmatch(messages.COMMIT, wanted.genesis) is None:
        raise BadInput("--genesis is a whole id with its algorithm, as on the recovery page", hint="sha256: and 64 digits")
    if wanted.page is not None and wanted.page.genesis != wanted.genesis:
        raise Refused("the recovery page belongs to another vault than --genesis names")
    found: tuple[Finding, ...] = ()
    check_target(root, wanted.genesis)
    if not (root / NAME).exists():
        found = _bring(root, wanted, now, progress, manner)
    else:
        found = _pin_again(root, wanted.genesis, now, manner)
    vault, done = admit_machine.settle_in(root, wanted, ask)
    _mark(vault.chart).unlink(missing_ok=True)
    done.findings = found
    # before the machine is let in, which is what says that nothing is left to do
    done.hooks = hooks.install(vault.chart / ".git", hooks.CHART).foreign
    with Chart(vault) as chart:
        done.lines = len(chart.client_ids()) + 1
        admit_machine.enrol(chart, wanted, done, now, keys.asker(wanted.key, done.made, ask))
    settings.add_vault(vault.root)
    return done


def check_target(root: Path, genesis: str) -> None:
    """Refuse a folder that holds anything but that vault, or what an interrupted adoption of it left.

    Raises:
        Conflict: it holds something else.
    """
    if (root / NAME).exists():
        _check_same(load(root), genesis)
    else:
        _check_free(root, genesis)


def _check_same(vault: Vault, genesis: str) -> None:
    """Refuse a folder that is another vault, or one that `init` began to found."""
    first = ""
    if (vault.chart / ".git").is_dir() and "vaultcli.clone" in _values(vault.chart):
        with Repository.open(vault.chart, LAYOUT) as repository:
            head = repository.head(BRANCH)
            first = messages.trailer(repository.git.rev_list(head)[0]) if head else ""
    if first != genesis:
        raise Conflict(f"{vault.root} holds another vault already", hint=_NEW_FOLDER)


def _check_free(root: Path, genesis: str) -> None:
    """Refuse a folder that holds anything but what an interrupted adoption of the same vault left."""
    there = sorted(path.name for path in root.iterdir()) if root.is_dir() else []
    if there not in ([], ["chart"]) or (there and not _is_half(root / "chart", genesis)):
        raise Conflict(f"{root} is not empty: {there[0]} is there", hint=_NEW_FOLDER)


def _mark(chart: Path) -> Path:
    """The file that stands, with the genesis in it, as long as an adoption is not finished: what it brought may go again."""
    return chart / ".git" / "vaultcli" / "adopting"


def _is_half(chart: Path, genesis: str) -> bool:
    """Whether an interrupted adoption of that vault left this chart; a chart that only lost its `vault.toml` is none."""
    if chart.is_symlink() or not chart.is_dir():
        return False
    if not (chart / ".git" / "config").is_file():
        return not any(chart.iterdir())
    if _mark(chart).is_file():
        return files.read(_mark(chart), 200) == genesis.encode()
    object_format = gitconfig.read_settings(chart / ".git").object_format
    return not plumbing.Git(chart / ".git", object_format=object_format).refs()


def _bring(
    root: Path, wanted: Wanted, now: datetime, progress: Callable[[str], None], manner: Manner
) -> tuple[Finding, ...]:  # fmt: skip
    """Fetch, judge, and set up every line; what was made here does not stay on refusal."""
    fresh, begun = not root.exists(), (root / "chart").exists()
    try:
        return _fetch(root, wanted, now, progress, manner)
    except Exception:
        if not begun:
            shutil.rmtree(root / "chart", ignore_errors=True)
        if fresh:
            shutil.rmtree(root, ignore_errors=True)
        raise


def _fetch(
    root: Path, wanted: Wanted, now: datetime, progress: Callable[[str], None], manner: Manner
) -> tuple[Finding, ...]:  # fmt: skip
    files.make_dirs(root)
    path = root / "chart"
    if path.is_dir() and "vaultcli.clone" in _values(path):
        repository = Repository.open(path, LAYOUT)
        repository.recover()
    else:
        algorithm = wanted.genesis.partition(":")[0]
        repository = Repository.create(path, LAYOUT, object_format=algorithm)
    with repository:
        files.put(_mark(path), wanted.genesis.encode())
        # so that what a killed fetch leaves is known as ours, and goes when the command is run again
        with repository.lock():
            Remote(repository.git, _absolute(wanted.source), _UNREACHED).fetch(manner.specs, progress)
        heads = _heads(repository)
        if BRANCH not in heads:
            raise Refused(f"{wanted.source} is no vault: it has no line called {BRANCH}")
        found = _judge(repository, heads, wanted.genesis, now)
        for branch, oid in heads.items():
            if repository.head(branch) is None:
                repository.advance(branch, oid, expecting=None)
        with repository.lock():
            for ref, oid in repository.git.refs(_FETCHED).items():
                repository.git.update_ref(ref, None, oid)
        genesis = messages.oid_of(wanted.genesis)
        if pins.load(genesis, repository.clone_id) is None:
            pins.create(genesis, repository.clone_id, heads, how=manner.how, now=now)
        manner.then(repository)
        return found


def _pin_again(root: Path, genesis: str, now: datetime, manner: Manner) -> tuple[Finding, ...]:
    """Pin a vault that is here already and that this machine remembers no more; every commit is judged first."""
    with Repository.open(load(root).chart, LAYOUT) as repository:
        heads = {branch: oid for branch, oid in repository.lines().items() if incoming.is_line(branch)}
        if pins.find(repository.clone_id) or BRANCH not in heads:
            return ()
        heads = {BRANCH: heads[BRANCH], **heads}
        found = _judge(incoming.At(repository, {}), heads, genesis, now)
        pins.create(messages.oid_of(genesis), repository.clone_id, heads, how=manner.how, now=now)
        return found


def _values(path: Path) -> dict[str, str]:
    return gitconfig.read_settings(path / ".git").values if (path / ".git" / "config").is_file() else {}


def _absolute(source: str) -> str:
    """The source as git gets it: a vault's folder stands for its chart, and a relative path would lead elsewhere."""
    url = address(source, Path.cwd())
    if not is_local(url):
        return url
    path = Path(url)
    if not path.exists():
        raise NotFound(f"there is nothing to adopt at {path}")
    return str(load(path).chart) if (path / NAME).is_file() else url


def _heads(repository: Repository) -> dict[str, str]:
    """The newest head of every line that came, of the source's own branches or those that it tracks; `practice` first."""
    found: dict[str, str] = {}
    for ref, oid in repository.git.refs(_FETCHED).items():
        branch = ref.removeprefix(_FETCHED).partition("/")[2]
        if not incoming.is_line(branch):
            continue
        other = found.get(branch)
        if other is None or (other != oid and repository.git.is_ancestor(other, oid)):
            found[branch] = oid
    return dict(sorted(found.items(), key=lambda item: (item[0] != BRANCH, item[0])))


def _judge(repository: History, heads: dict[str, str], genesis: str, now: datetime) -> tuple[Finding, ...]:
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
    gate = incoming.Gate(repository, int(now.timestamp()), messages.oid_of(genesis))
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
