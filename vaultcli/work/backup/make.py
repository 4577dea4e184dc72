"""Making a backup: every line in one bundle, tried before it counts, and never beside a key. `docs/spec/backup.md`."""

from __future__ import annotations

import os
import re
import shutil
import tarfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, suppress
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path

from vaultcli.ground import files, ids, newfolder
from vaultcli.ground.age import tarball
from vaultcli.ground.errors import BadInput, Conflict, DiskTrouble, GitTrouble, NotFound, Refused, VaultError
from vaultcli.ground.repository import bundle
from vaultcli.ground.repository.repository import Repository
from vaultcli.ground.version import __version__
from vaultcli.places.chart.chart import LAYOUT
from vaultcli.places.machine import location, pins
from vaultcli.places.machine.vault import Vault
from vaultcli.record import backup_manifest
from vaultcli.record import message as messages
from vaultcli.record.backup_manifest import BUNDLE, REMAINS, SEALED, Manifest
from vaultcli.record.history.line import BRANCH
from vaultcli.work.backup import destinations, last
from vaultcli.work.backup.last import Place

UNRECORDED = "unrecorded"
_README = "README.txt"
_HEADS = "refs/heads/"
_LINE = re.compile(rf"refs/heads/({BRANCH}|client/{ids.PATTERN})")
_REMAINS = ("HEAD", "packed-refs", "refs", "objects", "logs", "shallow")
_ROOM = 1.2
"""How much more room is asked for than the objects take."""


@dataclass(frozen=True)
class Wanted:
    """What is asked for.

    Args:
        place: the folder that backups go into.
        recipients: whom it is sealed to; empty for an open backup.
        open: whether an open one is meant where sealed ones went before.
        keep: how many clean ones stay there; 0 for all.
        identities: open a sealed backup to try it; from `seal.identities`.
    """

    place: Path
    recipients: tuple[str, ...] = ()
    open: bool = False
    keep: int = 0
    identities: Sequence[object] = ()


@dataclass(frozen=True)
class Made:
    """A backup that was made.

    Args:
        path: its folder.
        manifest: what it says of itself; of a sealed one the inner part.
        commits: how many it holds.
        sealed: to how many recipients.
        opened: whether a sealed one was opened again to try it.
        size: bytes of the content as it lies there.
        left_out: working files that are not in it, each with the reason.
        trouble: why it is not clean, beside what `verify` says.
        removed: older ones that went.
    """

    path: Path
    manifest: Manifest
    commits: int = 0
    sealed: int = 0
    opened: bool = False
    size: int = 0
    left_out: tuple[str, ...] = ()
    trouble: tuple[str, ...] = ()
    removed: tuple[str, ...] = ()

    @property
    def clean(self) -> bool:
        """Whether it counts."""
        return self.manifest.clean and not self.trouble


@dataclass(frozen=True)
class Judged:
    """What `verify` said of the vault just before: the word, the genesis (`sha256:HEX`), and line to bare head."""

    word: str
    genesis: str
    heads: Mapping[str, str] = field(default_factory=dict)


Trial = Callable[[bundle.Copy], list[str]]
"""Judges the copy that was taken over from the new bundle; gives what is wrong with it."""
Step = Callable[[str], None]


def make(vault: Vault, wanted: Wanted, judged: Judged, now: datetime, trial: Trial, step: Step = lambda _: None) -> Made:
    """Make a backup, try it, and give it its name.

    Args:
        vault: whose chart.
        wanted: where to, and how.
        judged: what `verify` said.
        now: the clock.
        trial: called for a clean vault, with the copy; what it finds makes the backup count for nothing.
        step: told what is being done.

    Raises:
        Refused: the place is one where a backup must not lie.
        NotFound: the place is not there.
        DiskTrouble: no room, or the disk fails or goes; nothing is left there.
    """
    place = wanted.place
    destinations.check(place, vault)
    tarball.check_recipients(wanted.recipients)
    _check_room(vault, place, sealed=bool(wanted.recipients))
    with ExitStack() as stack:
        work = stack.enter_context(newfolder.folder(_own(vault)))
        there = stack.enter_context(newfolder.folder(place))
        inner = there if not wanted.recipients else work / "open"
        files.make_dirs(inner)
        made = _fill(vault, inner, work, judged, now, trial, step)
        if wanted.recipients:
            step("sealing")
            made = _seal(inner, there, work, wanted, made)
        name = _name(made.manifest.genesis, now)
        made = replace(made, path=newfolder.place(there, name))
    if made.clean:
        made = _count(vault, wanted, made, judged)
    return made


