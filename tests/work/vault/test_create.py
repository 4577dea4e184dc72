"""Founding a vault, killed at every step and repeated; and everything that it refuses."""

from __future__ import annotations

import os
from datetime import datetime
from pathlib import Path

import pytest

from tests import everyday
from vaultcli.ground import files
from vaultcli.ground.errors import Conflict, KeyTrouble, Refused
from vaultcli.ground.repository.repository import Repository
from vaultcli.ground.ssh import keyfiles
from vaultcli.ground.ssh import sign as ssh
from vaultcli.places.chart.chart import Chart
from vaultcli.places.machine import pins
from vaultcli.places.machine import vault as vaults
from vaultcli.places.remote import hooks
from vaultcli.record.paper import recovery_page
from vaultcli.verify import vault as verification
from vaultcli.work.people import keys
from vaultcli.work.people.keys import KeyChoice
from vaultcli.work.vault import create
from vaultcli.work.vault.create import Founder

NOW = datetime.fromisoformat("2026-11-22T09:00:00-05:00")


class Killed(BaseException):
    """What ends a command at once, as kill -9 does: nothing of ours catches it."""


def founder(tmp_path: Path, key: KeyChoice | None = None) -> Founder:
    return Founder("Lee Example", "PhD", "Riverside Counseling", tmp_path / "page.txt", key or KeyChoice(), "lee-example")


def whole(root: Path, tmp_path: Path) -> None:
    """The vault is complete, verifies, and the page opens it."""
    vault = vaults.load(root)
    verdict = verification.verify(vault.chart, now=NOW)
    assert (verdict.findings, verdict.pins is not None) == ((), True)
    with Chart(vault) as chart:
        page = recovery_page.parse((tmp_path / "page.txt").read_text())
        assert page.genesis == chart.genesis
        assert page.vault == chart.policy.practice.vault
        entry = chart.policy.keyring.by_key(page.key)
        assert entry is not None
        assert (entry.kind, entry.policy) == ("recovery", True)
        assert [one.kind for one in chart.policy.keyring.of("lee-example")] == ["personal", "machine"]
        assert len(pins.find(chart.repository.clone_id)) == 1
        assert chart.recorder is not None
    assert (tmp_path / "page.txt").stat().st_mode & 0o777 == 0o600
    assert vault.keys.stat().st_mode & 0o777 == 0o700
    assert not any(path.is_relative_to(root) for path in vault.keys.iterdir())
    assert [path for path in vault.keys.iterdir() if path.name.startswith(".")] == []


def test_a_vault_is_founded(tmp_path):
    done = create.found(tmp_path / "v", founder(tmp_path), NOW, None)
    whole(tmp_path / "v", tmp_path)
    assert "first commit" in done.made
    assert done.kept == []


STEPS = [
    (files, "create"),
    (ssh, "generate"),
    (keyfiles, "clear"),
    (Repository, "create"),
    (Repository, "root"),
    (Repository, "advance"),
    (create, "_first_commit"),
    (create, "_pin"),
    (keys, "entry"),
    (hooks, "install"),
]


@pytest.mark.parametrize(
    ("where", "name", "after"),
    everyday.some([(*step, after) for step in STEPS for after in (False, True)], 3),
    ids=lambda value: getattr(value, "__name__", value),
)
def test_killed_at_any_step_and_repeated_it_is_whole(tmp_path, monkeypatch, where, name, after):
    """Before and after the first call, the second, and so on until there is none."""
    for times in range(1, 20):
        place = tmp_path / str(times)
        place.mkdir()
        if not dies(place, monkeypatch, where, name, times, after=after):
            assert times > 1
            return
        create.found(place / "v", founder(place), NOW, None)
        whole(place / "v", place)
        assert create.found(place / "v", founder(place), NOW, None).made == []


def dies(place: Path, monkeypatch, where, name: str, times: int, *, after: bool) -> bool:
    """Found a vault, killed before or after the so-manieth call of a step; False where it is not called so often."""
    calls = 0
    real = getattr(where, name)

    def step(*args, **settings):
        nonlocal calls
        calls += 1
        if calls == times and not after:
            raise Killed
        result = real(*args, **settings)
        if calls == times:
            raise Killed
        return result

    with monkeypatch.context() as patch:
        patch.setattr(where, name, step)
        try:
            create.found(place / "v", founder(place), NOW, None)
        except Killed:
            return True
    return False


