"""One note verified: who signed it and all that was added to it, when, and how a stranger checks the same."""

from __future__ import annotations

import shlex
from collections.abc import Iterable
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Any

from vaultcli.ground.errors import NotFound, NotVerified
from vaultcli.places.chart.chart import LAYOUT
from vaultcli.record.finding import Finding
from vaultcli.record.history import session
from vaultcli.record.history.line import SignedFile
from vaultcli.record.message import trailer
from vaultcli.record.notes import attachment, names
from vaultcli.record.notes.attachment import Attachment
from vaultcli.record.notes.names import NoteName
from vaultcli.record.rules.policy import Policies
from vaultcli.record.times import git_time
from vaultcli.verify import commits, fold, lines, vault
from vaultcli.verify.fold import Folded
from vaultcli.verify.lines import Context
from vaultcli.verify.verdict import Verdict, counted


@dataclass(frozen=True)
class Signed:
    """One signed file of a note.

    Args:
        path: its path on the line.
        kind: note, correction, addendum, ...
        by: name and credentials; `id` the person's id.
        meaning: in what capacity.
        signed: when, by the signer's clock; `clock` what set that clock.
        recorded: when its text was first recorded, by the recorder's clock.
        lateness: whole hours from the session's end to the signature, or None.
        sha256: of the file, as `sha256sum` prints it.
        commit: which first carried the signature (`sha256:HEX`).
        recorder: the person id of whoever recorded its first version.
        key: the fingerprint that signed.
        not_before: the greatest time of what the commit names and so was there first: its parent and its policy (RFC 3339).
        not_after: the least time of a later commit by another person's key, or empty; between the two, the signer's clock is
            the only witness.
    """

    path: str
    kind: str
    id: str
    by: str
    meaning: str
    signed: str
    clock: str
    recorded: str
    lateness: int | None
    sha256: str
    commit: str
    recorder: str
    key: str
    not_before: str
    not_after: str


@dataclass(frozen=True)
class NoteVerdict:
    """The verdict on one note.

    Args:
        path: the note, from the chart's top.
        verdict: on the line that it is on, with the policy that the line is under.
        files: the signed note and its additions, in the order of the chain; empty for a draft.
        here: findings that concern this note; `elsewhere` how many do not.
        commands: how to check the same with stock tools, to be run in the line's folder.
        attached: the file that the note describes, where it is an attachment's descriptor.
    """

    path: str
    verdict: Verdict
    files: tuple[Signed, ...]
    here: tuple[Finding, ...]
    elsewhere: int
    commands: tuple[str, ...]
    attached: Attachment | None = None

    @property
    def exit_code(self) -> int:
        """10 when something concerns this note, else as the verdict on its line without what is elsewhere."""
        if self.here:
            return NotVerified.exit_code
        return replace(self.verdict, findings=()).exit_code

    @property
    def who(self) -> str:
        """The first part: who signed what."""
        rows = [f"{one.kind} by {one.by} ({one.meaning}), recorded by {one.recorder}" for one in self.files]
        return "; ".join(rows) or "nobody: it is a draft"

    @property
    def when(self) -> str:
        """The second part: when, by whose clock."""
        rows = [
            f"{one.kind} {one.signed} ({one.clock} clock), {_bounds(one)}, first recorded {one.recorded}" for one in self.files
        ]
        outside = "not anchored by an outside clock" if self.verdict.witness == "none" else f"witness: {self.verdict.witness}"
        return "; ".join((*rows, outside))

    @property
    def unchanged(self) -> str:
        """The third part."""
        if self.here:
            return f"NO: {counted(len(self.here), 'finding')}"
        return replace(self.verdict, findings=()).unchanged

    def as_json(self) -> dict[str, Any]:
        """For programs."""
        whole = replace(self.verdict, findings=self.here).as_json()
        kept = ("vaultcli", "verdict", "genesis", "pinned", "excused", "exceptions", "successions")
        return {
            **{name: whole[name] for name in kept},
            "scope": "note",
            "exit": self.exit_code,
            "note": self.path,
            "files": [asdict(one) for one in self.files],
            "findings": [asdict(one) for one in self.here],
            "elsewhere": self.elsewhere,
            "commands": list(self.commands),
            **({"attachment": {"path": self.attached.path, "sha256": self.attached.sha256}} if self.attached else {}),
        }