def _own(vault: Vault) -> Path:
    folder = vault.chart / ".git" / "vaultcli" / "backups"
    files.make_dirs(folder)
    return folder


def _check_room(vault: Vault, place: Path, *, sealed: bool) -> None:
    """Refuse before anything is written: the copy needs room, and so does trying it."""
    size = int(_weigh(vault.chart / ".git" / "objects") * _ROOM) + (1 << 20)
    for folder, need in ((place, size), (vault.chart, size * (2 if sealed else 1))):
        with files.trouble(folder, "look at"):
            free = shutil.disk_usage(folder).free
        if free < need:
            what = f"about {need >> 20} MB are needed, {free >> 20} MB are free"
            raise DiskTrouble(f"there is not enough room in {folder}: {what}")


def _weigh(folder: Path) -> int:
    size = 0
    for top, _, names in os.walk(folder):
        for name in names:
            with suppress(OSError):
                size += os.lstat(os.path.join(top, name)).st_size  # noqa: PTH118 - tens of thousands of files
    return size


def _name(genesis: str, now: datetime) -> str:
    first = messages.oid_of(genesis)[:8] if genesis else "unknown0"
    return f"vaultcli-{first}-{now.astimezone(UTC):%Y%m%dT%H%M%SZ}-{ids.new()[:4]}"


def _fill(vault: Vault, inner: Path, work: Path, judged: Judged, now: datetime, trial: Trial, step: Step) -> Made:
    """The open folder with all that is in it, tried."""
    step("writing")
    heads: dict[str, str] = {}
    trouble: list[str] = []
    commits = 0
    try:
        heads, commits, trouble = _bundle(vault, inner / BUNDLE, work, judged, trial, step)
        content = BUNDLE
    except GitTrouble as error:
        (inner / BUNDLE).unlink(missing_ok=True)
        trouble = [f"no bundle that reads back whole could be made: {error.message}"]
        _remains(vault, inner / REMAINS)
        content = REMAINS
    unrecorded, left_out = _unrecorded(vault, inner / UNRECORDED)
    word = "findings" if trouble else judged.word
    manifest = Manifest(
        judged.genesis,
        now.isoformat(timespec="seconds"),
        f"vaultcli {__version__}",
        word,
        content,
        (inner / content).stat().st_size,
        _digest(inner / content),
        {line: messages.trailer(oid) for line, oid in heads.items()},
        unrecorded,
    )
    files.create(inner / backup_manifest.PATH, manifest.text().encode())
    files.create(inner / _README, destinations.readme(manifest, heads).encode())
    return Made(inner, manifest, commits, size=manifest.size, left_out=left_out, trouble=tuple(trouble))


def _bundle(
    vault: Vault, path: Path, work: Path, judged: Judged, trial: Trial, step: Step
) -> tuple[dict[str, str], int, list[str]]:  # fmt: skip
    """Write the bundle and take it over again; its lines, how many commits it holds, and what is wrong with it."""
    with Repository.open(vault.chart, LAYOUT) as repository:
        refs = _write(repository, path, work)
        lines = {found[1]: oid for ref, oid in refs.items() if (found := _LINE.fullmatch(ref))}
        step("trying")
        with bundle.unpacked(path, work, repository.object_format) as copy:
            want = refs | ({"HEAD": refs[_HEADS + BRANCH]} if BRANCH in lines else {})
            if copy.refs != want:
                raise GitTrouble(f"{path} does not hold what was to be saved")
            trouble = trial(copy) if judged.word in backup_manifest.CLEAN else copy.git.fsck()
            return lines, len(copy.git.rev_list(*lines.values())), trouble


def _write(repository: Repository, path: Path, work: Path) -> dict[str, str]:
    """Write a bundle of the refs of one moment; others may record meanwhile, as objects stay. Gives the refs."""
    while True:
        with repository.lock():
            refs = _refs(repository)
        try:
            bundle.write(repository.git, work, refs, _HEADS + BRANCH, path)
        except GitTrouble:
            # a succession takes the old line's objects away, and is over once its branch has moved
            if _refs(repository) == refs:
                raise
            path.unlink(missing_ok=True)
        else:
            return refs


