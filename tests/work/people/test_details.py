"""What exports print of a practice: set with the policy role, and shown."""

from __future__ import annotations

import pytest

from tests import vaults
from vaultcli.places.chart.chart import Chart
from vaultcli.work.people import details


@pytest.fixture
def world(tmp_path, monkeypatch):
    made = vaults.make(tmp_path / "vault", people=(vaults.LEE, vaults.SAM), clients=("ada",))
    monkeypatch.chdir(made.vault.root)
    return made


def test_it_is_shown_and_changed_by_a_commit_of_policy(world, cli):
    assert "address            (none)" in cli("people", "practice").out
    done = cli("people", "practice", "--address", "12 Willow Street", "--sign-within-hours", "48")
    assert done.code == 0, done.err
    assert "address            12 Willow Street\nsign-within-hours  48\n" in done.out
    done = cli("people", "practice", "--person", "lee-example", "--licence", "PSY 12345 (CA)", "--npi", "1234567893")
    assert "lee-example: Lee Example, PhD, licensed psychologist; licence PSY 12345 (CA), NPI 1234567893" in done.out
    with world.chart() as chart:
        assert chart.policy.practice.person("lee-example").npi == "1234567893"
    assert cli("verify", "--cold").code == 0
    before = cli("log", "ada").out
    assert cli("people", "practice", "--address", "12 Willow Street").code == 0
    assert cli("log", "ada").out == before


@pytest.mark.parametrize(
    ("words", "code", "told"),
    [
        (("--npi", "1234567890", "--person", "lee-example"), 5, "is no National Provider Identifier"),
        (("--licence", "x", "--person", "kim"), 3, "nobody here has the id kim"),
        (("--licence", "x\u202e", "--person", "lee-example"), 5, "the licence cannot be printed"),
        (("--address", "a\nb"), 5, "the address cannot be printed"),
        (("--npi", "1234567893"), 2, "need --person"),
        (("--person", "lee-example"), 2, "needs --licence or --npi"),
        (("--sign-within-hours", "-1"), 2, "sign-within-hours"),
    ],
)
def test_what_cannot_stand_there_is_refused(world, cli, words, code, told):
    done = cli("people", "practice", *words)
    assert done.code == code
    assert told in done.err


def test_whoever_has_no_policy_role_changes_nothing(world):
    from vaultcli.ground.errors import KeyTrouble
    from vaultcli.work.people import authority

    with Chart(world.as_person("sam-trainee")) as chart:
        text = details.changed(chart, details.Change(address="Elsewhere"))
        assert text is not None
        with pytest.raises(KeyTrouble, match="policy role"), authority.authority(chart, None, None) as by:
            details.record(chart, text, by, world.tick())
