"""Changing who works here: people and keys let in, keys revoked, and every line that a revoked key signed settled.

All of it is done with the policy role. What was interrupted is completed by doing it again.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime

from vaultcli.ground.errors import BadInput, NotFound, Refused
from vaultcli.ground.ssh import sshsig
from vaultcli.ground.ssh.sign import Signer
from vaultcli.places.chart import policy as policies
from vaultcli.places.chart.chart import Chart, Recording
from vaultcli.record import message as messages
from vaultcli.record.history.line import Line
from vaultcli.record.practice import keyring as keyrings
from vaultcli.record.practice import practice as practices
from vaultcli.record.practice.enrolment import Request
from vaultcli.record.practice.keyring import Entry, Keyring
from vaultcli.record.practice.practice import Person
from vaultcli.work.people import keys as people_keys
from vaultcli.work.people.authority import Authority


def practice_text(chart: Chart) -> str:
    """`practice.toml` as last recorded, with the user's comments."""
    raw = chart.repository.read(chart.policy.oid, practices.PATH)
    assert raw is not None
    return raw.decode()


def add(chart: Chart, person: Person | None, entries: tuple[Entry, ...], by: Authority, now: datetime) -> str:
    """Let a person in, or change what is said of one, with keys or without.

    Args:
        chart: the chart.
        person: as they shall stand in `practice.toml`; None to change keys alone.
        entries: keys that are not in the list yet.
        by: the policy role.
        now: the clock.

    Returns:
        The commit's bare id.

    Raises:
        Refused: the rules do not admit it.
    """
    text = practice_text(chart)
    if person is not None:
        text = practices.with_person(text, person)
    ring = chart.policy.keyring
    for entry in entries:
        ring = ring.with_entry(entry)
    if text == practice_text(chart) and ring == chart.policy.keyring:
        raise Refused("there is nothing to change")
    return policies.record(chart, policies.contents(text, ring), now, by.recorder)


def vouched(chart: Chart, request: Request, by: Authority, now: datetime) -> tuple[Entry, ...]:
    """The keys of a request that are not admitted yet, each with a voucher that holds.

    Where the person's own does not, because their old keys are lost, the recovery signer vouches instead.

    Raises:
        Refused: the request is another vault's, or a voucher does not hold and the recovery page is not at hand.
    """
    if request.genesis != chart.genesis:
        raise Refused("the request is for another vault", hint=f"this one's genesis is {chart.genesis}")
    ring, vault = chart.policy.keyring, chart.policy.practice.vault
    fresh = []
    for asked in request.entries:
        if ring.by_key(asked.key) is not None:
            continue
        entry = asked
        problem = keyrings.endorsement_problem(ring, entry, vault, sshsig.verify)
        if problem:
            if by.key.kind != keyrings.RECOVERY:
                raise Refused(
                    f"key {entry.fingerprint} of {entry.principal}: {problem}",
                    hint="with the recovery page the recovery signer vouches for it: --recovery-page FILE",
                )
            entry = people_keys.entry(vault, entry.principal, entry.kind, entry.key, by=by.signer, now=now)
        fresh.append(replace(entry, added=now.isoformat(timespec="seconds")))
        ring = ring.with_entry(fresh[-1])
    if not fresh:
        raise Refused("every key of the request is admitted already")
    return tuple(fresh)


def admit_machine(
    chart: Chart, principal: str, keys: Mapping[str, sshsig.PublicKey], by: Signer, now: datetime, *, policy: bool
) -> tuple[Entry, ...]:
    """Entries for the keys of a new machine that are not admitted yet.

    Args:
        chart: the chart.
        principal: whose machine.
        keys: kind to public key.
        by: the key that vouches: the person's own, or the recovery signer's.
        now: the clock.
        policy: whether a new personal key gets the policy role.
    """
    ring, vault = chart.policy.keyring, chart.policy.practice.vault
    return tuple(
        people_keys.entry(vault, principal, kind, key, by=by, now=now, policy=policy and kind == "personal")
        for kind, key in keys.items()
        if ring.by_key(key) is None
    )


# ending


@dataclass(frozen=True)
class Ending:
    """What `end` is to do.

    Args:
        principal: whose keys; `recovery` for the recovery signer's.
        fingerprints: of these keys, or the beginnings of them; empty for all keys and the person.
        reason: of `keyring.REASONS`.
        last_good: last good commit on `practice` (`sha256:HEX`); its head when empty.
        until: on every line, what was recorded after this moment does not count; None: all of it counts.
        lines: client id to that line's last good commit (`sha256:HEX`).
    """

    principal: str
    fingerprints: tuple[str, ...]
    reason: str
    last_good: str = ""
    until: datetime | None = None
    lines: Mapping[str, str] | None = None


@dataclass(frozen=True)
class Settled:
    """One line that was settled: the key, the last good commit (`sha256:HEX`), commits of the key's that count, and not."""

    client: str
    fingerprint: str
    last_good: str
    counts: int
    lapsed: int


