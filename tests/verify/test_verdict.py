"""The verdict on vaults of every kind, its exceptions, and its page."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from pathlib import Path

import pytest

from tests.world import LEE, RECOVERY, SAM, ClientLine, World, ended, ident, key
from vaultcli.record.message import trailer
from vaultcli.verify import vault
from vaultcli.verify.rules import RULES

SPEC = Path(__file__).parents[2] / "docs" / "spec" / "verify.md"


def test_a_clean_vault_is_verified_in_three_parts(world: World, ada: ClientLine) -> None:
    verdict = world.verify()
    assert (verdict.exit_code, verdict.findings) == (0, ())
    assert verdict.who == "Lee Example, PhD, licensed psychologist (3 signed)"
    assert verdict.when == "2026-11-02 to 2026-11-02, by the signers' own clocks; not anchored by an outside clock"
    assert verdict.unchanged.startswith("since each was signed; 7 commits from sha256:")
    counts = verdict.tally.counts
    assert (counts.notes, counts.signed, counts.drafts, counts.additions, counts.edited) == (3, 2, 1, 1, 0)
    assert verdict.unreachable == 0


@pytest.mark.parametrize("object_format", ["sha256", "sha1"])
def test_everything_that_can_be_recorded_verifies(tmp_path: Path, object_format: str) -> None:
    world = World(tmp_path, object_format=object_format, trainee=True)
    ada = world.client("ada")
    first, second = ada.draft("One."), ada.draft("Two.")
    ada.redraft(first, "One, better.")
    ada.sign(first, second)
    correction = ada.correct(first, "He came.")
    ada.addendum(first, "And left.", to=correction)
    ada.withdraw(second)
    ada.attest(ada.draft("Never signed."))
    ada.withdraw(ada.draft("Never meant."), reason="wrong-client")
    trainee, raw = ada.note("By the trainee.")
    ada.sign(trainee, raw=raw, by=SAM)
    covered, raw = ada.note("By the trainee, and read.")
    ada.sign(covered, raw=raw, by=SAM)
    ada.cosign(covered)
    ada.update(b"phone: 555-0100")
    world.save()
    verdict = world.verify()
    assert verdict.findings == ()
    counts = verdict.tally.counts
    assert (counts.signed, counts.cosignatures, counts.withdrawn, counts.attested) == (3, 1, 2, 1)
    assert [one[0] for one in sorted(verdict.tally.signers)] == ["lee-example", "sam-sample"]


def test_a_new_machine_key_and_a_revoked_one(world: World, ada: ClientLine) -> None:
    new = key("lee's second machine")
    world.admit(world.endorse(new, LEE.id, "machine", by=world.lee))
    ada.draft("With the new machine.", signing=new)
    last = ada.commits[-2]
    world.revoke(world.lee_machine)
    world.save()
    assert world.rules() == ["unsettled"]
    ada.settle(world.lee_machine, last)
    ada.draft("Later.", signing=new)
    world.save()
    assert world.rules() == []


def test_the_recovery_key_can_take_over(world: World, ada: ClientLine) -> None:
    world.revoke(world.lee, by=world.recovery)
    world.save()
    assert "unsettled" in world.rules()
    ada.settle(world.lee, ada.commits[-1], signing=world.recovery, who=RECOVERY)
    world.save()
    assert world.rules() == []


def test_a_succession_meets_the_pin_and_is_printed(world: World, ada: ClientLine) -> None:
    misfiled, raw = ada.note("About somebody else.")
    ada.sign(misfiled, raw=raw)
    world.save()
    before = ada.commits
    ada.succeed(without=[misfiled])
    world.save()
    verdict = world.verify()
    assert verdict.findings == ()
    (done,) = verdict.successions
    assert (done.ground, done.replaced, done.head, done.left_out) == ("misfiled-text", len(before), trailer(before[-1]), 1)


def test_an_exception_excuses_one_rule_at_one_commit(world: World, ada: ClientLine) -> None:
    bad = ada.commit("draft", dict([ada.note("Without a signature.")]), unsigned=True, message=ada.message("draft", "9" * 16))
    ada.excuse(bad, "commit-signature")
    world.save()
    verdict = world.verify()
    assert world.rules() == ["(commit-signature)", "message-ids"]
    assert verdict.exit_code == 1
    ada.excuse(bad, "message-ids")
    world.save()
    verdict = world.verify()
    assert verdict.findings == ()
    assert verdict.exit_code == 12
    assert {one.rule for one in verdict.exceptions} == {"commit-signature", "message-ids"}


def test_an_exception_never_excuses_its_own_commit(world: World, ada: ClientLine) -> None:
    bad = ada.commit("draft", dict([ada.note("Without a signature.")]), unsigned=True, message=ada.message("draft", "9" * 16))
    ada.excuse(bad, "commit-signature", unsigned=True)
    world.save()
    assert world.rules() == ["commit-signature", "message-ids"]


def test_only_a_policy_key_excuses(world: World, ada: ClientLine) -> None:
    bad = ada.commit("draft", dict([ada.note("Without a signature.")]), unsigned=True, message=ada.message("draft", "9" * 16))
    ada.excuse(bad, "commit-signature", signing=world.lee_machine)
    world.save()
    assert "commit-signature" in world.rules()


def test_the_rules_are_those_of_the_page() -> None:
    part = SPEC.read_text().partition("## 8")[2].partition("## 9")[0]
    rows = dict(re.findall(r"^\| `([a-z-]+)` \| (.*) \|$", part, re.MULTILINE))
    assert rows == {name: rule.what for name, rule in RULES.items()}


def test_every_rule_in_the_code_is_in_the_table() -> None:
    used = set()
    for folder in ("record/rules", "verify"):
        for file in (Path(vault.__file__).parents[1] / folder).rglob("*.py"):
            used |= set(re.findall(r'(?:report|finding|_stop)\(\s*(?:[\w.]+, [\w.]+, )?"([a-z-]+)",', file.read_text()))
            used |= set(re.findall(r'Finding\([^"()]*(?:f?"[^"]*")?[^"()]*, "([a-z-]+)",', file.read_text()))
    assert used - {"note-field"} <= set(RULES)
    assert len(used) > 40


def test_the_json_is_json(world: World, ada: ClientLine) -> None:
    value = json.loads(json.dumps(world.verify().as_json()))
    assert value["verdict"] == "verified"
    assert value["counts"]["signed"] == 2


def test_people_who_have_left(tmp_path: Path) -> None:
    world = World(tmp_path, trainee=True)
    ada = world.client("ada")
    path, raw = ada.note("By the trainee.")
    ada.sign(path, raw=raw, by=SAM)
    practice = replace(world.practice, people=(LEE, ended(SAM, "2026-11-03")))
    head = world.branches["practice"].commits[-1]
    ring = world.ring
    for one in (world.sam, world.sam_machine):
        when = world.tick().isoformat()
        ring = ring.with_revocation(one.public.fingerprint, revoked=when, reason="left", last_good=trailer(head))
    world.policy(practice=practice, ring=ring)
    for one in (world.sam, world.sam_machine):
        ada.settle(one, ada.commits[-1])
    world.save()
    assert world.rules() == []
    ada.draft("After the end.", signing=world.sam_machine, who=ident(SAM))
    world.save()
    assert "revoked-key" in world.rules()
