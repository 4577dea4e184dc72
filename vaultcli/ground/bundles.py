"""A bundle of chosen lines at chosen commits, made and read back without leaving a trace in the repository.

`git bundle` names what it packs by refs, and a bundle that clones needs `HEAD`. A repository whose refs are exactly those
is written into our scratch folder: five small files (`gitrepository-layout(5)`), which borrow the objects.
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from vaultcli.ground import files
from vaultcli.ground.errors import GitTrouble
from vaultcli.ground.git import Git

_CONFIG = {
    "sha256": "[core]\n\trepositoryformatversion = 1\n\tbare = true\n[extensions]\n\tobjectformat = sha256\n",
    "sha1": "[core]\n\trepositoryformatversion = 0\n\tbare = true\n",
}


def make(git: Git, scratch: Path, heads: Mapping[str, str], show: str) -> bytes:
    """The bytes of a bundle.

    Args:
        git: the repository that has the objects; the caller holds its lock.
        scratch: its folder for temporary files.
        heads: branch to bare commit id; with all that these commits lead to, and nothing else.
        show: the branch that a clone of the bundle checks out.
    """
    with _bare(git, scratch, heads, show) as lender:
        (lender.directory / "objects" / "info" / "alternates").write_text(f"{git.directory / 'objects'}\n", encoding="utf-8")
        made = lender.directory / "made.bundle"
        lender.bundle(made, ["HEAD", *(f"refs/heads/{branch}" for branch in heads)])
        with files.trouble(made, "read"):
            return made.read_bytes()


def read_back(git: Git, scratch: Path, bundle: Path) -> tuple[dict[str, str], set[str]]:
    """What a bundle gives to somebody who has nothing else: its heads, and every object.

    Args:
        git: says the object format; none of its objects are used.
        scratch: a folder for temporary files.
        bundle: the file.

    Raises:
        GitTrouble: it is no bundle, incomplete or damaged.
    """
    with _bare(git, scratch, {}, "nothing") as empty:
        listed = empty.verify_bundle(bundle)
        empty.fetch(str(bundle.absolute()), ["+refs/heads/*:refs/heads/*"])
        fetched = {name.removeprefix("refs/heads/"): oid for name, oid in empty.refs("refs/heads/").items()}
        named = {name.removeprefix("refs/heads/"): oid for name, oid in listed.items() if name != "HEAD"}
        problems = empty.fsck()
        if fetched != named or problems:
            raise GitTrouble(f"{bundle} does not hold what it lists: {'; '.join(problems[:3])}")
        return listed, empty.leads_to(*fetched.values())


@contextmanager
def _bare(git: Git, scratch: Path, heads: Mapping[str, str], show: str) -> Iterator[Git]:
    with files.trouble(scratch, "write in"):
        scratch.mkdir(parents=True, exist_ok=True, mode=0o700)
        with tempfile.TemporaryDirectory(dir=scratch) as name:
            top = Path(name)
            for path, text in {
                "HEAD": f"ref: refs/heads/{show}\n",
                "config": _CONFIG[git.object_format],
                "objects/info/packs": "",
                "refs/heads/.keep": "",
                **{f"refs/heads/{branch}": f"{oid}\n" for branch, oid in heads.items()},
            }.items():
                file = top / path
                file.parent.mkdir(parents=True, exist_ok=True)
                if file.name != ".keep":
                    file.write_text(text, encoding="utf-8")
            yield Git(top, object_format=git.object_format, scratch=top)