def _refs(repository: Repository) -> dict[str, str]:
    """Every ref, but remote-tracking ones only where they lead to what no line has."""
    refs = repository.git.refs()
    tracked = {ref: oid for ref, oid in refs.items() if ref.startswith("refs/remotes/")}
    own = {ref: oid for ref, oid in refs.items() if ref not in tracked}
    if not tracked:
        return own
    lines = [oid for ref, oid in own.items() if ref.startswith(_HEADS)]
    alone = set(repository.git.rev_list(*tracked.values(), without=lines))
    return own | {ref: oid for ref, oid in tracked.items() if oid in alone}


def _unrecorded(vault: Vault, folder: Path) -> tuple[dict[str, str], tuple[str, ...]]:
    """Copy the working files that are new or edited; path to digest, and what was left out."""
    found: dict[str, str] = {}
    left_out: list[str] = []
    for path in _new(vault, left_out):
        try:
            raw = files.read(vault.chart / path)
        except NotFound:
            continue
        except BadInput:
            left_out.append(f"{path} is no plain file, or too large")
            continue
        if destinations.is_secret(raw):
            left_out.append(f"{path} looks like a private key or a recovery page")
        elif not tarball.is_plain(path) or not backup_manifest.is_inside(path):
            left_out.append(f"{path} has a name that not every disk can hold")
        else:
            target = folder / path
            files.make_dirs(target.parent)
            files.create(target, raw)
            found[path] = files.digest(raw)
    return found, tuple(left_out)


def _new(vault: Vault, left_out: list[str]) -> Iterator[str]:
    """Working files that the record does not have as they are, relative to the chart."""
    try:
        with Repository.open(vault.chart, LAYOUT) as repository:
            for line in repository.lines():
                top = repository.folder(line)
                if top is None:
                    continue
                working, inside = repository.working(line), top.relative_to(repository.path)
                yield from ((inside / path).as_posix() for path in (*working.new, *working.edited))
                left_out += [f"{(inside / path).as_posix()} is a link, or no file" for path in working.strange]
    except GitTrouble as error:
        left_out.append(f"which files were not recorded cannot be told: {error.message}; those of clients/ are in {REMAINS}")


def _remains(vault: Vault, target: Path) -> None:
    """The repository's objects and refs, and every working file, as they lie there."""
    directory = vault.chart / ".git"

    def clean(info: tarfile.TarInfo) -> tarfile.TarInfo | None:
        path = vault.chart / Path(info.name).relative_to("chart")
        if not (info.isreg() or info.isdir()) or (info.isreg() and path.stat().st_size < files.LIMIT and _is_secret(path)):
            return None
        info.uid = info.gid = 0
        info.uname = info.gname = ""
        return info

    with files.trouble(target, "write"), tarfile.open(target, "x", format=tarfile.PAX_FORMAT) as tar:
        for name in _REMAINS:
            if os.path.lexists(directory / name):
                tar.add(directory / name, f"chart/.git/{name}", filter=clean)
        for path in sorted(vault.chart.iterdir()):
            if path.name != ".git":
                tar.add(path, f"chart/{path.name}", filter=clean)
    files.sync_file(target)


def _is_secret(path: Path) -> bool:
    try:
        return destinations.is_secret(files.read(path))
    except VaultError:
        return True


def _seal(inner: Path, there: Path, work: Path, wanted: Wanted, made: Made) -> Made:
    """The open folder as one sealed file, with a manifest that says no more than it must."""
    contents = {path.relative_to(inner).as_posix(): path for path in sorted(inner.rglob("*")) if path.is_file()}
    target = there / SEALED
    tarball.seal(contents, target, wanted.recipients)
    size, sha256 = target.stat().st_size, _digest(target)
    if wanted.identities:
        again = work / "again"
        files.make_dirs(again)
        tarball.unseal(target, again, wanted.identities)
        same = {path.relative_to(again).as_posix(): path for path in again.rglob("*") if path.is_file()}
        if same.keys() != contents.keys() or any(_digest(same[name]) != _digest(contents[name]) for name in same):
            raise DiskTrouble(f"what was sealed in {target} does not come out again")
    outer = replace(made.manifest, file=SEALED, size=size, sha256=sha256, heads={}, unrecorded={})
    files.create(there / backup_manifest.PATH, outer.text().encode())
    files.create(there / _README, destinations.readme(outer, {}).encode())
    return replace(made, sealed=len(wanted.recipients), opened=bool(wanted.identities), size=size)