def test_what_the_page_was_written_for_is_completed_without_another_signature(tmp_path, monkeypatch):
    with monkeypatch.context() as patch:
        patch.setattr(create, "_pin", lambda *_: (_ for _ in ()).throw(Killed))
        with pytest.raises(Killed):
            create.found(tmp_path / "v", founder(tmp_path), NOW, None)
    before = (tmp_path / "page.txt").read_bytes()
    monkeypatch.setattr(ssh.Signer, "sign", lambda *_: pytest.fail("signed"))
    create.found(tmp_path / "v", founder(tmp_path), NOW, None)
    assert (tmp_path / "page.txt").read_bytes() == before
    whole(tmp_path / "v", tmp_path)


def test_one_prompt_in_all(tmp_path):
    ssh.generate(tmp_path / "mine", "lee", "correct horse")
    asked = []
    create.found(
        tmp_path / "v",
        founder(tmp_path, KeyChoice(str(tmp_path / "mine"))),
        NOW,
        lambda prompt: asked.append(prompt) or "correct horse",
    )
    assert len(asked) == 1
    whole(tmp_path / "v", tmp_path)


def test_a_passphrase_that_was_just_chosen_is_not_asked_for(tmp_path):
    create.found(tmp_path / "v", founder(tmp_path, KeyChoice("new", "correct horse")), NOW, None)
    whole(tmp_path / "v", tmp_path)
    assert ssh.is_encrypted(vaults.load(tmp_path / "v").keys / "personal")


@pytest.mark.parametrize("page", ["v/page.txt", "v/chart/page.txt", "keys/page.txt"])
def test_the_page_lies_outside_vault_and_key_store(tmp_path, page):
    given = founder(tmp_path)
    given = Founder(**{**given.__dict__, "page": tmp_path / page, "keys": tmp_path / "keys"})
    with pytest.raises(Refused, match="inside"):
        create.found(tmp_path / "v", given, NOW, None)
    assert list(tmp_path.iterdir()) == []


def test_a_link_does_not_lead_the_page_inside(tmp_path):
    (tmp_path / "v").mkdir()
    (tmp_path / "away").symlink_to(tmp_path / "v")
    given = Founder(**{**founder(tmp_path).__dict__, "page": tmp_path / "away" / "page.txt"})
    with pytest.raises(Refused, match="inside"):
        create.found(tmp_path / "v", given, NOW, None)


def test_no_file_is_taken_for_a_page(tmp_path):
    (tmp_path / "page.txt").write_text("my diary")
    with pytest.raises(Conflict):
        create.found(tmp_path / "v", founder(tmp_path), NOW, None)
    assert (tmp_path / "page.txt").read_text() == "my diary"
    assert not (tmp_path / "v").exists()


def test_a_folder_with_something_in_it_is_left_alone(tmp_path):
    (tmp_path / "v").mkdir()
    (tmp_path / "v" / "thesis.txt").write_text("x")
    with pytest.raises(Refused, match="thesis"):
        create.found(tmp_path / "v", founder(tmp_path), NOW, None)


def test_a_lost_pin_comes_back_only_while_the_record_is_what_was_founded(tmp_path):
    create.found(tmp_path / "v", founder(tmp_path), NOW, None)
    vault = vaults.load(tmp_path / "v")
    with Chart(vault) as chart:
        pin = pins.path(chart.genesis.partition(":")[2], chart.repository.clone_id)
    pin.unlink()
    (vault.keys / "personal").rename(tmp_path / "gone")
    ssh.generate(vault.keys / "other", "mallory", None)
    os.rename(vault.keys / "other", vault.keys / "personal")
    create.found(tmp_path / "v", founder(tmp_path), NOW, None)
    assert not pin.exists()
    os.rename(tmp_path / "gone", vault.keys / "personal")
    create.found(tmp_path / "v", founder(tmp_path), NOW, None)
    assert pin.exists()


def test_the_agents_key_must_be_meant(tmp_path):
    with pytest.raises(KeyTrouble):
        create.found(tmp_path / "v", founder(tmp_path, KeyChoice("agent")), NOW, None)
