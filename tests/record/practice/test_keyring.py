"""`signers.toml`: one form, and nothing in it that a tool could read another way."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tests.record.world import RING, START, VAULT, ZONE, entry, key
from vaultcli.ground.errors import BadInput
from vaultcli.ground.ssh import allowed_signers, sshsig
from vaultcli.record.practice import keyring
from vaultcli.record.practice.keyring import Keyring
from vaultcli.record.times import git_time

GOOD = "sha256:" + "a" * 64
ENDED = RING.with_revocation(
    key("kim").public.fingerprint, revoked="2027-01-04T15:00:00-05:00", reason="lost", last_good=GOOD
)


@pytest.mark.parametrize("ring", [Keyring(()), RING, ENDED])
def test_round_trip(ring: Keyring):
    assert keyring.parse(keyring.render(ring)) == ring


def test_what_strangers_read():
    lines = allowed_signers.parse(keyring.render_allowed(ENDED))
    assert [(one.principal, one.namespaces, one.valid_before) for one in lines if one.principal in ("recovery", "kim-demo")] == [
        ("recovery", ("git", "signer@vaultcli.v1", "exception@vaultcli.v1"), None),
        ("kim-demo", ("git", "*@vaultcli.v1"), "20270104200000Z"),
        ("kim-demo", ("git",), None),
    ]


def test_the_statement():
    text = keyring.statement(VAULT, "lee-example", "personal", (), key("lee").public).decode()
    assert text == (
        f"vaultcli signer 1\nvault: {VAULT}\nprincipal: lee-example\nkind: personal\nroles: -\nkey: {key('lee').public.line}\n"
    )


TEXT = keyring.render(ENDED)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("vaultcli = 1\n", "vaultcli = 2\n"),
        ("vaultcli = 1\n", "vaultcli = 1.0\n"),
        ("vaultcli = 1\n", "# mine\nvaultcli = 1\n"),
        ("\n[[key]]", "\n\n[[key]]"),
        ('principal = "lee-example"', 'principal = "recovery"'),
        ('principal = "recovery"', 'principal = "lee-example"'),
        ('principal = "lee-example"', 'principal = "lee*"'),
        ('kind = "machine"\nroles = []', 'kind = "machine"\nroles = ["policy"]'),
        ('roles = ["policy"]', 'roles = ["admin"]'),
        ('roles = ["policy"]', 'roles = "policy"'),
        ('fingerprint = "SHA256:', 'fingerprint = "SHA256:x'),
        ('key = "ssh-ed25519 ', 'key = "ssh-dss '),
        (f'added = "{git_time(START, ZONE)}"', 'added = "2026-11-22"'),
        ('revoked = "2027-01-04T15:00:00-05:00"', 'revoked = "2027-01-04T15:00:00"'),
        ('revoked = "2027-01-04T15:00:00-05:00"', 'revoked = "2927-01-04T15:00:00-05:00"'),
        ('revoked = "2027-01-04T15:00:00-05:00"', 'revoked = "garbage"'),
        ('revoked = "2027-01-04T15:00:00-05:00"', 'revoked = ""'),
        ('reason = "lost"', 'reason = "bored"'),
        (f'last-good = "{GOOD}"', 'last-good = "HEAD"'),
        (f'last-good = "{GOOD}"\n', ""),
        ("vaultcli = 1\n", "vaultcli = 1\nx = " + "[" * 20_000 + "\n"),
    ],
)
def test_refused(old: str, new: str):
    assert old in TEXT
    with pytest.raises(BadInput):
        keyring.parse(TEXT.replace(old, new, 1))


def test_a_key_stands_once():
    with pytest.raises(BadInput):
        keyring.parse(keyring.render(RING.with_entry(replace(RING.entries[3], principal="kim-demo"))))


def test_finding_entries():
    lee = key("lee").public
    assert RING.by_key(lee) is RING.by_fingerprint(lee.fingerprint)
    assert RING.by_key(key("stranger").public) is None
    assert [e.kind for e in ENDED.of("kim-demo")] == ["machine"]
    assert RING.of("lee-example", "personal") == (RING.entries[1],)


def test_an_endorsement_belongs_to_one_vault_one_person_one_kind_one_role():
    made = entry("new", "lee-example", "personal", "lee")
    assert keyring.endorsement_problem(RING, made, VAULT, sshsig.verify) == ""
    for other, vault in (
        (made, "0" * 16),
        (replace(made, principal="kim-demo"), VAULT),
        (replace(made, kind="machine"), VAULT),
        (replace(made, roles=("policy",)), VAULT),
        (replace(made, key=key("other").public), VAULT),
    ):
        assert "does not verify" in keyring.endorsement_problem(RING, other, vault, sshsig.verify)


def test_reach_ends_where_vouching_goes_in_a_circle():
    one = entry("p1", "recovery", "recovery", "p2")
    two = entry("p2", "recovery", "recovery", "p1")
    assert keyring.reach(Keyring((one, two)), one) == "recovery"