@dataclass(frozen=True)
class Ended:
    """What `end` did: keys newly revoked (fingerprints), whether the person was ended, and the lines settled."""

    revoked: tuple[str, ...]
    person: bool
    settled: tuple[Settled, ...]


def end(chart: Chart, ending: Ending, by: Authority, now: datetime, step: Callable[[], None] = lambda: None) -> Ended:
    """Revoke keys and settle every line that they signed.

    Raises:
        NotFound: no such person or key.
        Refused: the key that signs is among those to be revoked; the rules do not admit it.
        BadInput: a commit named as last good is not on its line.
    """
    keys = _keys(chart, ending)
    if any(entry.fingerprint == by.key.fingerprint for entry in keys):
        raise Refused(
            "the key that would sign this is among those to be revoked",
            hint="sign with the recovery signer, --recovery-page FILE, or with another key that has the policy role",
        )
    fresh = [entry for entry in keys if not entry.revoked]
    person = chart.policy.practice.person(ending.principal)
    ends = person is not None and not person.until and not ending.fingerprints
    if fresh or ends:
        _revoke(chart, ending, fresh, person if ends else None, by, now)
    settled = _settle(chart, ending, [entry.fingerprint for entry in keys], by, now, step)
    return Ended(tuple(entry.fingerprint for entry in fresh), ends, settled)


def _keys(chart: Chart, ending: Ending) -> list[Entry]:
    if ending.principal != keyrings.RECOVERY and chart.policy.practice.person(ending.principal) is None:
        raise NotFound(f"nobody here is {ending.principal}", hint="`vaultcli people list` shows the ids")
    own = [entry for entry in chart.policy.keyring.entries if entry.principal == ending.principal]
    return [_key(own, word, ending.principal) for word in ending.fingerprints] or own


def _key(own: list[Entry], word: str, principal: str) -> Entry:
    found = [entry for entry in own if entry.fingerprint.startswith(word)]
    if len(found) != 1:
        listed = "".join(f"\n  {entry.fingerprint}  {entry.kind}" for entry in own)
        raise NotFound(f"{len(found)} keys of {principal} fit {word}:{listed}")
    return found[0]


def _revoke(
    chart: Chart, ending: Ending, fresh: list[Entry], person: Person | None, by: Authority, now: datetime
) -> None:  # fmt: skip
    text, ring = practice_text(chart), chart.policy.keyring
    if person is not None:
        text = practices.with_person(text, replace(person, until=now.date().isoformat()))
    good = ending.last_good or messages.trailer(chart.policy.oid)
    if chart.policies.at(messages.oid_of(good)) is None:
        raise BadInput(f"{good} is not on the practice line", hint="git log practice shows its commits")
    moment = now.isoformat(timespec="seconds")
    for entry in fresh:
        ring = ring.with_revocation(entry.fingerprint, revoked=moment, reason=ending.reason, last_good=good)
    policies.record(chart, policies.contents(text, ring), now, by.recorder)


def unsettled(chart: Chart, fingerprints: list[str]) -> list[tuple[str, str]]:
    """(client id, fingerprint) of each line that one of these revoked keys signed and that nobody settled."""
    return [
        (client, fingerprint)
        for client in chart.client_ids()
        for fingerprint in fingerprints
        if fingerprint in (line := chart.line(client)).used and fingerprint not in line.settled
    ]


def _settle(
    chart: Chart, ending: Ending, fingerprints: list[str], by: Authority, now: datetime, step: Callable[[], None]
) -> tuple[Settled, ...]:
    done = []
    for client, fingerprint in unsettled(chart, fingerprints):
        line = chart.line(client)
        good = _last_good(chart, line, ending)
        used = sorted(set(line.used[fingerprint]))
        counts = sum(at <= line.index[messages.oid_of(good)] for at in used)
        chart.record(client, Recording("settle", (client,), settle=(fingerprint, good)), now, by.recorder)
        done.append(Settled(client, fingerprint, good, counts, len(used) - counts))
        step()
    return tuple(done)


def _last_good(chart: Chart, line: Line, ending: Ending) -> str:
    named = (ending.lines or {}).get(line.client)
    if named is not None:
        if messages.oid_of(named) not in line.index:
            raise BadInput(f"{named} is not on the line of {line.client}")
        return named
    if ending.until is None:
        return messages.trailer(line.head)
    limit = int(ending.until.timestamp())
    early = [oid for oid in line.oids if chart.repository.commit(oid).committer_time <= limit]
    if not early:
        raise BadInput(
            f"the line of {line.client} begins after {ending.until.isoformat()}",
            hint=f"say which of its commits is the last good one: --line {line.client}=COMMIT",
        )
    return messages.trailer(early[-1])


def holds_policy(ring: Keyring, principal: str) -> bool:
    """Whether a person holds, or held until a key was lost, the policy role."""
    return any(entry.policy for entry in ring.entries if entry.principal == principal and entry.reason != "left")
