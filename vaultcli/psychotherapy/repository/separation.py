"""Whether chart and psychotherapy notes are apart, checked over everything that both are made of, and said in a signed statement.

`docs/spec/psychotherapy/separation.md`. The chart is only read. What is looked for in it are texts that only the psychotherapy
repository has: its ids, recipients, keys, commits and files; a client's name is looked for the other way round.
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from vaultcli.ground import files, ids
from vaultcli.ground.errors import FINDINGS, OK, BadInput, Refused, VaultError
from vaultcli.ground.git.catfile import Reader
from vaultcli.ground.git.objects import name_object
from vaultcli.ground.git.plumbing import Git
from vaultcli.ground.process import daemon
from vaultcli.ground.ssh.sshsig import BadSignature, PublicKey
from vaultcli.places.audit import objectstore
from vaultcli.places.chart.chart import Chart
from vaultcli.places.machine import state
from vaultcli.places.sealed.store import Store
from vaultcli.psychotherapy.repository.remotes import addresses
from vaultcli.record.finding import Finding
from vaultcli.record.message import trailer
from vaultcli.record.sealed import header, paths, toml

VERSION = "vaultcli-separation"
CHECKS = ("folders", "remotes", "clones", "keys", "objects", "chart-objects", "chart-files", "machine-state", "clear-parts")
"""In the order in which they are made and stated."""
_PIECE = 300
_LIMIT = 1 << 27
_RUN = re.compile(rb"[0-9a-hjkmnp-tv-z]{16,}")
_HEX = re.compile(rb"(?<![0-9a-f])(?:[0-9a-f]{40}|[0-9a-f]{64})(?![0-9a-f])")
_RECIPIENT = re.compile(rb"age1[02-9ac-hj-np-z]{58}")
_KEY = re.compile(rb"AAAA[A-Za-z0-9+/]{40,}={0,2}|SHA256:[A-Za-z0-9+/]{43}")
_PRINCIPAL = re.compile(rf"(?<![0-9A-Za-z])[mr][{ids.ALPHABET}]{{8}}(?![0-9A-Za-z])".encode())
_NOTHING = {name_object(kind, b"", format_) for kind in ("blob", "tree") for format_ in ("sha256", "sha1")}
"""An empty file and an empty folder have the same name everywhere."""

Progress = Callable[[int, int], None]


@dataclass(frozen=True)
class Check:
    """One check: how many things of the chart and of the psychotherapy notes were looked at, and what is not apart."""

    name: str
    chart: int
    psychotherapy: int
    findings: tuple[Finding, ...] = ()


@dataclass(frozen=True)
class Separation:
    """What was checked.

    Args:
        chart, psychotherapy: the first commits, `sha256:HEX`.
        checks: in their order.
    """

    chart: str
    psychotherapy: str
    checks: tuple[Check, ...]

    @property
    def findings(self) -> tuple[Finding, ...]:
        """Of all checks."""
        return tuple(one for check in self.checks for one in check.findings)

    @property
    def exit_code(self) -> int:
        """1 for findings, else 0."""
        return FINDINGS if self.findings else OK

    def statement(self, principal: str, now: datetime) -> bytes:
        """The text that is signed: counts, and no name, place or id of a client or a drawer."""
        top: dict[str, toml.Value] = {
            VERSION: 1,
            "chart": self.chart,
            "psychotherapy": self.psychotherapy,
            "machine": principal,
            "made": now.isoformat(timespec="seconds"),
            "verdict": "findings" if self.findings else "separate",
        }
        rows: list[dict[str, toml.Value]] = [
            {"name": one.name, "chart": one.chart, "psychotherapy": one.psychotherapy, "findings": len(one.findings)}
            for one in self.checks
        ]
        return toml.render(top, "check", rows).encode()


@dataclass
class _Marks:
    """Texts that only the psychotherapy notes have."""

    words: set[bytes] = field(default_factory=set)
    objects: set[bytes] = field(default_factory=set)

    def found_in(self, raw: bytes) -> bool:
        """Whether any of them stands in some bytes."""
        words = self.words
        for pattern in (_RECIPIENT, _KEY, _PRINCIPAL):
            if any(one.group() in words for one in pattern.finditer(raw)):
                return True
        if any(one.group() in self.objects for one in _HEX.finditer(raw)):
            return True
        for run in (one.group() for one in _RUN.finditer(raw)):
            if any(run[at : at + 16] in words for at in range(len(run) - 15)):
                return True
        return False

    def __len__(self) -> int:
        return len(self.words) + len(self.objects)


def check(chart: Chart, store: Store, progress: Progress = lambda _done, _all: None) -> Separation:
    """Check everything.

    Args:
        chart: only read.
        store: nothing of it is opened.
        progress: told how many of the chart's objects are read.
    """
    run = _Run(chart, store, progress)
    made = {
        "folders": run.folders(),
        "remotes": run.remotes(),
        "clones": run.clones(),
        "keys": run.keys(),
        "objects": run.objects(),
        "chart-objects": run.chart_objects(),
        "chart-files": run.chart_files(),
        "machine-state": run.machine_state(),
        "clear-parts": run.clear_parts(),
    }
    return Separation(chart.genesis, trailer(store.pins.genesis), tuple(made[name] for name in CHECKS))


def write(separation: Separation, store: Store, chart: Chart, path: Path, now: datetime) -> None:
    """Write the statement and, beside it, its signature by this machine's key.

    Raises:
        Refused: it would lie in the chart, with the keys or among the sealed files.
        Conflict: a file is there already.
    """
    place = path.resolve()
    for folder in (chart.vault.chart, chart.vault.keys, store.settings.repository, store.settings.keys):
        if place.is_relative_to(folder.resolve()):
            raise Refused(f"the statement would lie inside {folder}", hint="neither the chart nor the notes tell of the other")
    with store.machine() as (entry, signer):
        raw = separation.statement(entry.principal, now)
        armour = signer.sign(raw, header.NAMESPACE)
    files.create(path, raw)
    files.create(path.with_name(path.name + ".sig"), armour.encode())


class _Run:
    def __init__(self, chart: Chart, store: Store, progress: Progress) -> None:
        self.chart, self.store, self.progress = chart, store, progress
        self.here = chart.repository.directory
        self.there = store.repository.directory
        self.mine = sorted(objectstore.look(self.there, store.repository.object_format).all)
        self.charts = sorted(objectstore.look(self.here, chart.repository.object_format).all)
        self.marks = self._marks()

    def _marks(self) -> _Marks:
        state, known = self.store.state, self.store.pins
        marks = _Marks()
        places = [at for at in map(paths.parse, state.tree) if at is not None]
        words = {state.signers.vault, self.store.repository.clone_id}
        words |= {at.token for at in places} | {at.id for at in places if at.id}
        words |= {one.recipient for one in state.epochs.items} | {one for rows in known.drawers.values() for one in rows}
        for entry in state.signers.entries:
            words |= {entry.principal, entry.fingerprint, entry.key.line.split()[1]}
        marks.words = {word.encode() for word in words}
        marks.objects = {oid.encode() for oid in self.mine if oid not in _NOTHING}
        return marks

    # what must not be shared

    def folders(self) -> Check:
        """Neither lies in the other, nor do the key stores."""
        vault, settings = self.chart.vault, self.store.settings
        mine = {"the repository": settings.repository, "the key store": settings.keys}
        theirs = {"the chart": vault.chart, "the chart's key store": vault.keys}
        found = [
            Finding(str(one), "separation-folders", f"{name} and {other} lie one in the other")
            for name, one in mine.items()
            for other, two in theirs.items()
            if _nested(one, two)
        ]
        if _nested(settings.repository, settings.keys):
            text = "the repository and its key store lie one in the other"
            found.append(Finding(str(settings.keys), "separation-folders", text))
        return Check("folders", len(theirs), len(mine), tuple(found))

    def remotes(self) -> Check:
        """No place holds both."""
        mine, theirs = addresses(self.there), addresses(self.here)
        shared = sorted(mine & theirs)
        found = [Finding("remotes", "separation-remotes", "the chart is synced with the same place") for _ in shared]
        return Check("remotes", len(theirs), len(mine), tuple(found))

    def clones(self) -> Check:
        """No id of a copy, and no first commit, is both's."""
        mine = {self.store.repository.clone_id, self.store.pins.genesis}
        theirs = {self.chart.repository.clone_id, self.chart.genesis.partition(":")[2]}
        found = [Finding("clones", "separation-clones", "the two repositories share an id") for _ in mine & theirs]
        return Check("clones", len(theirs), len(mine), tuple(found))

    def keys(self) -> Check:
        """No key is both's: in the lists of signers, and as files in the key stores."""
        mine = {one.key.blob for one in self.store.state.signers.entries}
        theirs = {one.key.blob for one in self.chart.policy.keyring.entries}
        mine |= _publics(self.store.settings.keys) | _adopted(self.store)
        theirs |= _publics(self.chart.vault.keys)
        found = [Finding("keys", "separation-keys", "a key is used for both") for _ in mine & theirs]
        same = _digests(self.store.settings.keys) & _digests(self.chart.vault.keys)
        found += [Finding("keys", "separation-keys", "the key stores hold the same file") for _ in same]
        return Check("keys", len(theirs), len(mine), tuple(found))

    def objects(self) -> Check:
        """No commit, folder or file is in both histories."""
        shared = set(self.charts) & {oid.decode() for oid in self.marks.objects}
        found = [Finding(f".git/objects/{oid[:2]}/{oid[2:]}", "separation-objects", "is in both") for oid in sorted(shared)]
        return Check("objects", len(self.charts), len(self.mine), tuple(found))

    # the chart, which knows nothing

    def chart_objects(self) -> Check:
        """No object of the chart, reachable or not, holds anything that only these notes have."""
        found = []
        with Reader(Git(self.here, object_format=self.chart.repository.object_format)) as reader:
            for at in range(0, len(self.charts), _PIECE):
                for oid, raw in reader.many(self.charts[at : at + _PIECE], "").items():
                    if isinstance(raw, bytes) and self.marks.found_in(raw):
                        where = f".git/objects/{oid[:2]}/{oid[2:]}"
                        found.append(Finding(where, "separation-trace", "an object of the chart names these notes"))
                self.progress(min(at + _PIECE, len(self.charts)), len(self.charts))
        return Check("chart-objects", len(self.charts), len(self.marks), tuple(found))

    def chart_files(self) -> Check:
        """The chart's folder: texts, refs, logs, hooks, settings, index and all that vaultcli keeps there."""
        vault = self.chart.vault
        skip = {self.here / "objects", self.store.settings.repository}
        found, count = self._search((vault.chart,), skip, "a file of the chart names these notes")
        tops = (vault.root / "vault.toml", vault.keys)
        more, some = self._search(tops, skip, "the chart's settings or keys name these notes")
        return Check("chart-files", count + some, len(self.marks), (*found, *more))

    def machine_state(self) -> Check:
        """What this machine remembers of the chart: pins, verdicts, index seals, glances."""
        # what it remembers of these notes, and the sockets of agents, are not the chart's
        own = {daemon.folder(), *map(state.folder, state.PSYCHOTHERAPY)}
        found, count = self._search((state.top(),), own, "what this machine remembers of the chart names these notes")
        return Check("machine-state", count, len(self.marks), tuple(found))

    def _search(self, tops: Iterable[Path], skip: set[Path], message: str) -> tuple[list[Finding], int]:
        found, count = [], 0
        for file in _files(tops, skip):
            count += 1
            if self.marks.found_in(file.name.encode() + b"\n" + _read(file)):
                found.append(Finding(str(file), "separation-trace", message))
        return found, count

    # the clear parts, which name nobody

    def clear_parts(self) -> Check:
        """No client of the chart is named in what is not sealed: files, refs, logs, settings, hooks, pins."""
        people = self.chart.clients()
        names = {one.id for one in people} | {one.name for one in people if " " in one.name.strip()}
        words = {one.handle for one in people if one.handle} | {one.name for one in people}
        text = re.compile("|".join(re.escape(one) for one in sorted(names)) or r"(?!)", re.IGNORECASE)
        either = "|".join(map(re.escape, sorted(words))) or "(?!)"
        whole = re.compile(rf"(?<![\w./-])(?:{either})(?![\w./-])", re.IGNORECASE)
        settings = self.store.settings
        tops = [settings.repository, state.folder("pins-psychotherapy")]
        found, count = [], 0
        for file in _files(tops, {self.there / "objects"}):
            raw = b"" if file.suffix == paths.SUFFIX else _read(file)
            count += 1
            said = f"{file.name}\n{raw.decode('utf-8', 'replace')}"
            # a handle may be a word of the language that the README and the hooks are written in
            plain = file == settings.repository / paths.README or file.parent.name == "hooks"
            if text.search(said) or (not plain and whole.search(said)):
                found.append(Finding(str(file), "separation-names", "a client of the chart is named here"))
        return Check("clear-parts", len(people), count, tuple(found))


