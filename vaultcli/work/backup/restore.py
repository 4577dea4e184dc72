"""A backup looked at, tried, and made a vault again. `docs/spec/backup.md`, rules 15 to 17.

Everything is checked before anything is made. What a backup is then taken over by is adopting, as with any other copy.
"""

from __future__ import annotations

import hashlib
import shutil
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from pathlib import Path

from vaultcli.ground import files, newfolder
from vaultcli.ground.age import tarball
from vaultcli.ground.errors import BadInput, Conflict, DiskTrouble, GitTrouble, KeyTrouble, NotFound, Refused
from vaultcli.ground.repository import bundle as bundles
from vaultcli.ground.repository.remote import Remote
from vaultcli.ground.repository.repository import Repository
from vaultcli.ground.repository.working import place as place_of
from vaultcli.ground.ssh.askpass import AskPass
from vaultcli.places.chart.chart import Chart
from vaultcli.places.chart.incoming import is_line
from vaultcli.places.machine import keystore, pins, state
from vaultcli.places.machine.vault import NAME, load
from vaultcli.record import backup_manifest
from vaultcli.record import message as messages
from vaultcli.record.backup_manifest import BUNDLE, REMAINS, SEALED, Manifest
from vaultcli.work.backup import destinations
from vaultcli.work.backup.make import UNRECORDED
from vaultcli.work.vault import admit_machine, adopt
from vaultcli.work.vault.admit_machine import Adopted, Wanted
from vaultcli.work.vault.adopt import Manner

_HEADS = "refs/heads/"
_SPECS = (f"+{_HEADS}*:refs/vaultcli/adopting/heads/*",)
_SUCCESSION = "succession.toml"


@dataclass(frozen=True)
class Opened:
    """A backup whose sums were checked.

    Args:
        name: what to call it.
        folder: where its files are in the clear.
        bundle: every line.
        manifest: what must be in it; None for a bundle that came without one.
        scratch: a folder for temporary files, gone with the backup.
    """

    name: str
    folder: Path
    bundle: Path
    manifest: Manifest | None
    scratch: Path


@dataclass(frozen=True)
class Behind:
    """A line that this machine has seen further than the backup goes; `missing` where the backup has no such line at all."""

    line: str
    head: str
    missing: bool


@contextmanager
def opened(source: Path, genesis: str, identities: Sequence[object]) -> Iterator[Opened]:
    """A backup, unsealed where it has to be, with its sums checked; nothing of it stays after the block.

    Args:
        source: a backup's folder or a file in it, a place that holds several, or a bundle.
        genesis: of which vault (`sha256:HEX`): of several the newest clean one of that vault is taken.
        identities: open a sealed one; from `seal.identities`.

    Raises:
        NotFound: there is no backup.
        BadInput, GitTrouble: it is damaged.
        Refused: it is of another vault, or a damaged record's remains.
        KeyTrouble: it is sealed, and nothing that was given opens it.
    """
    scratch = state.folder("restoring")
    files.make_dirs(scratch)
    folder = _folder(source, genesis)
    with newfolder.folder(scratch) as work:
        if folder is None:
            _check_room(work, source)
            yield Opened(source.name, source.parent, source, None, work)
            return
        manifest = _manifest(folder, genesis)
        _check_sum(folder / manifest.file, manifest.size, manifest.sha256)
        _check_room(work, folder / manifest.file)
        name = folder.name
        if manifest.file == SEALED:
            folder, manifest = _unseal(folder, work, genesis, identities)
        if manifest.file == REMAINS:
            hint = f"`tar xf {folder / REMAINS}` gives its files; git may still read some of it"
            raise Refused("this is what was left of a damaged record, and no vault can be made of it", hint=hint)
        _check_unrecorded(folder, manifest)
        yield Opened(name, folder, folder / BUNDLE, manifest, work)


