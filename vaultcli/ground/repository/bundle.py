"""A bundle of chosen refs at chosen commits, made and read back without leaving a trace in the repository.

`git bundle` names what it packs by refs, and a bundle that clones needs `HEAD`. A repository whose refs are exactly those
is written into our scratch folder: five small files (`gitrepository-layout(5)`), which borrow the objects.
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from vaultcli.ground import files
from vaultcli.ground.errors import BadInput, GitTrouble, NotFound
from vaultcli.ground.git.plumbing import Git
from vaultcli.ground.repository.remote import Remote

_CONFIG = {
    "sha256": "[core]\n\trepositoryformatversion = 1\n\tbare = true\n[extensions]\n\tobjectformat = sha256\n",
    "sha1": "[core]\n\trepositoryformatversion = 0\n\tbare = true\n",
}
_HEADS = "refs/heads/"
EVERYTHING = ("+refs/*:refs/*",)
"""Every ref, under its own name."""
NOTHING = f"{_HEADS}nothing"
_V2, _V3 = b"# v2 git bundle\n", b"# v3 git bundle\n"


def write(git: Git, scratch: Path, refs: Mapping[str, str], show: str, path: Path) -> None:
    """Write a bundle into a file, durably; one that is there is replaced.

    Args:
        git: the repository that has the objects; it may be written to meanwhile.
        scratch: an existing folder for temporary files.
        refs: full name of a ref to its object; with all that these lead to, and nothing else.
        show: which of them a clone of the bundle checks out; left out where it is none of them.
        path: the file.

    Raises:
        GitTrouble: an object is damaged or missing.
        DiskTrouble: the disk is full, failing or gone; what was written of the file is the caller's to remove.
    """
    with bare(git.object_format, scratch, refs, show) as lender:
        (lender.directory / "objects" / "info" / "alternates").write_text(f"{git.directory / 'objects'}\n", encoding="utf-8")
        lender.bundle(path, [*(["HEAD"] if show in refs else []), *refs])
    with files.trouble(path, "write"):
        path.chmod(0o600)
    files.sync_file(path)


def read_back(git: Git, scratch: Path, bundle: Path) -> tuple[dict[str, str], set[str]]:
    """What a bundle gives to somebody who has nothing else: its heads, and every object.

    Args:
        git: says the object format; none of its objects are used.
        scratch: a folder for temporary files.
        bundle: the file.

    Raises:
        GitTrouble: it is no bundle, incomplete or damaged.
    """
    with files.trouble(scratch, "write in"):
        scratch.mkdir(parents=True, exist_ok=True, mode=0o700)
    with unpacked(bundle, scratch, git.object_format) as copy:
        heads = {name: oid for name, oid in copy.refs.items() if name.startswith(_HEADS)}
        problems = copy.git.fsck()
        if problems:
            raise GitTrouble(f"{bundle} does not hold what it lists: {'; '.join(problems[:3])}")
        return copy.refs, copy.git.leads_to(*heads.values())


@dataclass(frozen=True)
class Copy:
    """A bundle taken over by a repository that had nothing: the repository, and the bundle's refs, `HEAD` included."""

    git: Git
    refs: dict[str, str]


@contextmanager
def unpacked(bundle: Path, scratch: Path, object_format: str) -> Iterator[Copy]:
    """A bundle in an empty bare repository of ours, every object hashed and checked on the way; gone after the block.

    Args:
        bundle: the file.
        scratch: an existing folder, with room for the bundle's objects.
        object_format: `sha256` or `sha1`.

    Raises:
        GitTrouble: it is no bundle, needs objects that it does not hold, or holds something else than it lists.
    """
    with bare(object_format, scratch) as git:
        listed = git.verify_bundle(bundle)
        Remote(git, str(bundle.absolute())).fetch(EVERYTHING)
        named = {name: oid for name, oid in listed.items() if name != "HEAD"}
        if git.refs() != named:
            raise GitTrouble(f"{bundle} does not hold what it lists")
        yield Copy(git, listed)


def format_of(bundle: Path) -> str:
    """The object format that a bundle's first lines name.

    Raises:
        NotFound: there is no such file.
        BadInput: it is no bundle.
    """
    if not bundle.is_file():
        raise NotFound(f"there is no file {bundle}")
    with files.trouble(bundle, "read"), bundle.open("rb") as stream:
        first = stream.readline(100)
        if first not in (_V2, _V3):
            raise BadInput(f"{bundle} is no git bundle")
        return "sha256" if first == _V3 and stream.readline(100).strip() == b"@object-format=sha256" else "sha1"


@contextmanager
def bare(object_format: str, scratch: Path, refs: Mapping[str, str] | None = None, show: str = NOTHING) -> Iterator[Git]:
    """A bare repository of ours without objects; gone after the block.

    Args:
        object_format: `sha256` or `sha1`.
        scratch: an existing folder.
        refs: full name of a ref to its object.
        show: the ref that its `HEAD` names.
    """
    with files.trouble(scratch, "write in"), tempfile.TemporaryDirectory(dir=scratch) as name:
        top = Path(name)
        for folder in ("objects/info", "objects/pack", "refs/heads"):
            (top / folder).mkdir(parents=True)
        for path, text in {
            "HEAD": f"ref: {show}\n",
            "config": _CONFIG[object_format],
            **{ref: f"{oid}\n" for ref, oid in (refs or {}).items()},
        }.items():
            (top / path).parent.mkdir(parents=True, exist_ok=True)
            (top / path).write_text(text, encoding="utf-8")
        yield Git(top, object_format=object_format, scratch=top)
