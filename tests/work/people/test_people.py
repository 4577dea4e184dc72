"""Ending keys: every line that they signed is settled, also after an interruption; and what then counts."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

import pytest

from tests import shelf, vaults
from tests.work import lines
from vaultcli.ground.errors import BadInput, NotFound, Refused
from vaultcli.ground.ssh import sign as ssh
from vaultcli.ground.ssh.keyfiles import KeyFile
from vaultcli.ground.ssh.sign import Signer
from vaultcli.places.chart.chart import Chart
from vaultcli.record import message as messages
from vaultcli.record.practice.enrolment import Request
from vaultcli.record.practice.practice import Person
from vaultcli.verify import vault as verification
from vaultcli.work.people import keys as people_keys
from vaultcli.work.people import people
from vaultcli.work.people.authority import authority
from vaultcli.work.people.people import Ending


@shelf.made_once
def world(tmp_path) -> vaults.World:
    made = vaults.make(tmp_path / "v", [vaults.LEE, vaults.SAM])
    sam = vaults.World(made.as_person("sam-trainee"), made.clients, made.now)
    for handle in ("ada", "bo"):
        sam.write(handle, vaults.NOTE)
        lines.sign(sam, handle, "She came.")
    made.now = sam.now
    return made


def end(world: vaults.World, principal: str = "sam-trainee", *keys: str, **more: object) -> people.Ended:
    with world.chart() as chart, authority(chart, None) as by:
        return people.end(chart, Ending(principal, keys, "left", **more), by, world.tick())  # type: ignore[arg-type]


def findings(world: vaults.World) -> list[str]:
    return [one.rule for one in verification.verify(world.vault.chart, now=world.tick(), cold=True).findings]


def test_a_person_is_ended_and_all_lines_settled(world):
    done = end(world)
    assert (done.person, len(done.revoked)) == (True, 2)
    assert len(done.settled) == 4  # two lines, a personal and a machine key on each
    assert all(one.lapsed == 0 and one.counts for one in done.settled)
    assert findings(world) == []
    with world.chart() as chart:
        person = chart.policy.practice.person("sam-trainee")
        assert person is not None
        assert person.until == world.now.date().isoformat()


def test_interrupted_it_is_completed_by_doing_it_again(world, monkeypatch):
    real, calls = Chart.record, []

    def dies(self, *args, **settings):
        calls.append(1)
        if len(calls) == 2:
            raise KeyboardInterrupt
        return real(self, *args, **settings)

    with monkeypatch.context() as patch:
        patch.setattr(Chart, "record", dies)
        with pytest.raises(KeyboardInterrupt):
            end(world)
    assert "unsettled" in findings(world)
    done = end(world)
    assert (done.person, done.revoked, len(done.settled)) == (False, (), 3)
    assert findings(world) == []
    assert end(world) == people.Ended((), False, ())


def test_what_came_later_does_not_count(world):
    moment = world.now
    sam = vaults.World(world.as_person("sam-trainee"), world.clients, world.now)
    sam.tick()
    lines.sign(sam, "ada", "Never said.")
    world.now = sam.now
    done = end(world, until=moment)
    assert {(one.client == world.clients["ada"], one.lapsed > 0) for one in done.settled} == {(True, True), (False, False)}
    assert set(findings(world)) == {"revoked-key"}


def test_a_line_can_have_a_last_good_commit_of_its_own(world):
    with world.chart() as chart:
        line = chart.line(world.clients["ada"])
        good = messages.trailer(line.oids[1])
    done = end(world, lines={world.clients["ada"]: good})
    assert [one.last_good for one in done.settled if one.client == world.clients["ada"]] == [good, good]
    assert "revoked-key" in findings(world)


@pytest.mark.parametrize(
    "more",
    [
        {"last_good": "sha256:" + "0" * 64},
        {"until": datetime.fromisoformat("2020-01-01T00:00:00-05:00")},
    ],
)
def test_a_last_good_commit_is_on_its_line(world, more):
    with pytest.raises(BadInput):
        end(world, **more)


def test_no_key_ends_itself(world):
    with pytest.raises(Refused, match="would sign"):
        end(world, "lee-example")
    assert findings(world) == []


def test_nobody_and_no_key(world):
    with pytest.raises(NotFound, match="nobody"):
        end(world, "kim-office")
    with pytest.raises(NotFound, match="0 keys"):
        end(world, "sam-trainee", "SHA256:x")
    with pytest.raises(NotFound, match="2 keys"):
        end(world, "sam-trainee", "SHA256:")


def test_one_key_is_ended_and_the_person_stays(world):
    with world.chart() as chart:
        machine = chart.policy.keyring.of("sam-trainee", "machine")[0].fingerprint
    done = end(world, "sam-trainee", machine)
    assert (done.person, done.revoked) == (False, (machine,))
    assert findings(world) == []


def test_whoever_has_no_policy_role_changes_nothing(world):
    from vaultcli.ground.errors import KeyTrouble

    with (
        Chart(world.as_person("sam-trainee")) as chart,
        pytest.raises(KeyTrouble, match="policy role"),
        authority(chart, None) as by,
    ):
        people.end(chart, Ending("sam-trainee", (), "left"), by, world.tick())


# letting in


def keys(tmp_path: Path) -> tuple[KeyFile, KeyFile]:
    ssh.generate(tmp_path / "personal", "kim", None)
    ssh.generate(tmp_path / "machine", "kim", None)
    return KeyFile(tmp_path / "personal"), KeyFile(tmp_path / "machine")


def request(world: vaults.World, tmp_path: Path, principal: str) -> Request:
    personal, machine = keys(tmp_path)
    with world.chart() as chart, Signer(personal) as signer:
        vault = chart.policy.practice.vault
        entries = tuple(
            people_keys.entry(vault, principal, kind, ssh.public_key_of(key.path), by=signer, now=world.tick())
            for kind, key in (("personal", personal), ("machine", machine))
        )
        return Request(chart.genesis, principal, "Kim Office", "", entries)


def test_a_request_lets_a_person_in(world, tmp_path):
    asked = request(world, tmp_path, "kim-office")
    person = Person("kim-office", "Kim Office", "", ("biller",), "2026-11-22")
    with world.chart() as chart, authority(chart, None) as by:
        people.add(chart, person, people.vouched(chart, asked, by, world.tick()), by, world.tick())
        assert [one.kind for one in chart.policy.keyring.of("kim-office")] == ["personal", "machine"]
        with pytest.raises(Refused, match="already"):
            people.vouched(chart, asked, by, world.tick())
    assert findings(world) == []


def test_the_founder_cannot_make_a_key_that_speaks_for_a_colleague(world, tmp_path):
    asked = request(world, tmp_path, "sam-trainee")
    with world.chart() as chart, authority(chart, None) as by, pytest.raises(Refused, match="first key"):
        people.vouched(chart, asked, by, world.tick())


def test_a_request_for_another_vault(world, tmp_path):
    asked = request(world, tmp_path, "kim-office")
    other = vaults.make(tmp_path / "other")
    with other.chart() as chart, authority(chart, None) as by, pytest.raises(Refused, match="another vault"):
        people.vouched(chart, asked, by, other.tick())


def test_a_trainee_needs_a_supervisor(world):
    with world.chart() as chart, authority(chart, None) as by, pytest.raises(Refused, match="supervisor"):
        people.add(chart, Person("kim-office", "Kim", "", ("trainee",), "2026-11-22"), (), by, world.tick())


def test_nothing_to_change_is_said(world):
    with world.chart() as chart, authority(chart, None) as by, pytest.raises(Refused, match="nothing"):
        people.add(chart, None, (), by, world.tick())
