"""The practice line: one way to break each rule of `docs/spec/verify.md`, part 2."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tests.record.world import (
    KIM,
    LEE,
    NOW,
    PRACTICE,
    RING,
    SAM,
    START,
    ZONE,
    World,
    entry,
    ident,
    key,
    rules,
    seal,
)  # fmt: skip
from vaultcli.record.finding import Finding
from vaultcli.record.history.line import Line
from vaultcli.record.message import Message, trailer
from vaultcli.record.notes.block import Block
from vaultcli.record.practice import keyring
from vaultcli.record.practice.keyring import Keyring
from vaultcli.record.times import git_time


@pytest.fixture
def world() -> World:
    return World.founded()


def revoked(world: World, name: str, good: str = "") -> Keyring:
    return world.policies.head.keyring.with_revocation(
        key(name).public.fingerprint, revoked=git_time(START, ZONE), reason="lost", last_good=good or world.head
    )


def test_an_honest_life(world: World):
    new = replace(PRACTICE, people=(*PRACTICE.people, replace(KIM, id="pat-demo", name="Pat Demo")))
    assert world.policy(RING.with_entry(entry("pat", "pat-demo", "personal")), new) == []
    assert world.policy(put={"templates/notes/dap.md": b"## Data\n"}) == []
    assert world.policy(put={"templates/notes/dap.md": None}) == []
    assert world.policy(world.policies.head.keyring.with_entry(entry("lee-2", "lee-example", "machine", "lee"))) == []
    assert world.policy(revoked(world, "lee-machine"), signer="recovery") == []
    assert len(world.policies.items) == 6


@pytest.mark.parametrize(
    ("rule", "changes"),
    [
        ("merge", {"parents": None}),
        ("parent", {"parents": ("0" * 64,)}),
        ("message", {"message": "genesis\n"}),
        ("message", {"message": "policy"}),
        ("ident", {"author": ("Lee", "lee-example")}),
        ("ident", {"author": (SAM.name, SAM.id), "committer": (SAM.name, SAM.id)}),
        ("date-order", {"author_time": START - 1, "committer_time": START - 1}),
        ("date-future", {"author_time": NOW + 301, "committer_time": NOW + 301}),
        ("date-form", {"author_zone": "-0000", "committer_zone": "-0000"}),
        ("commit-headers", {"extra": (("mergetag", "x"),)}),
        ("commit-signature", {"key": None}),
        ("commit-key", {"key": key("stranger").public}),
    ],
)
def test_the_commit_itself(world: World, rule: str, changes: dict[str, object]):
    if rule == "merge":
        changes = {"parents": (world.policies.line.head, "1" * 64)}
    assert rules(world.policy(**changes)) == {rule}


@pytest.mark.parametrize("signer", ["lee-machine", "sam", "kim"])
def test_who_may_change_the_policy(world: World, signer: str):
    assert "policy-role" in rules(world.policy(signer=signer))


@pytest.mark.parametrize(
    ("rule", "path", "raw"),
    [
        ("pinned-file", ".gitignore", b""),
        ("pinned-file", ".gitattributes", b"* text\n"),
        ("path", "notes.md", b""),
        ("path", "templates/notes/DAP.md", b""),
        ("path", "templates/notes/x/y.md", b""),
        ("path", "exceptions/x.md", b""),
        ("vanished", "allowed_signers", None),
        ("allowed-signers", "allowed_signers", b'* namespaces="git" ssh-ed25519 AAAA\n'),
        ("policy-unreadable", "practice.toml", b"a = " + b"[" * 100_000),
        ("policy-unreadable", "signers.toml", b"\xff"),
    ],
)
def test_files(world: World, rule: str, path: str, raw: bytes | None):
    assert rule in rules(world.policy(put={path: raw}))


def test_an_unreadable_policy_is_still_judged_and_leaves_the_old_one_in_force(world: World):
    assert rules(world.policy(put={"signers.toml": b"?"}, signer="stranger")) == {"policy-unreadable", "commit-key"}
    assert len(world.policies.items) == 1
    assert world.policy() == []


def test_people_stay(world: World):
    assert rules(world.policy(people=replace(PRACTICE, people=(LEE, SAM)))) == {"policy-changed"}
    assert rules(World.founded().policy(people=replace(PRACTICE, vault="0" * 16))) == {"policy-changed"}


def test_trainees(world: World):
    alone = replace(SAM, supervisor="")
    assert rules(world.policy(people=replace(PRACTICE, people=(LEE, alone, KIM)))) == {"supervisor"}
    other = World.founded()
    ring = RING.with_entry(entry("sam-2", "sam-demo", "personal", "sam", policy=True))
    assert rules(other.policy(ring)) == {"policy-role"}


def test_whoever_ends_has_no_key_that_counts(world: World):
    ended = replace(PRACTICE, people=(LEE, SAM, replace(KIM, until="2027-01-01")))
    assert rules(world.policy(people=ended)) == {"ended-key"}


def test_somebody_must_be_able_to_change_the_policy(world: World):
    ring = revoked(world, "lee")
    ring = ring.with_revocation(
        key("recovery").public.fingerprint, revoked=git_time(START, ZONE), reason="lost", last_good=world.head
    )
    assert "policy-role" in rules(world.policy(ring))


@pytest.mark.parametrize(
    "made",
    [
        entry("new", "lee-example", "personal"),
        entry("new", "lee-example", "personal", "kim"),
        entry("new", "kim-demo", "personal", "lee"),
        entry("new", "lee-example", "personal", "lee-machine"),
        entry("new", "lee-example", "machine"),
        entry("new", "lee-example", "machine", "lee", vault="0" * 16),
        entry("new", "lee-example", "personal", "stranger"),
        entry("new", "recovery", "recovery"),
        entry("new", "recovery", "recovery", "kim"),
        replace(entry("new", "lee-example", "personal", "lee"), roles=("policy",)),
        replace(entry("new", "lee-example", "personal", "lee"), endorsed_by=key("sam").public.fingerprint),
        replace(entry("new", "kim-demo", "personal", "kim"), principal="lee-example"),
    ],
)
def test_endorsements_that_do_not_hold(world: World, made: keyring.Entry):
    assert rules(world.policy(RING.with_entry(made))) == {"endorsement"}


@pytest.mark.parametrize("by", ["kim", "kim-2"])
def test_a_revoked_key_vouches_for_nobody_and_leaves_no_first_place(world: World, by: str):
    world.policy(revoked(world, "kim"))
    ring = world.policies.head.keyring.with_entry(entry("kim-2", "kim-demo", "personal", by))
    assert rules(world.policy(ring)) == {"endorsement"}


def test_the_recovery_key_vouches_for_everybody_and_its_replacement_only_for_who_made_it(world: World):
    ring = RING.with_entry(entry("kim-2", "kim-demo", "personal", "recovery"))
    assert world.policy(ring) == []
    ring = ring.with_entry(entry("paper-2", "recovery", "recovery", "lee", policy=True))
    assert world.policy(ring) == []
    own = ring.with_entry(entry("lee-3", "lee-example", "personal", "paper-2"))
    assert world.policy(own) == []
    theirs = own.with_entry(entry("kim-3", "kim-demo", "personal", "paper-2"))
    assert rules(world.policy(theirs)) == {"endorsement"}


def test_a_successor_of_the_first_recovery_key_keeps_its_reach(world: World):
    ring = RING.with_entry(entry("paper-2", "recovery", "recovery", "recovery", policy=True))
    assert world.policy(ring.with_entry(entry("kim-2", "kim-demo", "personal", "paper-2"))) == []


def test_entries_never_change(world: World):
    first, *others = RING.entries
    for ring in (
        Keyring(tuple(others)),
        Keyring(RING.entries[:-1]),
        Keyring((*others, first)),
        Keyring((replace(first, endorsed_by=others[0].fingerprint), *others)),
        Keyring((replace(first, added=git_time(START + 1, ZONE)), *others)),
        RING.with_entry(
            replace(entry("x", "kim-demo", "machine", "kim"), revoked=git_time(START, ZONE), reason="lost", last_good=world.head)
        ),
        RING.with_entry(entry("x", "nobody-here", "personal")),
    ):
        assert rules(World.founded().policy(ring)) == {"signers-changed"}


def test_a_revocation_is_not_taken_back(world: World):
    assert world.policy(revoked(world, "kim")) == []
    assert rules(world.policy(RING)) == {"signers-changed"}


def test_a_revocation_names_a_commit_of_this_line(world: World):
    assert rules(world.policy(revoked(world, "kim", "sha256:" + "0" * 64))) == {"last-good"}


def test_what_a_stolen_key_did_to_the_policy_does_not_count(world: World):
    good = world.head
    thief = replace(KIM, id="thief", name="T Hief")
    people = replace(PRACTICE, people=(*PRACTICE.people, thief))
    assert world.policy(RING.with_entry(entry("t", "thief", "personal", policy=True)), people) == []
    found = world.policy(revoked(world, "lee", good), signer="recovery")
    assert rules(found) == {"revoked-key", "disowned-key"}


def test_a_key_may_revoke_itself(world: World):
    assert world.policy(revoked(world, "lee"), signer="lee") == []
    assert rules(world.policy(signer="lee")) == {"revoked-key"}


def excuse(world: World, bad: str, rule: str, signer: str = "lee", number: int = 1, **changes: object) -> dict[str, bytes]:
    path = f"exceptions/{ident(number)}.md"
    moment = git_time(world.clock + 30, ZONE)
    line = world.policies.line
    said = Block(
        kind="exception", id=ident(number), target="", line="practice", genesis=trailer(world.policies.genesis),
        by=LEE.id, name=LEE.name, credentials=LEE.credentials, meaning="policy", cosigner="", time=moment, clock="system",
        lateness=None, recorded=moment, tool="vaultcli 0.1.0", number=line.number + 1,
        follows=(line.newest,) if line.newest else (),
    )  # fmt: skip
    return seal(path, said._replace(**changes), signer=signer, rows=f"excuses: {bad}\nfinding: {rule}\nreason: plain git\n")


def excepted(world: World, put: dict[str, bytes], number: int = 1, signer: str = "lee") -> list[Finding]:
    return world.policy(put=put, signer=signer, message=Message("exception", (ident(number),)).text())


def test_an_exception_on_this_line(world: World):
    assert rules(world.policy(signer="")) == {"commit-signature"}
    bad = world.head
    assert excepted(world, excuse(world, bad, "commit-signature")) == []
    assert [one.block.kind for one in world.policies.line.signed.values()] == ["exception"]
    assert excepted(world, excuse(world, bad, "ident", number=2), 2) == []
    assert "chain" in rules(excepted(world, excuse(world, bad, "x", number=3, follows=()), 3))


def test_whoever_breaks_in_cannot_excuse_it(world: World):
    thief = entry("t", "thief", "personal", policy=True)
    people = replace(PRACTICE, people=(*PRACTICE.people, replace(KIM, id="thief", name="T Hief", credentials="")))
    assert rules(world.policy(RING.with_entry(thief), people, signer="")) == {"commit-signature"}
    put = excuse(world, world.head, "commit-signature", "t", by="thief", name="T Hief", credentials="")
    own = ("T Hief", "thief")
    found = world.policy(put=put, signer="t", message=f"exception {ident(1)}\n", author=own, committer=own)
    assert rules(found) == {"exception"}


def test_exceptions_stand_alone_and_never_change(world: World):
    world.policy(signer="")
    put = excuse(world, world.head, "commit-signature")
    path = next(iter(put))
    assert rules(excepted(world, {path: put[path]})) == {"event"}
    assert rules(World.founded().policy(put=put)) >= {"event", "message-ids"}
    other = World.founded()
    other.policy(signer="")
    assert excepted(other, excuse(other, other.head, "commit-signature")) == []
    assert "note-changed" in rules(excepted(other, {path: b"other"}))
    assert "exception" in rules(excepted(other, excuse(other, trailer(other.policies.genesis), "ident", number=2), 2))


def test_genesis_is_judged_by_itself():
    world = World()
    assert rules(world.policy(RING, PRACTICE, signer="stranger")) == {"commit-key"}
    unreadable = World()
    assert "policy-unreadable" in rules(unreadable.policy(RING, PRACTICE, put={"practice.toml": b""}))
    assert unreadable.policies.genesis == unreadable.policies.line.oids[0]
    assert "message" in rules(unreadable.policy(RING, PRACTICE, message="genesis\n"))


def test_no_line_is_opened_under_no_policy():
    from tests.record.world import Client

    client = Client(World(), Line("client/" + "0" * 16))
    assert "policy-unknown" in rules(client.commit("open", {}, ids=("0" * 16,), policy="sha256:" + "0" * 64))