def _folder(source: Path, genesis: str) -> Path | None:
    """The folder of the backup that is meant; None for a bundle alone."""
    if source.is_dir():
        if (source / backup_manifest.PATH).is_file():
            return source
        there = [(path, one) for path, one in destinations.ones(source) if one.genesis in ("", genesis)]
        best = next((path for path, one in there if one.clean), there[0][0] if there else None)
        if best is None:
            raise NotFound(f"there is no backup of that vault in {source}")
        return best
    if not source.is_file():
        raise NotFound(f"there is no backup {source}", hint="is the stick plugged in?")
    if source.name in (backup_manifest.PATH, BUNDLE, SEALED, REMAINS) and (source.parent / backup_manifest.PATH).is_file():
        return source.parent
    if tarball.is_sealed(source):
        hint = "age -d -i KEY opens it; then restore the folder that comes out"
        raise BadInput(f"{source} has no {backup_manifest.PATH} beside it", hint=hint)
    bundles.format_of(source)
    return None


def _check_room(work: Path, content: Path) -> None:
    with files.trouble(content, "read"):
        size = content.stat().st_size
    with files.trouble(work, "look at"):
        free = shutil.disk_usage(work).free
    if free < size * 4 + (1 << 20):
        raise DiskTrouble(f"there is not enough room to try it: about {(size * 4 >> 20) + 1} MB are needed in {work.parent}")


def _manifest(folder: Path, genesis: str) -> Manifest:
    path = folder / backup_manifest.PATH
    manifest = backup_manifest.parse(files.read(path), str(path))
    if manifest.genesis and manifest.genesis != genesis:
        raise Refused(
            f"this is a backup of another vault: its first commit is {manifest.genesis}",
            hint="compare --genesis with the recovery page; nothing was made",
        )
    return manifest


def _check_sum(path: Path, size: int, sha256: str) -> None:
    if not path.is_file():
        raise GitTrouble(f"{path} is missing", hint="take another backup")
    with files.trouble(path, "read"):
        there = path.stat().st_size
        if there != size:
            raise GitTrouble(f"{path} is damaged: it has {there} bytes, and should have {size}", hint="take another backup")
        with path.open("rb") as stream:
            if hashlib.file_digest(stream, "sha256").hexdigest() != sha256:
                raise GitTrouble(f"{path} is damaged: its SHA-256 is not that of the manifest", hint="take another backup")


def _unseal(folder: Path, work: Path, genesis: str, identities: Sequence[object]) -> tuple[Path, Manifest]:
    if not identities:
        raise KeyTrouble(f"{folder.name} is sealed", hint="--identity FILE, with the identity that it was sealed to")
    inner = work / "open"
    files.make_dirs(inner)
    tarball.unseal(folder / SEALED, inner, identities)
    manifest = _manifest(inner, genesis)
    if manifest.file == SEALED:
        raise BadInput(f"{folder / SEALED} holds another sealed file")
    _check_sum(inner / manifest.file, manifest.size, manifest.sha256)
    return inner, manifest


def _check_unrecorded(folder: Path, manifest: Manifest) -> None:
    for path, sha256 in manifest.unrecorded.items():
        file = place_of(folder / UNRECORDED, path)
        if file is None or files.digest_of(file) != sha256:
            raise GitTrouble(f"{folder / UNRECORDED / path} is missing or damaged", hint="take another backup")


@contextmanager
def tried(backup: Opened, genesis: str) -> Iterator[bundles.Copy]:
    """The lines of a backup in an empty repository of ours, every object checked, and all there that the manifest lists.

    Raises:
        GitTrouble: it is damaged, incomplete, or not what its manifest says.
        Refused: it is of another vault.
    """
    algorithm = genesis.partition(":")[0]
    if bundles.format_of(backup.bundle) != algorithm:
        raise Refused(f"this is a backup of another vault: its commits are not {algorithm}", hint="nothing was made")
    try:
        with bundles.unpacked(backup.bundle, backup.scratch, algorithm) as copy:
            _check_heads(backup, copy)
            yield copy
    except GitTrouble as error:
        raise GitTrouble(f"{backup.name} is damaged: {error.message}", hint=error.hint or "take another backup") from error


def _check_heads(backup: Opened, copy: bundles.Copy) -> None:
    if backup.manifest is None:
        return
    there = lines_of(copy)
    for line, head in backup.manifest.heads.items():
        if line not in there:
            raise GitTrouble(f"{line} is missing in it")
        if messages.trailer(there[line]) != head:
            raise GitTrouble(f"{line} ends elsewhere than its manifest says")
    for line in there.keys() - backup.manifest.heads.keys():
        raise GitTrouble(f"{line} is in it, and not in its manifest")


