"""The refs of a repository, which are the heads of its lines, read from the small files that git keeps them in.

`gitrepository-layout(5)`: one file for each ref, and `packed-refs` for those that have none. Reading three hundred takes
half as long as asking git. Anything else than whole ids in plain files is git's to read, and to complain of.
"""

from __future__ import annotations

import os
from pathlib import Path

from vaultcli.ground.errors import VaultError
from vaultcli.ground.files import small
from vaultcli.ground.git.objects import is_oid
from vaultcli.ground.patterns import pattern

HEADS = "refs/heads/"
_PART = pattern(r"[A-Za-z0-9][A-Za-z0-9_-]*")
_ROW = pattern(r"([0-9a-f]{40,64}) refs/([A-Za-z0-9_/.-]+)")


def heads(directory: Path) -> dict[str, str] | None:
    """Every branch (without `refs/heads/`) with its commit, in order of name; None where git has to be asked.

    Args:
        directory: the git directory.
    """
    if (directory / "reftable").exists():
        return None
    found: dict[str, str] = {}
    try:
        # git, when it packs, takes the files away last: what is missing in the one place is in the other by then
        whole = _loose(f"{directory}/{HEADS}", "", found) and _packed(directory, found)
    except (OSError, ValueError, VaultError):
        return None
    return dict(sorted(found.items())) if whole else None


def none_below(directory: Path, folder: str) -> bool:
    """Whether there is certainly no ref below a folder such as `refs/remotes/`; False where git has to be asked.

    Args:
        directory: the git directory.
        folder: with a slash at its end.
    """
    if (directory / "reftable").exists() or (directory / folder).is_dir():
        return False
    try:
        return f" {folder}" not in (directory / "packed-refs").read_text(encoding="utf-8")
    except FileNotFoundError:
        return True
    except (OSError, ValueError):
        return False


def _loose(folder: str, prefix: str, found: dict[str, str]) -> bool:
    seen: set[str] = set()
    with os.scandir(folder) as entries:
        for entry in entries:
            if entry.name.endswith(".lock"):
                continue
            seen.add(entry.name)
            if not _PART.fullmatch(entry.name):
                return False
            if entry.is_dir(follow_symlinks=False):
                if not _loose(f"{folder}{entry.name}/", f"{prefix}{entry.name}/", found):
                    return False
                continue
            text = small(folder + entry.name)
            if text is None or not text.endswith("\n") or not is_oid(text[:-1]):
                return False
            found[prefix + entry.name] = text[:-1]
    # a file that is replaced while its folder is read may be passed over; a second look at the names shows that
    return seen == {name for name in os.listdir(folder) if not name.endswith(".lock")}  # noqa: PTH208


def _packed(directory: Path, found: dict[str, str]) -> bool:
    try:
        rows = (directory / "packed-refs").read_text(encoding="utf-8").splitlines()
    except FileNotFoundError:
        return True
    for row in rows:
        if row.startswith(("#", "^")):
            continue
        one = _ROW.fullmatch(row)
        if one is None:
            return False
        if one[2].startswith("heads/"):
            found.setdefault(one[2].removeprefix("heads/"), one[1])
    return True
