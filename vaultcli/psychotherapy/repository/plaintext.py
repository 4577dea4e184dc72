"""Objects of the psychotherapy repository that hold what they should not, whatever leads to them; and taking them away.

`git add` of an unsealed file is enough for its text to lie in `.git/objects` for good. Such objects are told by what they are,
never by what they say, and those that nothing leads to can be removed.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from functools import lru_cache

from vaultcli.ground import ids
from vaultcli.ground.errors import BadInput, GitTrouble
from vaultcli.ground.git.objects import parse_commit
from vaultcli.ground.git.plumbing import Git
from vaultcli.ground.git.tree import parse_tree
from vaultcli.ground.repository import prune
from vaultcli.places.sealed import readme
from vaultcli.places.sealed.store import Store
from vaultcli.record.sealed import admission, epochs, paths, signers

NOTES = ("COMMIT_EDITMSG", "MERGE_MSG", "SQUASH_MSG", "NOTES_EDITMSG", "TAG_EDITMSG", "EDIT_DESCRIPTION")
"""What plain git writes down for itself while somebody types a message."""
_NAMES = re.compile(rf"{ids.PATTERN}(?:(?:\.[0-9a-f]{{8}})?{re.escape(paths.SUFFIX)})?|{paths.IDENTITY}{re.escape(paths.SUFFIX)}")
_ALLOWED = re.compile(
    rb'(?:[mr][0-9a-z]{8} namespaces="[a-z0-9@.,]+"(?:,valid-before="[0-9]{14}Z")? [a-z0-9@.-]+ [A-Za-z0-9+/=]+\n)+'
)


def kinds(git: Git, oids: Sequence[str]) -> dict[str, str]:
    """Of what kind each object is, as git says."""
    asked = "".join(f"{oid}\n" for oid in oids).encode()
    rows = git.run("cat-file", "--batch-check=%(objectname) %(objecttype)", "--buffer", data=asked).decode().splitlines()
    return {row.split()[0]: row.split()[1] for row in rows if len(row.split()) == 2}


@dataclass(frozen=True)
class Judge:
    """Says of one object what is wrong with it; empty where nothing is.

    Args:
        judged: blobs that the history was judged with, and top folders of which every name was looked at.
    """

    judged: frozenset[str]

    def __call__(self, oid: str, kind: str, raw: bytes) -> str:
        """What is wrong with an object of that kind."""
        if kind == "blob":
            return "" if oid in self.judged or _belongs(raw) else "is plaintext: neither sealed nor one of the clear files"
        if kind == "commit":
            return _commit(oid, raw)
        if kind == "tree":
            return "" if oid in self.judged else _tree(oid, raw)
        return "is plaintext: a tag, in which anything may stand"


def _belongs(raw: bytes) -> bool:
    """Whether these bytes are sealed or one of the clear files, as an interrupted command leaves them, too."""
    if raw in (readme.TEXT, admission.ATTRIBUTES) or _ALLOWED.fullmatch(raw) or not admission.sealed_problem(raw):
        return True
    for parse in (signers.parse, epochs.parse):
        try:
            parse(raw)
        except BadInput:
            continue
        return True
    return False


def _commit(oid: str, raw: bytes) -> str:
    try:
        commit = parse_commit(oid, raw)
    except (BadInput, GitTrouble):
        return "is no commit in the form that git writes"
    people = {(one.name, one.email) for one in (commit.author, commit.committer)}
    if commit.message != admission.MESSAGE or people != {admission.IDENT}:
        return "is plaintext: a commit with words or a name in it"
    return ""


def _tree(oid: str, raw: bytes) -> str:
    try:
        names = {entry.name for entry in parse_tree(oid, raw).entries()}
    except (BadInput, GitTrouble):
        return "is no folder in the form that git writes"
    return "" if all(map(belongs, names)) else "is plaintext: a folder with names that do not belong here"


@lru_cache(maxsize=1 << 14)
def belongs(name: str) -> bool:
    """Whether a folder of the repository may have this name in it."""
    return name in paths.CLEAR or _NAMES.fullmatch(name) is not None


def purge(store: Store, doomed: Collection[str]) -> int:
    """Remove objects that nothing leads to, and plain git's notes to itself; how many objects went.

    Args:
        store: whose lock is taken.
        doomed: as a verdict's `strays` names them; what a ref leads to by now stays.
    """
    repository = store.repository
    with repository.lock():
        going = set(doomed) - repository.git.leads_to(*repository.git.refs().values())
        _unstage(repository.git, going)
        prune.discard(repository.git, repository.objects, going)
        for name in NOTES:
            (repository.directory / name).unlink(missing_ok=True)
    return len(going)


def _unstage(git: Git, going: Collection[str]) -> None:
    """Take what is going out of the index, where `git add` put it; the file in the folder stays as it is."""
    rows = git.run("ls-files", "--stage", "-z", index_of=git.directory).decode("utf-8", "surrogateescape").split("\0")
    staged = [row.partition("\t")[2] for row in rows if row and row.split(" ")[1] in going]
    if staged:
        data = "".join(f"{path}\0" for path in staged).encode("utf-8", "surrogateescape")
        git.run("update-index", "--force-remove", "-z", "--stdin", index_of=git.directory, data=data)