def verify(chart: Path, branch: str, path: str, *, now: datetime) -> NoteVerdict:
    """Verify one note, and the line and policy that it rests on.

    Args:
        chart: the chart's folder.
        branch: `client/ID`.
        path: `notes/NAME.md`, the note itself or anything added to it.
        now: the clock.

    Raises:
        NotFound: no such line, or no such note on it.
    """
    verdict = vault.verify(chart, now=now, cold=True, only=branch)
    folded, policies = _fold(chart, verdict, branch, int(now.timestamp()))
    stem = _stem(path, folded.files)
    own = f"notes/{stem}.md"
    if own not in folded.files and own not in folded.line.signed:
        raise NotFound(f"{path} is not recorded on {branch}", hint="a file that was never recorded proves nothing")
    line = folded.line
    signed = [line.signed[own]] if own in line.signed else []
    files = tuple(_describe(folded, one, policies) for one in (*signed, *line.additions(stem)))
    elsewhere = [one for one in verdict.findings if _is_of_another(one, stem)]
    here = tuple(one for one in verdict.findings if one not in elsewhere)
    attached = attachment.read(folded.read(folded.line.blob(own))) if attachment.describes(own) else None
    commands = _commands(files, own, attached)
    return NoteVerdict(f"{LAYOUT.place(branch)}/{own}", verdict, files, here, len(elsewhere), commands, attached)


def _bounds(one: Signed) -> str:
    until = f"not after {one.not_after}" if one.not_after else "nothing of another person after it yet"
    return f"not before {one.not_before or 'the beginning of the line'}, {until}"


def _stem(path: str, there: Iterable[str]) -> str:
    """The stem of the note that a path names: the note's own, an addition's, or that of an attachment's bytes."""
    id_ = attachment.id_of(path)
    if id_:
        path = next((one for one in there if attachment.describes(one) and one.endswith(f"-{id_}.md")), path)
    name = names.parse(path)
    return name.stem if isinstance(name, NoteName) else name.target.stem if name else ""


def _fold(chart: Path, verdict: Verdict, branch: str, now: int) -> tuple[Folded, Policies]:
    heads = {line.branch: line.head for line in verdict.lines if line.head}
    if branch not in heads:
        raise NotFound(f"there is no line {branch}")
    object_format = "sha256" if len(heads[branch]) == 64 else "sha1"
    with Context(None, chart / ".git", object_format, Policies(), now).reader() as reader:
        _, policies = lines.practice(reader, heads, now)
        return fold.client(reader, commits.walk(reader, {branch: heads[branch]})[0], policies, now), policies


def _describe(folded: Folded, one: SignedFile, policies: Policies) -> Signed:
    line = folded.line
    block, first = one.block, line.recorded.get(one.path)
    late = session.hours(folded.read(line.blob(one.path)), block.time) if block.kind == "note" else None
    return Signed(
        path=one.path,
        kind=block.kind,
        id=block.by,
        by=", ".join(filter(None, (block.name, block.credentials))),
        meaning=block.meaning,
        signed=block.time,
        clock=block.clock,
        recorded=first.time if first else block.time,
        lateness=late,
        sha256=one.sha256,
        commit=trailer(one.commit),
        recorder=first.by if first else "",
        key=one.fingerprint,
        **_between(folded, one, policies),
    )


def _between(folded: Folded, one: SignedFile, policies: Policies) -> dict[str, str]:
    """What the commit that carries a signature lies between, whatever any clock says."""
    read = (commits.read(*row) for row in folded.history.commits)
    commits_ = [commit for commit in read if not isinstance(commit, str)]
    at = folded.line.index[one.commit]
    own = commits_[at].committer.email
    named = policies.items[folded.policy_at[at]] if folded.policy_at[at : at + 1] and folded.policy_at[at] >= 0 else None
    before = [(named.time, "+0000")] if named is not None else []
    before += [(commit.committer_time, commit.committer_zone) for commit in commits_[max(at - 1, 0) : at]]
    after = [(commit.committer_time, commit.committer_zone) for commit in commits_[at + 1 :] if commit.committer.email != own]
    return {
        "not_before": git_time(*max(before)) if before else "",
        "not_after": git_time(*min(after)) if after else "",
    }


def _is_of_another(finding: Finding, stem: str) -> bool:
    """Whether a finding is about another note's file: everything else on the line concerns this note too."""
    stored = attachment.id_of("/".join(finding.path.split("/")[-2:]))
    if stored:
        return not stem.endswith(f"-{attachment.TYPE}-{stored}")
    name = names.parse(finding.path.removesuffix(names.SIGNATURE))
    if name is None:
        return False
    return (name.stem if isinstance(name, NoteName) else name.target.stem) != stem


def _commands(files: tuple[Signed, ...], own: str, attached: Attachment | None) -> tuple[str, ...]:
    checks = [
        f"ssh-keygen -Y verify -f ../../allowed_signers -I {one.id} -n {one.kind}@vaultcli.v1 "
        f"-s {shlex.quote(one.path + names.SIGNATURE)} < {shlex.quote(one.path)}"
        for one in files
    ]
    if attached is not None:
        checks.append(f"echo '{attached.sha256}  {attached.path}' | sha256sum -c")
    return (*checks, f"git log -p -- {shlex.quote(own)}")