def lines_of(copy: bundles.Copy) -> dict[str, str]:
    """The lines of a copy: branch to bare head."""
    heads = {ref.removeprefix(_HEADS): oid for ref, oid in copy.refs.items() if ref.startswith(_HEADS)}
    return {line: oid for line, oid in heads.items() if is_line(line)}


def behind(copy: bundles.Copy, genesis: str) -> list[Behind]:
    """Lines of which this machine has seen more than the backup holds, by what it has pinned of that vault."""
    oid, there = messages.oid_of(genesis), lines_of(copy)
    seen: dict[str, set[str]] = {}
    for file in sorted((pins.folder() / oid).glob("*.json")):
        known = pins.load(oid, file.stem)
        for line, head in known.heads.items() if known is not None else ():
            seen.setdefault(line, set()).add(head)
    if not seen:
        return []
    commits = set(copy.git.rev_list(*there.values()))
    lost = {(line, head) for line, heads in seen.items() for head in heads if head not in commits}
    return sorted(
        (
            Behind(line, head, line not in there)
            for line, head in lost
            if line not in there or head not in _succeeded(copy, there[line])
        ),
        key=lambda one: (one.line, one.head),
    )


def _succeeded(copy: bundles.Copy, head: str) -> str:
    """What the line's first commit says of the commits that it replaced; empty where it replaced none."""
    root = copy.git.rev_list(head)[0]
    with suppress(GitTrouble):
        return copy.git.run("cat-file", "blob", f"{root}:{_SUCCESSION}").decode("utf-8", "replace")
    return ""


def check_target(root: Path, genesis: str) -> None:
    """Refuse a folder that holds anything but what an interrupted restore of the same vault left.

    Raises:
        Conflict: it holds something else, a finished vault included.
    """
    adopt.check_target(root, genesis)
    if (root / NAME).exists() and _is_let_in(root):
        raise Conflict(f"{root} holds a vault already", hint="restore into a new folder; nothing was touched")


def _is_let_in(root: Path) -> bool:
    """Whether a vault's machine has been let in, or has asked: then nothing of a restore is left to do."""
    vault = load(root)
    if (root / admit_machine.REQUEST).exists():
        return True
    with suppress(KeyTrouble), Chart(vault) as chart:
        return chart.policy.keyring.by_key(keystore.public(keystore.machine(vault))) is not None
    return False


def restore(root: Path, backup: Opened, wanted: Wanted, now: datetime, ask: AskPass | None) -> Adopted:
    """Make a vault of a backup that was tried, and enrol this machine; what was interrupted is completed.

    Args:
        root: the new vault's folder, absolute; absent or empty.
        backup: from `opened`.
        wanted: as for adopting; its source is the backup's bundle.
        now: the clock.
        ask: asks for the personal key's passphrase.

    Raises:
        as `adopt.adopt`.
    """
    listed = backup.manifest.unrecorded if backup.manifest is not None else {}
    then = partial(_then, backup.bundle, backup.folder / UNRECORDED, listed)
    return adopt.adopt(root, wanted, now, ask, manner=Manner(pins.RESTORED, _SPECS, then))


def kept_back(root: Path, backup: Opened) -> list[str]:
    """Unrecorded edits of the practice's own files (`practice.toml`), which stay in the backup; paths in the chart."""
    listed = backup.manifest.unrecorded if backup.manifest is not None else {}
    chart = load(root).chart
    return sorted(path for path, sha256 in listed.items() if "/" not in path and files.digest_of(chart / path) != sha256)


def _then(bundle: Path, folder: Path, unrecorded: Mapping[str, str], repository: Repository) -> None:
    """What is no line: what remotes had that no line has, and the files that were not recorded."""
    Remote(repository.git, str(bundle.absolute())).fetch(["+refs/remotes/*:refs/remotes/*"])
    for path in unrecorded:
        raw = files.read(folder / path)
        target = place_of(repository.path, path)
        if target is None:
            raise BadInput(f"{path} cannot be put back: a folder on the way is no folder")
        if "/" not in path and target.exists():
            # the practice's own files: enrolment writes them next, and an edit that nobody recorded stops it
            continue
        files.make_dirs(target.parent)
        files.replace(target, raw, expecting=files.digest_of(target), scratch=repository.scratch)
