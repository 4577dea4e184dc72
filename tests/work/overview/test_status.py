"""How a vault stands: what `status` notices beside drafts."""

import shutil

import pytest

from tests import vaults
from tests.helpers import store_object
from vaultcli.cli.see import status
from vaultcli.ground.git.plumbing import Git
from vaultcli.work.index import lines, mtimes
from vaultcli.work.overview import status as overview


def test_a_line_that_was_set_back_is_told(tmp_path):
    world = vaults.make(tmp_path / "vault")
    world.write("ada", vaults.NOTE)
    branch = f"refs/heads/client/{world.clients['ada']}"
    with world.chart() as chart:
        assert overview.stand(chart, world.tick()).doubts == ()
        head = chart.repository.head(branch.removeprefix("refs/heads/"))
        chart.repository.git.update_ref(branch, chart.repository.commit(head).parents[0], head)
    with world.chart() as chart:
        found = overview.stand(chart, world.tick()).doubts
    assert [(one.rule, one.branch) for one in found] == [("rewritten", branch.removeprefix("refs/heads/"))]


def test_a_commit_by_another_way_is_told_with_its_rules(tmp_path):
    world = vaults.make(tmp_path / "vault")
    branch = f"client/{world.clients['bo']}"
    with world.chart() as chart:
        head = chart.repository.head(branch)
        tree = chart.repository.commit(head).tree
        text = f"tree {tree}\nparent {head}\nauthor A <a> 1800000000 +0000\ncommitter A <a> 1800000000 +0000\n\nhello\n"
        chart.repository.git.update_ref(f"refs/heads/{branch}", store_object(chart.repository.git, text.encode(), "commit"), head)
    with world.chart() as chart:
        rules = {one.rule for one in overview.stand(chart, world.tick()).doubts}
    assert {"message", "commit-signature"} <= rules


def test_what_is_remembered_is_told_without_git(tmp_path, monkeypatch):
    world = vaults.make(tmp_path / "v", clients=("ada", "bo"))
    (world.vault.chart / "clients" / world.clients["ada"] / "stranger.txt").write_text("x")
    with world.chart() as chart:
        first = overview.stand(chart, world.now)
    monkeypatch.setattr(Git, "start", lambda *_, **__: pytest.fail("git was started"))
    monkeypatch.setattr(Git, "run", lambda *_, **__: pytest.fail("git was run"))
    monkeypatch.setattr(lines._Store, "_look", lambda self, chart, client, row, *_: lines._from_row(client, row))
    with world.chart() as chart:
        again = overview.stand(chart, world.now)
    assert again == first
    assert [(file.handle, file.path) for file in again.strangers] == [("ada", "stranger.txt")]


def test_a_handle_is_the_recorded_one_where_the_file_says_another(tmp_path):
    world = vaults.make(tmp_path / "v", clients=("ada",))
    entry = world.vault.chart / "clients" / world.clients["ada"] / "client.md"
    entry.write_bytes(entry.read_bytes().replace(b"handle: ada", b"handle: eve"))
    with world.chart() as chart:
        assert [file.handle for file in overview.stand(chart, world.now).edited] == ["ada"]


def test_times_that_were_taken_before_something_was_mended_are_not_used(tmp_path, monkeypatch):
    """The folder of a line went, and is written again as the chart is opened: it is told as it is then."""
    world = vaults.make(tmp_path / "v", clients=("ada",))
    shutil.rmtree(world.vault.chart / "clients" / world.clients["ada"])
    monkeypatch.setattr(overview, "stand", lambda chart, now, step, stamps, heads: stamps)
    with mtimes.Stamps(world.vault) as taken:
        assert status._look(world.vault, world.now, taken, mend=False)[0] is None
    with mtimes.Stamps(world.vault) as taken:
        assert status._look(world.vault, world.now, taken, mend=False)[0] is taken
        assert status._look(world.vault, world.now, taken, mend=True)[0] is None
