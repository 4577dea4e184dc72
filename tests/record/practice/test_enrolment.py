"""Requests for enrolment: read back as written; whatever asks for more than keys is none."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tests import sshsign
from vaultcli.ground.errors import BadInput
from vaultcli.record.practice import enrolment, keyring
from vaultcli.record.practice.enrolment import Request
from vaultcli.record.practice.keyring import Entry

KEY = sshsign.ed25519_key()
STATEMENT = keyring.statement("k3v9h2m4x7q0c5tz", "sam-trainee", "personal", (), KEY.public)
ENTRY = Entry(
    "sam-trainee", "personal", (), KEY.public, "2026-11-22T09:00:00-05:00", KEY.public.fingerprint,
    KEY.sign(STATEMENT, keyring.NAMESPACE),
)  # fmt: skip
REQUEST = Request("sha256:" + "ab" * 32, "sam-trainee", "Sam Trainee", "MA", (ENTRY,))


def test_a_request_is_read_back():
    assert enrolment.parse(enrolment.render(REQUEST), "r") == REQUEST


@pytest.mark.parametrize(
    "entries",
    [
        (),
        (replace(ENTRY, roles=("policy",)),),
        (replace(ENTRY, principal="lee-example"),),
        (replace(ENTRY, principal="recovery", kind="recovery"),),
        (replace(ENTRY, revoked=ENTRY.added, reason="lost", last_good="sha256:" + "ab" * 32),),
    ],
)
def test_it_asks_for_one_persons_keys_without_roles(entries):
    with pytest.raises(BadInput):
        enrolment.parse(enrolment.render(replace(REQUEST, entries=entries)), "r")


@pytest.mark.parametrize(
    "text", ["", "x", "vaultcli-enrolment = 2\n\n", enrolment.render(REQUEST).replace("name = ", "nome = "), "a = 1\n\nb = 2\n"]
)
def test_what_is_no_request_is_refused(text):
    with pytest.raises(BadInput):
        enrolment.parse(text, "r")
