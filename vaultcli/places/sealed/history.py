"""The sealed repository's commits as its rules see them (`record/sealed/admission`)."""

from __future__ import annotations

from collections.abc import Sequence

from vaultcli.ground import sshsig
from vaultcli.ground.gitobject import Commit
from vaultcli.ground.lines import Lines
from vaultcli.ground.sshsig import BadSignature, PublicKey
from vaultcli.record.finding import Finding
from vaultcli.record.sealed import admission, epochs, paths, signers
from vaultcli.record.sealed.admission import Facts, State, Tree


def state_at(repository: Lines, oid: str) -> State:
    """What stands at a commit that was admitted.

    Raises:
        BadInput: its lists cannot be read.
    """
    tree = repository.files(oid)

    def blob(path: str) -> bytes:
        return repository.objects.blob(tree[path][1]) if path in tree else b""

    commit = repository.commit(oid)
    return State(tree, signers.parse(blob(paths.SIGNERS)), epochs.parse(blob(paths.EPOCHS)), commit.committer_time)


def facts_of(repository: Lines, commit: Commit) -> Facts:
    """A commit, its signature checked."""
    return Facts(
        oid=commit.oid,
        parents=commit.parents,
        author=(commit.author.name, commit.author.email),
        committer=(commit.committer.name, commit.committer.email),
        author_time=commit.author_time,
        time=commit.committer_time,
        zones=(commit.author_zone, commit.committer_zone),
        message=commit.message,
        headers=tuple(name for name, _ in commit.extra),
        key=signer(commit),
        tree=repository.files(commit.oid),
    )


def signer(commit: Commit) -> PublicKey | None:
    """The key whose signature over the commit is good."""
    try:
        return sshsig.verify(commit.signature or "", commit.payload, "git").key
    except BadSignature:
        return None


def base_of(repository: Lines, parents: Sequence[str]) -> Tree:
    """The files of the newest common ancestor of a merge's parents; nothing for a commit with one."""
    if len(parents) != 2:
        return {}
    mine = set(repository.git.rev_list(parents[0]))
    common = [oid for oid in repository.git.rev_list(parents[1]) if oid in mine]
    return repository.files(common[-1]) if common else {}


def check(repository: Lines, oids: Sequence[str], now: int, readme: bytes) -> list[Finding]:
    """Judge commits whose parents are admitted or come before them in the list.

    Args:
        repository: the sealed files.
        oids: parents first.
        now: the clock, seconds.
        readme: the one README.
    """
    states: dict[str, State] = {}
    found: list[Finding] = []
    for oid in oids:
        commit = repository.commit(oid)
        parents = tuple(states.get(parent) or state_at(repository, parent) for parent in commit.parents)
        base = base_of(repository, commit.parents)
        state, wrong = admission.admit(
            facts_of(repository, commit), parents, base, repository.objects.blob, sshsig.verify, now, readme
        )
        found += wrong
        if state is None:
            return found
        states[oid] = state
    return found
