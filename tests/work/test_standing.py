"""How a vault stands: what `status` notices beside drafts."""

from tests import vaults
from vaultcli.work import standing


def test_a_line_that_was_set_back_is_told(tmp_path):
    world = vaults.make(tmp_path / "vault")
    world.write("ada", vaults.NOTE)
    branch = f"refs/heads/client/{world.clients['ada']}"
    with world.chart() as chart:
        assert standing.stand(chart, world.tick()).doubts == ()
        head = chart.repository.head(branch.removeprefix("refs/heads/"))
        chart.repository.git.update_ref(branch, chart.repository.commit(head).parents[0], head)
    with world.chart() as chart:
        found = standing.stand(chart, world.tick()).doubts
    assert [(one.rule, one.branch) for one in found] == [("rewritten", branch.removeprefix("refs/heads/"))]


def test_a_commit_by_another_way_is_told_with_its_rules(tmp_path):
    world = vaults.make(tmp_path / "vault")
    branch = f"client/{world.clients['bo']}"
    with world.chart() as chart:
        head = chart.repository.head(branch)
        tree = chart.repository.commit(head).tree
        text = f"tree {tree}\nparent {head}\nauthor A <a> 1800000000 +0000\ncommitter A <a> 1800000000 +0000\n\nhello\n"
        chart.repository.git.update_ref(f"refs/heads/{branch}", chart.repository.git.write_commit(text.encode()), head)
    with world.chart() as chart:
        rules = {one.rule for one in standing.stand(chart, world.tick()).doubts}
    assert {"message", "commit-signature"} <= rules
