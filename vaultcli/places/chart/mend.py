"""What of a chart's git folder can be written anew, because this machine knows what it said: a branch, the configuration.

Only what is known and verified: a branch goes to the commit that the pin, the reflog, the mark, the remotes and every policy
that a line names lead to, once its commits are judged; the configuration comes back where exactly one pin of this vault
fits the copy. The copy keeps its id. `docs/decisions/0135-mended-by-what-is-known.md` says why.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from vaultcli.ground import files, newfolder
from vaultcli.ground.errors import BadInput, GitTrouble, NotFound, NotVerified
from vaultcli.ground.git import config as gitconfig
from vaultcli.ground.git import refs
from vaultcli.ground.git.objects import format_of, is_oid
from vaultcli.ground.git.plumbing import Git
from vaultcli.ground.repository import lost
from vaultcli.ground.repository.repository import Repository
from vaultcli.places.machine import pins
from vaultcli.places.machine.pins import Pins
from vaultcli.record import message as messages
from vaultcli.record.history.line import BRANCH

_ADOPT = "adopt it by the genesis on the recovery page: `vaultcli init NEW --adopt CHART --genesis ID`"


def line(repository: Repository, branch: str) -> str | None:
    """The commit at which a line stood whose branch cannot be read.

    Args:
        repository: the chart.
        branch: the line.

    Returns:
        Its bare id; None where there never was such a line as far as this machine knows.

    Raises:
        GitTrouble: what is known disagrees, or this machine has no pin of the copy.
        NotVerified: the commits that lead there do not verify.
    """
    from vaultcli.places.chart.incoming import At, Gate
    from vaultcli.record.times import FAR

    every = pins.find(repository.clone_id)
    said = lost.known(repository, branch)
    if len(every) != 1:
        if not every and not said:
            return None
        raise GitTrouble(f"the branch {branch} cannot be read, and this machine has no pin of this copy", hint=_ADOPT)
    pinned = every[0]
    if branch in pinned.heads:
        said = {"the pin": pinned.heads[branch], **said}
    if branch == BRANCH:
        said |= _policies(repository)
    if not said:
        return None
    found = lost.newest(repository, branch, said)
    heads = {} if branch == BRANCH else {BRANCH: repository.head(BRANCH) or ""}
    gate = Gate(At(repository, heads), FAR, pinned.genesis)
    findings = gate.judge(branch, found).findings
    if findings:
        text = f"the branch {branch} cannot be read, and {found[:12]} does not verify: {findings[0].text()}"
        raise NotVerified(text, hint=_ADOPT)
    return found


def _policies(repository: Repository) -> dict[str, str]:
    """The policies that commits of the lines name; each is a commit of `practice`."""
    heads = [oid for branch, oid in repository.lines().items() if branch != BRANCH]
    named: dict[str, str] = {}
    for commit in repository.commits(repository.git.rev_list(*heads)):
        for row in commit.message.splitlines():
            word, _, value = row.partition(": ")
            if word == "Policy" and is_oid(value.rpartition(":")[2]):
                # one commit for each policy is enough
                named[messages.oid_of(value)] = f"commit {commit.oid[:12]}"
    return {who: oid for oid, who in named.items()}


def config(chart: Path) -> str:
    """Write `.git/config` anew where it is gone, empty or no configuration any more.

    Args:
        chart: the chart's folder.

    Returns:
        What was done, for the user; empty where there was nothing to do, as the file says something.

    Raises:
        GitTrouble: no pin of this machine fits the copy, or more than one does.
    """
    directory = chart / ".git"
    if not (directory / "objects").is_dir() or _says_something(directory / "config"):
        return ""
    head = (refs.heads(directory) or {}).get(BRANCH) or _last(directory)
    if not is_oid(head):
        raise GitTrouble(f"the git configuration of {chart} is lost, and so is its line {BRANCH}", hint=_ADOPT)
    with _readable(directory, head) as git:
        fitting = [one for one in pins.every() if _fits(git, directory, one, head)]
    if len(fitting) != 1:
        how = "no pin of this machine fits" if not fitting else f"{len(fitting)} pins of this machine fit"
        raise GitTrouble(f"the git configuration of {chart} is lost, and {how}: which copy this was cannot be told", hint=_ADOPT)
    gitconfig.write_ours(directory / "config", object_format=format_of(head), clone=fitting[0].clone)
    names = sorted({path.name for path in (directory / "refs" / "remotes").glob("*")})
    again = f"; remotes have to be named again: {', '.join(names)}" if names else ""
    return f"its git configuration was lost and is written anew{again}"


def _says_something(file: Path) -> bool:
    try:
        raw = files.read(file)
        return bool(raw.strip(b"\0 \t\r\n")) and bool(gitconfig.listed(file))
    except (NotFound, BadInput, GitTrouble):
        return False


def _last(directory: Path) -> str:
    return (files.small(f"{directory}/vaultcli/heads/{BRANCH}") or "").strip()


@contextmanager
def _readable(directory: Path, head: str) -> Iterator[Git]:
    """The objects of a repository without a configuration, seen from a folder that has one."""
    with newfolder.folder(directory / "vaultcli") as place:
        (place / "refs").mkdir()
        (place / "HEAD").write_text(f"ref: refs/heads/{BRANCH}\n")
        (place / "objects").symlink_to(directory / "objects")
        gitconfig.write_ours(place / "config", object_format=format_of(head), clone="")
        yield Git(place, object_format=format_of(head), scratch=place)


def _fits(git: Git, directory: Path, pinned: Pins, head: str) -> bool:
    """Whether a pin is of this copy: it is the same vault, and every line goes on from where the pin saw it."""
    lines = refs.heads(directory) or {BRANCH: head}
    try:
        if len(pinned.genesis) != len(head) or git.rev_list(head)[:1] != [pinned.genesis]:
            return False
        return pinned.heads.keys() <= lines.keys() and all(
            git.is_ancestor(oid, lines[branch]) for branch, oid in pinned.heads.items()
        )
    except GitTrouble:
        return False