def _digest(path: Path) -> str:
    """The SHA-256 of a file of any size, read from the disk and not from what we remember of it, as far as can be asked."""
    import hashlib

    with files.trouble(path, "read"), path.open("rb") as stream:
        with suppress(OSError, AttributeError):
            os.posix_fadvise(stream.fileno(), 0, 0, os.POSIX_FADV_DONTNEED)
        return hashlib.file_digest(stream, "sha256").hexdigest()


def _count(vault: Vault, wanted: Wanted, made: Made, judged: Judged) -> Made:
    """Remember a clean backup, and let older ones go where that was asked for."""
    with Repository.open(vault.chart, LAYOUT) as repository:
        clone = repository.clone_id
    genesis = messages.oid_of(judged.genesis)
    heads = {line: messages.oid_of(head) for line, head in made.manifest.heads.items()}
    place = wanted.place.resolve()
    sha256 = _digest(made.path / (SEALED if wanted.recipients else made.manifest.file))
    noted = Place(
        str(place), made.path.name, made.manifest.made, sha256, made.commits, heads, wanted.recipients, wanted.keep,
        apart=destinations.is_apart(place, vault),
    )  # fmt: skip
    last.remember(genesis, clone, noted)
    removed = []
    # never the one just made, whatever the clock said when the others were
    others = [old for old in destinations.clean_ones(place, judged.genesis) if old.name != made.path.name]
    for old in others[wanted.keep - 1 :] if wanted.keep else ():
        newfolder.remove(old)
        removed.append(old.name)
    return replace(made, removed=tuple(removed))


def chosen(vault: Vault, place: Path | None, wanted: Wanted) -> tuple[Wanted, tuple[str, ...]]:
    """What is asked for, filled up with what was done before: the last place, its recipients, how many are kept there.

    Returns:
        The complete request, and what the user ought to know of the place, a sentence each.

    Raises:
        NotFound: no place was named, and there was none before.
        Refused: sealed backups went there before and this one would be open; the place is no longer on a disk of its own.
    """
    with Repository.open(vault.chart, LAYOUT) as repository:
        known = pins.find(repository.clone_id)
        before = last.places(known[0].genesis, repository.clone_id) if len(known) == 1 else []
    if place is None:
        if not before:
            hint = "`vaultcli backup DIR`, a folder on another disk"
            raise NotFound("no backup was made before: where is it to go?", hint=hint)
        place = Path(before[-1].place)
    place = Path(os.path.abspath(place))  # noqa: PTH100 - resolve() would hide what the user typed
    old = next((one for one in before if Path(one.place) == place.resolve()), None)
    wanted = replace(wanted, place=place)
    if old is not None:
        wanted = _as_before(wanted, old)
        if old.apart and place.is_dir() and not destinations.is_apart(place, vault):
            raise Refused(f"{place} was on another disk before, and now is on the vault's own", hint="is the stick plugged in?")
    return wanted, tuple(_remarks(wanted, vault))


def _as_before(wanted: Wanted, old: Place) -> Wanted:
    if old.sealed and not wanted.recipients and not wanted.open:
        wanted = replace(wanted, recipients=tuple(old.sealed))
    return replace(wanted, keep=wanted.keep or old.keep)


def _remarks(wanted: Wanted, vault: Vault) -> Iterator[str]:
    place = wanted.place
    if not place.is_dir():
        return
    if not destinations.is_apart(place, vault):
        yield "this is the disk that the vault is on: it does not help on the day when that disk dies"
    if service := location.synced(place):
        yield f"it lies in a folder of {service}, which copies it away: whoever keeps it there needs an agreement with you"
    if not wanted.recipients and location.encrypted(place) is not True:
        yield "the notes lie there readable to whoever holds the disk; --to RECIPIENT seals them"


__all__ = ["Conflict", "Judged", "Made", "Trial", "Wanted", "chosen", "make"]