def _nested(one: Path, other: Path) -> bool:
    one, other = one.resolve(), other.resolve()
    return one.is_relative_to(other) or other.is_relative_to(one)


def _files(tops: Iterable[Path], skip: set[Path]) -> Iterator[Path]:
    for top in tops:
        if top.is_file() and top not in skip:
            yield top
        for folder, names, leaves in os.walk(top):
            names[:] = sorted(name for name in names if Path(folder) / name not in skip)
            yield from (Path(folder) / name for name in sorted(leaves) if Path(folder) / name not in skip)


def _read(file: Path) -> bytes:
    try:
        return files.read(file, _LIMIT)
    except VaultError:
        return b""


def _publics(folder: Path) -> set[bytes]:
    """The public keys that lie in a key store."""
    return {blob for file in sorted(folder.glob("*.pub")) for blob in _public(file)}


def _adopted(store: Store) -> set[bytes]:
    """The public half of an SSH key by which `epoch.age` opens."""
    named = store.settings.identity
    if not named.startswith("ssh:"):
        return set()
    path = Path(named.removeprefix("ssh:")).expanduser()
    return _public(path.with_name(path.name + ".pub"))


def _public(file: Path) -> set[bytes]:
    try:
        return {PublicKey.parse(" ".join(_read(file).decode("utf-8", "replace").split()[:2])).blob}
    except (BadSignature, BadInput, ValueError):
        return set()


def _digests(folder: Path) -> set[str]:
    return {files.digest(raw) for file in _files((folder,), set()) if (raw := _read(file))}
