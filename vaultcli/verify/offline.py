"""A release verified by whoever received it: one client's line with the practice's policy, in a bundle or a clone of it.

Nothing is used in place: the lines are fetched into an empty repository of ours, in a private folder that is deleted
afterwards. The genesis has to come by another way than the release itself, or the verdict is UNPINNED.
"""

from __future__ import annotations

import tempfile
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path

from vaultcli.ground.errors import BadInput, GitTrouble
from vaultcli.ground.git import config as gitconfig
from vaultcli.ground.git.catfile import Reader
from vaultcli.ground.git.plumbing import Git
from vaultcli.ground.repository import bundle
from vaultcli.ground.repository.remote import Remote
from vaultcli.places.audit import objectstore
from vaultcli.record.finding import Finding
from vaultcli.record.history.line import BRANCH
from vaultcli.record.message import oid_of, trailer
from vaultcli.verify import lines, refs
from vaultcli.verify.lines import Batch, Context, LineReport
from vaultcli.verify.refs import Refs
from vaultcli.verify.verdict import Verdict

RELEASE, BACKUP = "release", "backup"


def verify(source: Path, *, now: datetime, genesis: str = "") -> Verdict:
    """The verdict on a release.

    Args:
        source: a bundle, or a repository (a clone of one).
        now: the clock.
        genesis: the vault's first commit (`sha256:HEX`) as the user has it from elsewhere; empty leaves it unpinned.

    Raises:
        NotFound: there is nothing there.
        BadInput: it is neither a bundle nor a repository.
    """
    object_format = _format(source)
    with tempfile.TemporaryDirectory(prefix="vaultcli-") as folder, bundle.bare(object_format, Path(folder)) as git:
        damage: list[Finding] = []
        try:
            Remote(git, str(source.absolute())).fetch(bundle.EVERYTHING)
        except GitTrouble as error:
            damage.append(Finding(source.name, "damaged-object", f"git could not take it over: {error.message}"))
        return judge(git, now=now, genesis=genesis, damage=damage)


def _format(source: Path) -> str:
    """The object format that a bundle's header or a repository's configuration names."""
    if not source.is_dir():
        return bundle.format_of(source)
    config = next((one for one in (source / ".git" / "config", source / "config") if one.is_file()), None)
    if config is None:
        raise BadInput(f"{source} is neither a bundle nor a git repository")
    return "sha256" if gitconfig.listed(config).get("extensions.objectformat", "").lower() == "sha256" else "sha1"


def judge(
    git: Git, *, now: datetime, genesis: str = "", damage: Sequence[Finding] = (), scope: str = RELEASE
) -> Verdict:  # fmt: skip
    """The verdict on lines that an empty repository of ours took over.

    Args:
        git: that repository.
        now: the clock.
        genesis: as in `verify`.
        damage: what went wrong on the way.
        scope: `RELEASE`, or `BACKUP`, where no client need be there.
    """
    return _verdict(git, refs.read(git.directory, git.object_format), [*damage], int(now.timestamp()), genesis, scope)


def _verdict(git: Git, found: Refs, damage: list[Finding], now: int, genesis: str, scope: str) -> Verdict:
    with Reader(git) as reader:
        folded, policies = lines.practice(reader, found.lines, now)
        context = Context(None, git.directory, git.object_format, policies, now, found.lines)
        if policies.items:
            reports = [lines.report(context, reader, folded)]
        else:
            reports = [LineReport(BRANCH, found.lines.get(BRANCH, ""), findings=tuple(folded.findings))]
        clients = sorted(branch for branch in found.lines if branch != BRANCH)
        batch = lines.walk(context, clients) if policies.items else Batch([], set(), {})
        there = objectstore.look(git.directory, git.object_format)
        reader.seen |= batch.seen
        rest = sorted(there.all - reader.seen)
        reader.check(rest)
    around = [*damage, *found.findings, *there.findings]
    if genesis and oid_of(genesis) != policies.genesis:
        around.append(Finding(BRANCH, "genesis", f"does not begin with {genesis[:19]}, the commit that you named", branch=BRANCH))
    if not clients and scope == RELEASE:
        around.append(Finding("client", "missing-object", "there is no client's line in it"))
    bad = {**reader.bad, **batch.bad}
    around += [Finding(f"object {oid}", "damaged-object", "is missing, or not what its name says") for oid in sorted(bad)]
    reports += batch.reports
    return Verdict(
        genesis=trailer(policies.genesis) if policies.genesis else "",
        pins=None,
        pinned_by_hand=bool(genesis),
        lines=tuple(reports),
        findings=tuple(sorted({*around, *(one for line in reports for one in line.findings)})),
        objects=len(reader.seen),
        unreachable=len(rest),
        witness=policies.head.practice.witness if policies.items else "none",
        scope=scope,
    )
